import { createHash } from "node:crypto";
import type { DebianRelease, MachineDeclaration } from "../../machine/cloud-adaptor.ts";
import { object, objects, recordsOf, text, texts } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { metadataOf } from "../control-plane/metadata.ts";
import { nameIn } from "../control-plane/project.ts";
import { seedsOf } from "../control-plane/seeds.ts";
import { TYPE } from "../control-plane/types.ts";
import { firewallRules } from "./firewall-rules.ts";

/** An instance with what belongs to it. */
export interface DeclaredInstance {
  /** The number that Compute Engine gave it; machines are known by it. */
  readonly id: string;
  readonly record: WorldRecord;
  readonly name: string;
  readonly project: string;
  readonly projectNumber: string;
  readonly zone: string;
  readonly machine: MachineDeclaration;
  readonly metadata: Readonly<Record<string, string>>;
  readonly serviceAccount: InstanceServiceAccount | undefined;
  readonly network: string;
  readonly subnetBlock: string;
  readonly tags: readonly string[];
}

/** The service account an instance has, and what its tokens are good for. */
export interface InstanceServiceAccount {
  readonly email: string;
  readonly scopes: readonly string[];
}

/** The instances of a world that a machine can be made of. */
export function declaredInstances(state: WorldState): DeclaredInstance[] {
  return recordsOf(state, TYPE.instance).map(([, record]) => declaredInstance(state, record));
}

function declaredInstance(state: WorldState, record: WorldRecord): DeclaredInstance {
  const { project, projectNumber } = seedsOf(state);
  const [card] = objects(record, "networkInterfaces");
  const name = text(record, "name") ?? "";
  const zone = nameIn(record.zone);
  const id = text(record, "instanceId") ?? "";
  const address = text(card, "networkIp") ?? "";
  const network = text(card, "network") ?? "";
  const subnet = recordsOf(state, TYPE.subnetwork).find(([subnetworkId]) => text(card, "subnetwork")?.endsWith(subnetworkId))?.[1];
  const subnetBlock = text(subnet, "ipCidrRange") ?? `${address}/32`;
  const publicAddress = text(objects(card, "accessConfigs")[0], "natIp");
  const account = object(record, "serviceAccount");
  const email = text(account, "email");
  const tags = texts(record, "tags");
  return {
    id,
    record,
    name,
    project,
    projectNumber,
    zone,
    machine: {
      id,
      hostname: name,
      release: releaseOf(text(object(object(record, "bootDisk"), "initializeParams"), "image")),
      address,
      // An instance has its address alone, and reaches even its neighbours through the router.
      prefixLength: 32,
      router: text(subnet, "gatewayAddress") ?? subnetBlock.split("/")[0]?.replace(/\d+$/, (last) => `${Number(last) + 1}`) ?? "",
      interfaceName: "ens4",
      mac: macOf(address),
      ...(publicAddress === undefined ? {} : { publicAddress }),
      rules: firewallRules(
        state,
        { network, serviceAccount: email, tags },
        publicAddress !== undefined || subnet?.privateIpGoogleAccess === true,
      ),
      metadataHops: 64,
    },
    metadata: metadataOf(record),
    serviceAccount: email === undefined ? undefined : { email, scopes: texts(account, "scopes") },
    network: nameIn(network),
    subnetBlock,
    tags,
  };
}

/** Compute Engine makes it of the address. */
function macOf(address: string): string {
  const octets = address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return octets.length === 4
    ? `42:01:${octets.join(":")}`
    : `42:01:${createHash("sha256")
        .update(address)
        .digest("hex")
        .slice(0, 8)
        .replace(/..(?=.)/g, "$&:")}`;
}

/** Ubuntu has no root file system here, and is stood in for by the Debian that is nearest to it. */
function releaseOf(image = ""): DebianRelease {
  return nameIn(image).startsWith("debian-12-") ? "bookworm" : "trixie";
}
