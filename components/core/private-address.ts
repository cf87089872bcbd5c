import { isIPv4 } from "node:net";
import type { PartialSpec } from "./check-bastion.ts";
import { type CidrBlock, cidrContains, parseCidr } from "./cidr.ts";
import { type Problem, quoteForMessage } from "./problem.ts";
import { each } from "./problem-list.ts";

/** Addresses at both ends of a subnet that belong to the cloud. */
export interface KeptAddresses {
  readonly first: number;
  readonly last: number;
  /** The same in words: "AWS keeps the first four and the last". */
  readonly words: string;
}

/**
 * Why an address cannot be a bastion's private one, or `undefined` if it can.
 *
 * @param networkCidr the subnet; `undefined` where only the cloud knows it.
 */
export function checkPrivateAddress(address: string, networkCidr: string | undefined, kept: KeptAddresses): string | undefined {
  if (!isIPv4(address)) return `got ${quoteForMessage(address)}; expected an IPv4 address of the subnet`;
  if (networkCidr === undefined || isFree(address, parseCidr(networkCidr), kept)) return undefined;
  return `got ${address}; expected an address of ${networkCidr}, of which ${kept.words}`;
}

function isFree(address: string, network: CidrBlock, { first, last }: KeptAddresses): boolean {
  const host = parseCidr(`${address}/32`);
  const offset = host.address - network.address;
  const size = 1n << BigInt(32 - network.prefixLength);
  return cidrContains(network, host) && offset >= BigInt(first) && offset < size - BigInt(last);
}

/** Addresses that mean `all` or `loopback`, and are refused as such on every target. */
const NO_ADDRESS = /^(?:0\.0\.0\.0$|127\.)/;

/** Whether a bind address is the address of one interface. */
export function isOneAddress(bindAddress: string | undefined): bindAddress is string {
  return bindAddress !== undefined && isIPv4(bindAddress) && !NO_ADDRESS.test(bindAddress);
}

/** The public address is not the machine's own: clouds translate it. sshd can bind the private one only. */
export function checkBindAddresses({ tunnels }: PartialSpec, privateAddress: string | undefined): Problem[] {
  // A bad private address is reported as that, and not also at every tunnel.
  if (privateAddress !== undefined && !isIPv4(privateAddress)) return [];
  return each("tunnels", tunnels, ({ bindAddress }) => {
    if (!isOneAddress(bindAddress) || bindAddress === privateAddress) return [];
    const remedy = privateAddress === undefined ? `set privateAddress to ${bindAddress}, and it will be` : `that is ${privateAddress}`;
    return [{ path: "bindAddress", reason: `${bindAddress} is not the private address of the bastion; ${remedy}` }];
  });
}
