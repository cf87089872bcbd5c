import { object, text } from "../../world/records.ts";
import { partOf } from "../control-plane/arm-id.ts";
import { type DeclaredMachine, resourceGroupOf } from "./declared-machine.ts";

/** A part of the document that a machine can read about itself. Values are texts, whatever they mean. */
export type MetadataNode = string | readonly MetadataNode[] | { readonly [name: string]: MetadataNode };

/** Since when user data is in the document. */
const USER_DATA_SINCE = "2021-01-01";

/** All that a machine can read below `/metadata/instance`. Custom data is never shown. */
export function metadataDocument(declared: DeclaredMachine, version: string): MetadataNode {
  const { id, resourceId, record, machine, subnetBlock, admin } = declared;
  const profile = object(record, "storageProfile");
  const image = object(profile, "imageReference");
  const disk = object(profile, "osDisk");
  const security = object(record, "securityProfile");
  const uefi = object(security, "uefiSettings");
  const tags = Object.entries(object(record, "tags") ?? {}).map(([name, value]) => ({ name, value: String(value) }));
  const [address = "", prefix = ""] = subnetBlock.split("/");
  return {
    compute: {
      azEnvironment: "AzurePublicCloud",
      customData: "",
      evictionPolicy: "",
      isHostCompatibilityLayerVm: "false",
      location: String(record.location),
      name: String(record.name),
      offer: text(image, "offer") ?? "",
      osProfile: { adminUsername: admin.name, computerName: machine.hostname, disablePasswordAuthentication: "true" },
      osType: "Linux",
      placementGroupId: "",
      plan: { name: "", product: "", publisher: "" },
      platformFaultDomain: "0",
      platformUpdateDomain: "0",
      priority: "",
      provider: "Microsoft.Compute",
      publicKeys: admin.publicKeys.map(({ keyData, path }) => ({ keyData, path })),
      publisher: text(image, "publisher") ?? "",
      resourceGroupName: resourceGroupOf(declared),
      resourceId,
      securityProfile: {
        secureBootEnabled: String(uefi?.secureBootEnabled === true),
        virtualTpmEnabled: String(uefi?.vTpmEnabled === true),
      },
      sku: text(image, "sku") ?? "",
      storageProfile: {
        dataDisks: [],
        imageReference: Object.fromEntries(["id", "offer", "publisher", "sku", "version"].map((part) => [part, text(image, part) ?? ""])),
        osDisk: { caching: String(disk?.caching ?? ""), createOption: String(disk?.createOption ?? ""), name: String(disk?.name ?? "") },
        resourceDisk: { size: "" },
      },
      subscriptionId: partOf(resourceId, "subscriptions"),
      tags: tags.map(({ name, value }) => `${name}:${value}`).join(";"),
      tagsList: tags,
      ...(version < USER_DATA_SINCE ? {} : { userData: text(record, "userData") ?? "" }),
      version: text(image, "exactVersion") ?? text(image, "version") ?? "",
      vmId: id,
      vmScaleSetName: "",
      vmSize: text(object(record, "hardwareProfile"), "vmSize") ?? "",
      zone: String((record.zones as readonly string[] | undefined)?.[0] ?? ""),
    },
    network: {
      interface: [
        {
          ipv4: {
            // A Standard address is not shown here, but by the load balancer's part of the service.
            ipAddress: [{ privateIpAddress: machine.address, publicIpAddress: "" }],
            subnet: [{ address, prefix }],
          },
          ipv6: { ipAddress: [] },
          macAddress: machine.mac.replaceAll(":", "").toUpperCase(),
        },
      ],
    },
  };
}

/** What is at a path, or `undefined` where nothing is. */
export function nodeAt(document: MetadataNode, path: readonly string[]): MetadataNode | undefined {
  let node: MetadataNode | undefined = document;
  for (const name of path) {
    if (node === undefined || typeof node === "string" || !Object.hasOwn(node, name)) return undefined;
    node = (node as { readonly [name: string]: MetadataNode })[name];
  }
  return node;
}

/** A node as text: a value itself, or the names of what is below, those of what has something below with a slash. */
export function nodeText(node: MetadataNode): string {
  if (typeof node === "string") return node;
  return Object.entries(node)
    .map(([name, below]) => (typeof below === "string" ? name : `${name}/`))
    .join("\n");
}
