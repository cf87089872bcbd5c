import { type CidrBlock, cidrContains, parseCidr } from "./cidr.ts";

/** Blocks that are not routed on the internet: RFC 1918, RFC 6598 (carriers), RFC 4193 (unique local IPv6). */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].map(parseCidr);

/** Whether who is in this block comes from inside: they reach a bastion by its private address. */
export function isPrivateBlock(block: CidrBlock): boolean {
  return PRIVATE.some((outer) => cidrContains(outer, block));
}
