import { isIPv4 } from "node:net";
import { checkFamilies, refuseIpv6 } from "../address-family.ts";
import type { PartialSpec } from "../check-bastion.ts";
import type { PartialDeep } from "../partial.ts";
import type { Problem } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { isProxied } from "./exposure.ts";
import type { KubernetesSpec } from "./kubernetes-spec.ts";

type PartialKubernetes = PartialDeep<KubernetesSpec>;

/** What to do about a block of IPv6. */
const IPV4_ONLY = "name the IPv4 block, or leave it out";
/** Addresses that mean `all` or `loopback`, and are refused as such on every target. */
const NO_ADDRESS = /^(?:0\.0\.0\.0$|127\.)/;

/** Everything about a bastion that is right in itself and does not go with its settings in a cluster. */
export function checkBastionOnKubernetes(bastion: PartialSpec, spec: PartialKubernetes): Problem[] {
  return [...checkBindAddresses(bastion), ...checkFamilies(bastion, (cidr) => refuseIpv6(cidr, IPV4_ONLY)), ...checkSources(bastion, spec)];
}

/** A pod gets another address each time it starts. */
function checkBindAddresses({ tunnels }: PartialSpec): Problem[] {
  return each("tunnels", tunnels, ({ bindAddress }) => {
    if (bindAddress === undefined || !isIPv4(bindAddress) || NO_ADDRESS.test(bindAddress)) return [];
    return [{ path: "bindAddress", reason: `${bindAddress} cannot be a pod's address for long; write "all" or "loopback"` }];
  });
}

/** Behind a proxy, every client has the proxy's address: a key that is held to another one could never log in. */
function checkSources({ clients, consumers }: PartialSpec, { exposure }: PartialKubernetes): Problem[] {
  if (exposure?.kind === undefined || !isProxied({ kind: exposure.kind })) return [];
  const reason = `sshd sees only the proxy's address with ${exposure.kind}, so nobody could log in; leave it out, or choose load-balancer or node-port`;
  const check = (path: string, peers: typeof clients) =>
    each(path, peers, ({ sourceCidrs }) => asProblems("sourceCidrs", sourceCidrs === undefined ? undefined : reason));
  return [...check("clients", clients), ...check("consumers", consumers)];
}
