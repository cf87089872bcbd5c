import { isIPv4, isIPv6 } from "node:net";
import { InvalidInputError, quoteForMessage } from "./problem.ts";

/** A block of addresses: those that share the first `prefixLength` bits with `address`. */
export interface CidrBlock {
  readonly family: 4 | 6;
  readonly address: bigint;
  readonly prefixLength: number;
}

/**
 * Reads a CIDR block such as `198.51.100.0/24` or `2001:db8::/32` (RFC 4632, RFC 4291).
 *
 * Host bits are refused: sshd never matches such a `from=`, some clouds cut them off and others do not start.
 *
 * @throws InvalidInputError with an empty path.
 */
export function parseCidr(text: string): CidrBlock {
  const refuse = (reason: string): never => {
    throw new InvalidInputError([{ path: "", reason }]);
  };
  const [host = "", prefix, ...rest] = text.split("/");
  const family = isIPv4(host) ? 4 : isIPv6(host) && !host.includes("%") ? 6 : undefined;
  if (family === undefined || rest.length > 0)
    return refuse(`got ${quoteForMessage(text)}; expected a CIDR block such as "198.51.100.0/24"`);
  const bits = family === 4 ? 32 : 128;
  if (prefix === undefined)
    return refuse(`got ${quoteForMessage(text)} without a prefix length; for this one address write "${host}/${bits}"`);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)
    return refuse(`got the prefix length ${quoteForMessage(prefix)} in ${quoteForMessage(text)}; allowed is 0–${bits}`);

  const prefixLength = Number(prefix);
  const address = family === 4 ? ipv4Bits(host) : ipv6Bits(host);
  const network = networkOf(address, prefixLength, bits);
  if (network !== address) {
    const block = renderCidr({ family, address: network, prefixLength });
    return refuse(`${quoteForMessage(text)} has host bits set; write "${block}" for the block or "${host}/${bits}" for the one address`);
  }
  return { family, address, prefixLength };
}

/** Why a text is not a CIDR block, or `undefined` if it is one. */
export function checkCidr(text: string): string | undefined {
  try {
    parseCidr(text);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
}

/** Renders a block in its canonical form: lower case, IPv6 with its longest run of zeros shortened (RFC 5952). */
export function renderCidr({ family, address, prefixLength }: CidrBlock): string {
  return `${family === 4 ? renderIpv4(address) : renderIpv6(address)}/${prefixLength}`;
}

/** Whether every address of `inner` is also in `outer`. */
export function cidrContains(outer: CidrBlock, inner: CidrBlock): boolean {
  if (outer.family !== inner.family || inner.prefixLength < outer.prefixLength) return false;
  return networkOf(inner.address, outer.prefixLength, outer.family === 4 ? 32 : 128) === outer.address;
}

/** Whether a block is all there is: `0.0.0.0/0` or `::/0`. */
export function isOpenToWorld(block: CidrBlock): boolean {
  return block.prefixLength === 0;
}

function networkOf(address: bigint, prefixLength: number, bits: number): bigint {
  const hostBits = BigInt(bits - prefixLength);
  return (address >> hostBits) << hostBits;
}

function ipv4Bits(host: string): bigint {
  return host.split(".").reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

function ipv6Bits(host: string): bigint {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(host);
  const text = embedded ? `${embedded[1]}${ipv4Groups(embedded[2] ?? "")}` : host;
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function ipv4Groups(host: string): string {
  const bits = ipv4Bits(host);
  return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}

function renderIpv4(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join(".");
}

function renderIpv6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  const runs = groups.join(":").match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
  if (longest === "") return groups.join(":");
  const [left = "", right = ""] = splitOnce(groups.join(":"), longest);
  return `${left.replace(/:$/, "")}::${right.replace(/^:/, "")}`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.search(new RegExp(`(?<![0-9a-f])${separator}(?![0-9a-f])`));
  return [text.slice(0, at), text.slice(at + separator.length)];
}
