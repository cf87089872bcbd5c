import type { PartialSpec } from "./check-bastion.ts";
import { checkCidr, parseCidr } from "./cidr.ts";
import { type Problem, quoteForMessage } from "./problem.ts";
import { asProblems, each } from "./problem-list.ts";

/** Why an ordinary block cannot be used, or `undefined` if it can. */
export type CheckBlock = (cidr: string) => string | undefined;

/** Why nobody from a block could reach a bastion without IPv6: such a block would look like a permission and be none. */
export function refuseIpv6(cidr: string, remedy = "name the IPv4 block, or leave it out"): string | undefined {
  if (parseCidr(cidr).family === 4) return undefined;
  return `got ${quoteForMessage(cidr)}, and the bastion has no IPv6 address; ${remedy}`;
}

/** Every block from which nobody could reach the bastion. What is no block at all is reported elsewhere. */
export function checkFamilies({ clientCidrs, consumerCidrs }: PartialSpec, checkClients: CheckBlock): Problem[] {
  const check = (path: string, cidrs: typeof clientCidrs, reasonFor: CheckBlock) =>
    each(path, cidrs, (cidr) => (checkCidr(cidr) === undefined ? asProblems("", reasonFor(cidr)) : []));
  return [...check("clientCidrs", clientCidrs, checkClients), ...check("consumerCidrs", consumerCidrs, checkConsumers)];
}

/** Printed commands ask for 0.0.0.0: over IPv6 nobody would answer behind the firewall's rule. */
function checkConsumers(cidr: string): string | undefined {
  if (parseCidr(cidr).family === 4) return undefined;
  return `got ${quoteForMessage(cidr)}, and bind ports are reached over IPv4; name the consumers' IPv4 block`;
}

/** Everything that is wrong with the blocks an admin logs in from. */
export function checkAdminCidrs(cidrs: readonly (string | undefined)[] | undefined, checkBlock: CheckBlock): Problem[] {
  const empty = cidrs?.length === 0 ? "is empty, so the admin could not log in; name the CIDR blocks that may" : undefined;
  return [...asProblems("cidrs", empty), ...each("cidrs", cidrs, (cidr) => asProblems("", checkCidr(cidr) ?? checkBlock(cidr)))];
}
