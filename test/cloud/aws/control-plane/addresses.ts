import { isIPv4 } from "node:net";
import { type CidrBlock, parseCidr } from "../../../../components/core/cidr.ts";
import { addressesOf, contains, firstFree, freePublicAddress, renderAddress } from "../../world/cidr-blocks.ts";
import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldState } from "../../world/world.ts";

import { TYPE } from "./types.ts";

/** AWS keeps the first four addresses of a subnet and the last. */
const KEPT_AT_START = 4n;
const KEPT_AT_END = 1n;

/** Why a text is not the network address of a block of a family. */
export function checkNetworkAddress(family: 4 | 6): (text: string) => string | undefined {
  return (text) => {
    try {
      if (parseCidr(text).family === family) return undefined;
      return `"${text}" is not an IPv${family} CIDR block`;
    } catch {
      return `"${text}" is not a valid IPv${family} CIDR block that represents a network address`;
    }
  };
}

/** The address of a subnet that was asked for, or the first one that is free. */
export function takePrivateAddress(state: WorldState, subnetId: string, block: string, asked?: string): string {
  const taken = new Set(
    recordsOf(state, TYPE.networkInterface).flatMap(([, one]) => (one.subnetId === subnetId ? (one.privateIps as string[]) : [])),
  );
  if (asked === undefined) {
    const free = firstFree(usable(parseCidr(block)), taken);
    if (free === undefined)
      throw new ApiError("InsufficientFreeAddressesInSubnet", `The specified subnet does not have enough free addresses`);
    return free;
  }
  if (!isIPv4(asked) || !contains(block, `${asked}/32`))
    throw new ApiError("InvalidParameterValue", `Address ${asked} does not fall within the subnet's address range`);
  if (taken.has(asked)) throw new ApiError("InvalidIPAddress.InUse", `Address ${asked} is in use.`);
  if (![...usable(parseCidr(block))].includes(asked))
    throw new ApiError("InvalidParameterValue", `Address ${asked} is in subnet's reserved address range`);
  return asked;
}

/** The first free IPv6 address of a subnet, from `::4` upward. */
export function takeIpv6Address(state: WorldState, subnetId: string, block: string): string {
  const { address } = parseCidr(block);
  const taken = new Set(
    recordsOf(state, TYPE.networkInterface).flatMap(([, one]) => (one.subnetId === subnetId ? (one.ipv6Addresses as string[]) : [])),
  );
  for (let host = KEPT_AT_START; ; host += 1n) {
    const candidate = renderAddress(6, address + host);
    if (!taken.has(candidate)) return candidate;
  }
}

/** A public address that nobody has. */
export function takePublicAddress(state: WorldState): string {
  const elastic = recordsOf(state, TYPE.eip).map(([, one]) => one.publicIp as string);
  const launched = recordsOf(state, TYPE.instance).map(([, one]) => one.publicIp as string);
  const free = freePublicAddress(new Set([...elastic, ...launched]));
  if (free === undefined) throw new ApiError("InsufficientAddressCapacity", `The maximum number of addresses has been reached.`);
  return free;
}

function usable(block: CidrBlock): Iterable<string> {
  return addressesOf(block, KEPT_AT_START, KEPT_AT_END);
}
