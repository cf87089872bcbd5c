import { isIPv4 } from "node:net";
import { parseCidr } from "../../../../components/core/cidr.ts";
import type { Property } from "../../world/provider/property.ts";

const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Google's rule for names of resources and network tags (RFC 1035). */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The `name` of a resource of Compute Engine. */
export const nameProperty: Property = {
  type: "string",
  replaces: true,
  check: (name: string) => (isName(name) ? undefined : `"name" ("${name}") doesn't match regexp "^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$"`),
};

/** What the bridge does where a program gives no name: letters stay as they are, so that the name's own check sees them. */
export const autoName = { property: "name", longest: 63 } as const;

/** Where a resource is, chosen by the provider's configuration unless it is said. */
export const placeProperty: Property = { type: "string", computed: true, replaces: true };

/** The network address of an IPv4 block: GCP takes no bits of a host. */
export function isIpv4Block(text: string): boolean {
  return isBlock(text, 4);
}

/** A block of a family, its network address given. */
export function isBlock(text: string, family: 4 | 6): boolean {
  try {
    return parseCidr(text).family === family && (family === 6 || isIPv4(text.split("/")[0] ?? ""));
  } catch {
    return false;
  }
}
