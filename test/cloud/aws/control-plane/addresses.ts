import { isIPv4 } from "node:net";
import { type CidrBlock, cidrContains, parseCidr, renderCidr } from "../../../../components/core/cidr.ts";
import { ApiError } from "../../world/provider/api.ts";
import type { WorldState } from "../../world/world.ts";
import { recordsOf } from "./account.ts";
import { TYPE } from "./types.ts";

/** Public addresses are of this range; the first and the last are none. */
const PUBLIC_RANGE = parseCidr("192.0.2.128/25");
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

/** Whether one block holds another, both as text. */
export function contains(outer: string, inner: string): boolean {
  return cidrContains(parseCidr(outer), parseCidr(inner));
}

export function overlap(left: string, right: string): boolean {
  return contains(left, right) || contains(right, left);
}

/** The canonical form of a block. */
export function canonical(block: string): string {
  return renderCidr(parseCidr(block));
}

/** The block as long as `prefixLength` that is the `index`th of a larger one. */
export function subBlock(block: string, prefixLength: number, index: number): string {
  const { family, address } = parseCidr(block);
  const bits = family === 4 ? 32 : 128;
  return renderCidr({ family, address: address + (BigInt(index) << BigInt(bits - prefixLength)), prefixLength });
}

/** The address of a subnet that was asked for, or the first one that is free. */
export function takePrivateAddress(state: WorldState, subnetId: string, block: string, asked?: string): string {
  const taken = new Set(
    recordsOf(state, TYPE.networkInterface).flatMap(([, one]) => (one.subnetId === subnetId ? (one.privateIps as string[]) : [])),
  );
  if (asked === undefined) {
    const free = find(usable(parseCidr(block)), taken);
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
    const candidate = text(6, address + host);
    if (!taken.has(candidate)) return candidate;
  }
}

/** A public address that nobody has. */
export function takePublicAddress(state: WorldState): string {
  const elastic = recordsOf(state, TYPE.eip).map(([, one]) => one.publicIp as string);
  const launched = recordsOf(state, TYPE.instance).map(([, one]) => one.publicIp as string);
  const free = find(addressesOf(PUBLIC_RANGE, 1n, 1n), new Set([...elastic, ...launched]));
  if (free === undefined) throw new ApiError("InsufficientAddressCapacity", `The maximum number of addresses has been reached.`);
  return free;
}

function usable(block: CidrBlock): Iterable<string> {
  return addressesOf(block, KEPT_AT_START, KEPT_AT_END);
}

function* addressesOf({ family, address, prefixLength }: CidrBlock, fromStart: bigint, fromEnd: bigint): Iterable<string> {
  const end = address + (1n << BigInt(32 - prefixLength)) - fromEnd;
  for (let one = address + fromStart; one < end; one += 1n) yield text(family, one);
}

function find(candidates: Iterable<string>, taken: ReadonlySet<string>): string | undefined {
  for (const candidate of candidates) if (!taken.has(candidate)) return candidate;
  return undefined;
}

function text(family: 4 | 6, address: bigint): string {
  return renderCidr({ family, address, prefixLength: family === 4 ? 32 : 128 }).split("/")[0] ?? "";
}
