import { isIPv4 } from "node:net";
import { parseCidr, renderCidr } from "../../../../components/core/cidr.ts";
import { ApiError } from "../../world/provider/api.ts";

/** Refuses what is no block of IPv4 addresses, or has bits of a host. */
export function refuseBlock(block: string, id: string): void {
  const [address = "", length = ""] = block.split("/");
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || Number(length) > 32)
    throw new ApiError(
      "InvalidAddressPrefixFormat",
      `Address prefix ${block} of resource ${id} is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.`,
    );
  const right = normalBlock(block);
  if (right !== block)
    throw new ApiError(
      "InvalidCIDRNotation",
      `The address prefix ${block} in resource ${id} has an invalid CIDR notation. For the given prefix length, the address prefix should be ${right}.`,
    );
}

/** A prefix as a block, without the bits of a host that it may have; an address is a block of one. */
export function normalBlock(prefix: string): string {
  const [address = "", length] = prefix.split("/");
  const longest = address.includes(":") ? 128 : 32;
  const prefixLength = Number(length ?? longest);
  const { family, address: number } = parseCidr(`${address}/${longest}`);
  const bits = BigInt(longest - prefixLength);
  return renderCidr({ family, address: (number >> bits) << bits, prefixLength });
}
