import { checkFamilies, refuseIpv6 } from "../address-family.ts";
import type { PartialSpec } from "../check-bastion.ts";
import type { PartialDeep } from "../partial.ts";
import { isOneAddress } from "../private-address.ts";
import type { Problem } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { isProxied } from "./exposure.ts";
import type { KubernetesSpec } from "./kubernetes-spec.ts";

type PartialKubernetes = PartialDeep<KubernetesSpec>;

/** Everything about a bastion that is right in itself and does not go with its settings in a cluster. */
export function checkBastionOnKubernetes(bastion: PartialSpec, spec: PartialKubernetes): Problem[] {
  return [...checkBindAddresses(bastion), ...checkFamilies(bastion, (cidr) => refuseIpv6(cidr)), ...checkSources(bastion, spec)];
}

/** A pod gets another address each time it starts. */
function checkBindAddresses({ tunnels }: PartialSpec): Problem[] {
  return each("tunnels", tunnels, ({ bindAddress }) => {
    if (!isOneAddress(bindAddress)) return [];
    return [{ path: "bindAddress", reason: `${bindAddress} cannot be a pod's address for long; write "all" or "loopback"` }];
  });
}

/** Behind a proxy, every client has the proxy's address: a key that is held to another one could never log in. */
function checkSources({ clients, consumers, operators }: PartialSpec, { exposure }: PartialKubernetes): Problem[] {
  if (exposure?.kind === undefined || !isProxied({ kind: exposure.kind })) return [];
  const reason = `sshd sees only the proxy's address with ${exposure.kind}, so nobody could log in; leave it out, or choose load-balancer or node-port`;
  const check = (path: string, peers: typeof clients) =>
    each(path, peers, ({ sourceCidrs }) => asProblems("sourceCidrs", sourceCidrs === undefined ? undefined : reason));
  return [...check("clients", clients), ...check("consumers", consumers), ...check("operators", operators)];
}
