/** What names a resource of Azure: where it is, and the names of it and of what it is in, the outermost first. */
export interface ArmId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly names: readonly string[];
}

/** How Azure writes the ids it makes up, a subscription's among them. */
export const GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** What most resources are called. */
export const NAME = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?";
const GROUP = "[\\p{L}\\p{N}_.()-]{0,89}[\\p{L}\\p{N}_()-]";

/** A resource group's name. */
export const RESOURCE_GROUP = new RegExp(`^${GROUP}$`, "u");
/** A virtual network. */
export const VIRTUAL_NETWORK = armId("Microsoft.Network/virtualNetworks");
/** A subnet of a virtual network. */
export const SUBNET = armId("Microsoft.Network/virtualNetworks", ["subnets"]);
/** One version of an image in a gallery, or a managed image. */
export const IMAGE = anyOf(armId("Microsoft.Compute/galleries", ["images", "versions"]), armId("Microsoft.Compute/images"));
/** A disk encryption set. */
export const DISK_ENCRYPTION_SET = armId("Microsoft.Compute/diskEncryptionSets");
/** A private zone of Azure DNS. */
export const PRIVATE_DNS_ZONE = armId("Microsoft.Network/privateDnsZones");
/** A zone of Azure DNS, public or private. */
export const DNS_ZONE = anyOf(armId("Microsoft.Network/dnszones"), PRIVATE_DNS_ZONE);

/** Takes an id apart that has one of the forms above. */
export function parseArmId(text: string): ArmId {
  const [, , subscriptionId = "", , resourceGroup = "", , , ...rest] = text.split("/");
  return { subscriptionId, resourceGroup, names: rest.filter((_word, i) => i % 2 === 1) };
}

/** Azure compares ids without regard to case, and does not always write them the same way. */
export function isSameArmId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The ids of a type of resource, such as `Microsoft.Network/virtualNetworks`, and of what is nested in it. */
export function armId(type: string, nested: readonly string[] = [], name = NAME): RegExp {
  const inner = nested.map((each) => `/${each}/${name}`).join("");
  const provider = `providers/${type.replace(".", "\\.")}/${name}${inner}`;
  return new RegExp(`^/subscriptions/${GUID}/resourceGroups/${GROUP}/${provider}$`, "iu");
}

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"), "iu");
}
