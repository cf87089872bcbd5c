import { createHash } from "node:crypto";
import { isIPv4 } from "node:net";
import type { DebianRelease, MachineDeclaration } from "../../machine/cloud-adaptor.ts";
import { object, objects, recordsOf, text, texts } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { TYPE } from "../control-plane/types.ts";
import { securityGroupRules } from "./security-group.ts";

/** An instance with what belongs to it. */
export interface DeclaredInstance {
  readonly id: string;
  readonly record: WorldRecord;
  readonly region: string;
  readonly zone: string;
  readonly accountId: string;
  readonly machine: MachineDeclaration;
  readonly metadata: MetadataOptions;
  readonly userData: Buffer | undefined;
  readonly role: InstanceRole | undefined;
  readonly keyPair: { readonly name: string; readonly publicKey: string } | undefined;
  readonly subnetId: string | undefined;
  readonly subnetBlock: string;
  readonly networkInterfaceId: string;
  readonly securityGroupIds: readonly string[];
}

/** How an instance may be asked about itself. */
export interface MetadataOptions {
  readonly isEnabled: boolean;
  readonly requiresToken: boolean;
}

/** The role of an instance's profile. */
export interface InstanceRole {
  readonly name: string;
  readonly profileArn: string;
  readonly profileId: string;
}

/** The instances of a world that a machine can be made of: each has an interface with an address. */
export function declaredInstances(state: WorldState): DeclaredInstance[] {
  return recordsOf(state, TYPE.instance).flatMap(([id, record]) => {
    const instance = declaredInstance(state, id, record);
    return instance === undefined ? [] : [instance];
  });
}

function declaredInstance(state: WorldState, id: string, record: WorldRecord): DeclaredInstance | undefined {
  const networkInterfaceId =
    text(object(record, "primaryNetworkInterface"), "networkInterfaceId") ??
    text(objects(record, "networkInterfaces")[0], "networkInterfaceId") ??
    text(record, "primaryNetworkInterfaceId");
  const card = networkInterfaceId === undefined ? undefined : state.records[TYPE.networkInterface]?.[networkInterfaceId];
  const address = text(card, "privateIp") ?? text(record, "privateIp");
  if (address === undefined || !isIPv4(address)) return undefined;

  const subnetId = text(card, "subnetId") ?? text(record, "subnetId");
  const subnet = subnetId === undefined ? undefined : state.records[TYPE.subnet]?.[subnetId];
  const subnetBlock = text(subnet, "cidrBlock") ?? `${address.replace(/\d+$/, "0")}/24`;
  const zone = text(record, "availabilityZone") ?? text(subnet, "availabilityZone") ?? "us-east-1a";
  const groups = card === undefined ? texts(record, "vpcSecurityGroupIds") : texts(card, "securityGroups");
  const ipv6Address = texts(card ?? record, "ipv6Addresses")[0];
  const publicAddress = elasticAddress(state, id, networkInterfaceId) ?? text(record, "publicIp");
  const options = object(record, "metadataOptions");
  return {
    id,
    record,
    region: text(record, "region") ?? zone.replace(/[a-z]$/, ""),
    zone,
    accountId: text(record, "arn")?.split(":")[4] ?? "123456789012",
    machine: {
      id,
      hostname: `ip-${address.replaceAll(".", "-")}`,
      release: releaseOf(state, text(record, "ami")),
      address,
      prefixLength: Number(subnetBlock.split("/")[1]),
      router: firstHost(subnetBlock),
      interfaceName: "ens5",
      mac:
        text(card, "macAddress") ??
        `02:${createHash("sha256")
          .update(id)
          .digest("hex")
          .slice(0, 10)
          .replace(/..(?=.)/g, "$&:")}`,
      ...(publicAddress === undefined ? {} : { publicAddress }),
      ...(ipv6Address === undefined ? {} : { ipv6Address }),
      rules: securityGroupRules(state, groups),
      metadataHops: Number(options?.httpPutResponseHopLimit ?? 1),
    },
    metadata: { isEnabled: options?.httpEndpoint !== "disabled", requiresToken: options?.httpTokens === "required" },
    userData: userDataOf(record),
    role: roleOf(state, text(record, "iamInstanceProfile")),
    keyPair: keyPairOf(state, text(record, "keyName")),
    subnetId,
    subnetBlock,
    networkInterfaceId: networkInterfaceId ?? `eni-${id.slice(2)}`,
    securityGroupIds: groups,
  };
}

/** An association names the interface or the instance; an address can also name either by itself. */
function elasticAddress(state: WorldState, instanceId: string, networkInterfaceId: string | undefined): string | undefined {
  const isOurs = (record: WorldRecord, instance: string) =>
    record[instance] === instanceId ||
    (networkInterfaceId !== undefined && [record.networkInterfaceId, record.networkInterface].includes(networkInterfaceId));
  for (const [, association] of recordsOf(state, TYPE.eipAssociation)) {
    if (!isOurs(association, "instanceId")) continue;
    const eip = recordsOf(state, TYPE.eip).find(([id, one]) => [id, one.allocationId].includes(association.allocationId));
    return text(eip?.[1], "publicIp") ?? text(association, "publicIp");
  }
  const eip = recordsOf(state, TYPE.eip).find(([, one]) => isOurs(one, "instance"));
  return text(eip?.[1], "publicIp");
}

/** Ubuntu has no root file system here, and is stood in for by the Debian that is nearest to it. */
function releaseOf(state: WorldState, imageId: string | undefined): DebianRelease {
  const { images } = (state.seeds?.aws ?? {}) as { images?: readonly { imageId: string; name: string }[] };
  const name = images?.find((image) => image.imageId === imageId)?.name ?? "";
  return name.startsWith("debian-12-") ? "bookworm" : "trixie";
}

/** The provider's user data is a text; where it is handed over as base64, that is decoded before an instance sees it. */
function userDataOf(record: WorldRecord): Buffer | undefined {
  const plain = text(record, "userData");
  if (plain !== undefined) return Buffer.from(plain);
  const encoded = text(record, "userDataBase64");
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64");
}

function roleOf(state: WorldState, profileName: string | undefined): InstanceRole | undefined {
  const profile = recordsOf(state, TYPE.instanceProfile).find(([id, one]) => [id, one.name].includes(profileName))?.[1];
  const role = text(profile, "role");
  if (role === undefined || profileName === undefined) return undefined;
  return {
    name: role.slice(role.lastIndexOf("/") + 1),
    profileArn: text(profile, "arn") ?? `arn:aws:iam::123456789012:instance-profile/${profileName}`,
    profileId: text(profile, "uniqueId") ?? "AIPAEXAMPLEEXAMPLE00",
  };
}

function keyPairOf(state: WorldState, name: string | undefined): DeclaredInstance["keyPair"] {
  const record = recordsOf(state, TYPE.keyPair).find(([id, one]) => [id, one.keyName].includes(name))?.[1];
  const publicKey = text(record, "publicKey");
  return name === undefined || publicKey === undefined ? undefined : { name, publicKey };
}

/** The router of a subnet has its first address. */
function firstHost(block: string): string {
  const [network = ""] = block.split("/");
  return network.replace(/\d+$/, (last) => `${Number(last) + 1}`);
}
