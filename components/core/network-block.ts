import { checkCidr, parseCidr } from "./cidr.ts";
import { quoteForMessage } from "./problem.ts";

/** What a cloud takes as the addresses of a network of one's own. */
export interface NetworkBlockRule {
  /** What gets the addresses, with its article. */
  readonly what: string;
  readonly shortestPrefix: number;
  readonly longestPrefix: number;
  readonly example: string;
}

/** Why a text cannot be the addresses of a network, or `undefined` if it can. */
export function checkNetworkBlock(text: string, { what, shortestPrefix, longestPrefix, example }: NetworkBlockRule): string | undefined {
  const reason = checkCidr(text);
  if (reason !== undefined) return reason;
  const { family, prefixLength } = parseCidr(text);
  if (family === 4 && prefixLength >= shortestPrefix && prefixLength <= longestPrefix) return undefined;
  return `got ${quoteForMessage(text)}; ${what} has an IPv4 block of /${shortestPrefix} to /${longestPrefix}, such as "${example}"`;
}
