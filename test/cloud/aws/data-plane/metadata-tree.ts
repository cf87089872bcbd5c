import type { TemporaryCredentials } from "./credentials.ts";
import type { DeclaredInstance } from "./declared-instance.ts";

/** A folder of the metadata service: what is below, by name. */
export interface MetadataFolder {
  readonly [name: string]: MetadataFolder | string;
}

/** Versions of the service that are asked for by name. */
export const METADATA_VERSIONS = ["1.0", "2009-04-04", "2016-09-02", "2018-09-24", "2021-03-23", "2024-04-11", "latest"];

/** All that an instance can read about itself below `meta-data` and `dynamic`. */
export function metadataTree(instance: DeclaredInstance, issue: () => TemporaryCredentials | undefined): MetadataFolder {
  const { id, record, region, zone, machine } = instance;
  const internalName = `${machine.hostname}.${region}.compute.internal`;
  const names = { "local-hostname": internalName, ...(machine.publicAddress === undefined ? {} : { "public-hostname": "" }) };
  const addresses = {
    "local-ipv4": machine.address,
    ...(machine.publicAddress === undefined ? {} : { "public-ipv4": machine.publicAddress }),
  };
  return {
    "meta-data": {
      "ami-id": String(record.ami ?? "ami-00000000000000000"),
      "ami-launch-index": "0",
      hostname: internalName,
      "instance-id": id,
      "instance-life-cycle": "on-demand",
      "instance-type": String(record.instanceType ?? "t3.micro"),
      mac: machine.mac,
      ...names,
      ...addresses,
      ...(machine.ipv6Address === undefined ? {} : { ipv6: machine.ipv6Address }),
      network: { interfaces: { macs: { [machine.mac]: interfaceFolder(instance, { ...names, ...addresses }) } } },
      placement: { "availability-zone": zone, region },
      ...(instance.keyPair === undefined
        ? {}
        : { "public-keys": { [`0=${instance.keyPair.name}`]: { "openssh-key": `${instance.keyPair.publicKey.trim()}\n` } } }),
      "reservation-id": `r-${id.slice(2)}`,
      ...(instance.securityGroupIds.length === 0 ? {} : { "security-groups": instance.securityGroupIds.join("\n") }),
      services: { domain: "amazonaws.com", partition: "aws" },
      ...identityFolder(instance, issue),
    },
    dynamic: { "instance-identity": { document: identityDocument(instance) } },
  };
}

function interfaceFolder(
  { machine, accountId, networkInterfaceId, subnetId, subnetBlock, securityGroupIds }: DeclaredInstance,
  names: MetadataFolder,
): MetadataFolder {
  const { "local-ipv4": local, "public-ipv4": shown, ...rest } = names;
  return {
    ...rest,
    "device-number": "0",
    "interface-id": networkInterfaceId,
    "local-ipv4s": local ?? "",
    mac: machine.mac,
    "owner-id": accountId,
    ...(shown === undefined ? {} : { "public-ipv4s": shown, "ipv4-associations": { [String(shown)]: machine.address } }),
    ...(machine.ipv6Address === undefined ? {} : { ipv6s: machine.ipv6Address }),
    "security-group-ids": securityGroupIds.join("\n"),
    ...(subnetId === undefined ? {} : { "subnet-id": subnetId }),
    "subnet-ipv4-cidr-block": subnetBlock,
  };
}

function identityFolder({ role }: DeclaredInstance, issue: () => TemporaryCredentials | undefined): MetadataFolder {
  const credentials = issue();
  if (role === undefined || credentials === undefined) return {};
  const updated = instant(credentials.issuedAt);
  return {
    iam: {
      info: json({ Code: "Success", LastUpdated: updated, InstanceProfileArn: role.profileArn, InstanceProfileId: role.profileId }),
      "security-credentials": {
        [role.name]: json({
          Code: "Success",
          LastUpdated: updated,
          Type: "AWS-HMAC",
          AccessKeyId: credentials.keyId,
          SecretAccessKey: credentials.secret,
          Token: credentials.token,
          Expiration: instant(credentials.expiresAt),
        }),
      },
    },
  };
}

function identityDocument({ id, record, region, zone, accountId, machine }: DeclaredInstance): string {
  return json({
    accountId,
    architecture: "x86_64",
    availabilityZone: zone,
    imageId: record.ami ?? "ami-00000000000000000",
    instanceId: id,
    instanceType: record.instanceType ?? "t3.micro",
    pendingTime: "2026-01-01T00:00:00Z",
    privateIp: machine.address,
    region,
    version: "2017-09-30",
  });
}

/** The service's times have no parts of seconds. */
function instant(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** What is at a path, rendered: a value, or the names below a folder; `undefined` where nothing is. */
export function readMetadata(tree: MetadataFolder, path: readonly string[]): string | undefined {
  let place: MetadataFolder | string | undefined = tree;
  for (const [index, name] of path.entries()) {
    if (typeof place !== "object") return undefined;
    // A key pair is listed as `0=name`, and asked for by its number.
    place =
      place[name] ??
      (path[index - 1] === "public-keys" ? Object.entries(place).find(([key]) => key.startsWith(`${name}=`))?.[1] : undefined);
  }
  if (typeof place !== "object") return place;
  return Object.entries(place)
    .map(([name, below]) => (typeof below === "object" && !name.includes("=") ? `${name}/` : name))
    .join("\n");
}
