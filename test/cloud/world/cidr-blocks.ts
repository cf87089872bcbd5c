import { type CidrBlock, cidrContains, parseCidr, renderCidr } from "../../../components/core/cidr.ts";

/** Public addresses of every stand-in cloud are of this range; the first and the last are none. */
const PUBLIC_RANGE = parseCidr("192.0.2.128/25");

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

/** Addresses of an IPv4 block, without as many as a cloud keeps for itself at either end. */
export function* addressesOf({ family, address, prefixLength }: CidrBlock, keptAtStart: bigint, keptAtEnd: bigint): Iterable<string> {
  const end = address + (1n << BigInt(32 - prefixLength)) - keptAtEnd;
  for (let one = address + keptAtStart; one < end; one += 1n) yield renderAddress(family, one);
}

/** The first of some addresses that is not taken. */
export function firstFree(candidates: Iterable<string>, taken: ReadonlySet<string>): string | undefined {
  for (const candidate of candidates) if (!taken.has(candidate)) return candidate;
  return undefined;
}

/** A public address that nobody has. */
export function freePublicAddress(taken: ReadonlySet<string>): string | undefined {
  return firstFree(addressesOf(PUBLIC_RANGE, 1n, 1n), taken);
}

/** An address as text. */
export function renderAddress(family: 4 | 6, address: bigint): string {
  return renderCidr({ family, address, prefixLength: family === 4 ? 32 : 128 }).split("/")[0] ?? "";
}
