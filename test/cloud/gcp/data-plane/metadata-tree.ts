import { parseCidr } from "../../../../components/core/cidr.ts";
import { renderAddress } from "../../world/cidr-blocks.ts";
import type { DeclaredInstance } from "./declared-instance.ts";

/** A folder of the metadata service: what is below, by name. */
export interface MetadataFolder {
  readonly [name: string]: MetadataNode;
}

/**
 * What is at a path. A list of values is one value of several lines; a list of folders is a folder with numbers for
 * names. A value that is read at its own path only, as a token is, is made when it is asked for.
 */
export type MetadataNode = string | number | readonly string[] | readonly MetadataFolder[] | MetadataFolder | (() => string);

/** All that an instance can read, below the version of the service. */
export function metadataTree(
  { id, record, name, project, projectNumber, zone, machine, metadata, serviceAccount, network, subnetBlock, tags }: DeclaredInstance,
  projectMetadata: Readonly<Record<string, string>>,
  issueToken: () => string,
  osLogin: MetadataFolder,
): MetadataFolder {
  const account: MetadataFolder | undefined =
    serviceAccount === undefined
      ? undefined
      : { aliases: ["default"], email: serviceAccount.email, scopes: serviceAccount.scopes, token: issueToken };
  return {
    instance: {
      attributes: metadata,
      "cpu-platform": String(record.cpuPlatform),
      description: String(record.description ?? ""),
      disks: [{ "device-name": "persistent-disk-0", index: 0, interface: "SCSI", mode: "READ_WRITE", type: "PERSISTENT-BALANCED" }],
      "guest-attributes": {},
      hostname: `${name}.${zone}.c.${project}.internal`,
      id,
      image: imageOf(record),
      "legacy-endpoint-access": { "0.1": 0, v1beta1: 0 },
      licenses: [],
      "machine-type": `projects/${projectNumber}/machineTypes/${String(record.machineType)}`,
      "maintenance-event": "NONE",
      name,
      "network-interfaces": [
        {
          ...(machine.publicAddress === undefined
            ? { "access-configs": [] }
            : { "access-configs": [{ "external-ip": machine.publicAddress, type: "ONE_TO_ONE_NAT" }] }),
          "dns-servers": ["169.254.169.254"],
          "forwarded-ips": [],
          gateway: machine.router,
          ip: machine.address,
          "ip-aliases": [],
          mac: machine.mac,
          mtu: 1460,
          network: `projects/${projectNumber}/networks/${network}`,
          subnetmask: maskOf(subnetBlock),
          "target-instance-ips": [],
        },
      ],
      preempted: "FALSE",
      "remaining-cpu-time": -1,
      scheduling: { "automatic-restart": "TRUE", "on-host-maintenance": "MIGRATE", preemptible: "FALSE" },
      "service-accounts":
        account === undefined || serviceAccount === undefined ? {} : { default: account, [serviceAccount.email]: account },
      tags: JSON.stringify(tags),
      "virtual-clock": { "drift-token": "0" },
      zone: `projects/${projectNumber}/zones/${zone}`,
    },
    oslogin: osLogin,
    project: { attributes: projectMetadata, "numeric-project-id": Number(projectNumber), "project-id": project },
  };
}

/** What is at a path, or `undefined` where nothing is. */
export function findNode(tree: MetadataFolder, path: readonly string[]): MetadataNode | undefined {
  let node: MetadataNode | undefined = tree;
  for (const name of path) {
    const folder = asFolder(node);
    if (folder === undefined || !Object.hasOwn(folder, name)) return undefined;
    node = folder[name];
  }
  return node;
}

/** A node as a folder, or `undefined` where it is a value. */
export function asFolder(node: MetadataNode | undefined): MetadataFolder | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  if (!Array.isArray(node)) return node as MetadataFolder;
  return node.some((one) => typeof one === "string") ? undefined : (Object.fromEntries(node.entries()) as MetadataFolder);
}

/** Names of the service in JSON: those that Google gave are written together, those that people gave stay. */
export function toJson(node: MetadataNode, path: readonly string[] = []): unknown {
  if (typeof node === "function") return undefined;
  // The one value that is JSON by itself.
  if (typeof node !== "object") return path.join("/") === "instance/tags" ? JSON.parse(String(node)) : node;
  if (Array.isArray(node)) return node.map((one) => (typeof one === "string" ? one : toJson(one as MetadataFolder, [...path, "0"])));
  const isGiven = path.at(-1) === "attributes" || path.at(-1) === "service-accounts";
  return Object.fromEntries(
    Object.entries(node as MetadataFolder).map(([name, below]) => [isGiven ? name : camelCase(name), toJson(below, [...path, name])]),
  );
}

/** Every value below a node, as `path value`. */
export function toLines(node: MetadataNode, path = ""): string[] {
  const folder = asFolder(node);
  if (folder === undefined) return typeof node === "function" ? [] : [`${path} ${valueText(node)}`];
  return Object.entries(folder).flatMap(([name, below]) => toLines(below, path === "" ? name : `${path}/${name}`));
}

/** A value as it is at its own path. */
export function valueText(node: MetadataNode): string {
  if (typeof node === "function") return node();
  return Array.isArray(node) ? node.map((one) => `${String(one)}\n`).join("") : String(node);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function imageOf({ bootDisk }: Readonly<Record<string, unknown>>): string {
  const { initializeParams } = bootDisk as { initializeParams?: { image?: string } };
  return (initializeParams?.image ?? "").replace(/^.*\/(?=projects\/)/, "");
}

function maskOf(block: string): string {
  const { prefixLength } = parseCidr(block);
  return renderAddress(4, (1n << 32n) - (1n << BigInt(32 - prefixLength)));
}
