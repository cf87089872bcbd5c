import { NODE_ADDRESS, POD_BLOCK } from "./addresses.ts";
import { API_SERVER_PORT } from "./api-server.ts";
import { OUTSIDE_LINK } from "./namespaces.ts";
import type { PodRules } from "./policy-rules.ts";
import { HIDE_CLIENT, type ServiceRules } from "./service-rules.ts";

/**
 * All rules of the node's network, as `nft` takes them: all at once, in place of the former.
 *
 * A connection that was let through goes on when a policy is changed, which the API leaves open. Policies see clients as they
 * came, also where Services then put the node's address in their place; on other networks they may see that one. The node
 * itself reaches every pod, as for its probes it has to; what a pod asks of the node is judged as what it asks of others.
 */
export function renderRules(services: ServiceRules, pods: readonly PodRules[]): string {
  const chain = (lines: readonly string[]) => lines.map((line) => `    ${line}\n`).join("");
  const judge = (word: "ingress" | "egress", hook: "oifname" | "iifname") => {
    const judged = pods.filter((pod) => pod[word] !== undefined).map(({ pod }) => `"${pod.link}" : jump ${word}-${pod.link}`);
    return judged.length === 0 ? [] : [`${hook} vmap { ${judged.join(", ")} }`];
  };
  return `table ip cluster
delete table ip cluster
table ip cluster {
${pods.flatMap((pod) => [policyChain("ingress", pod), policyChain("egress", pod)]).join("")}
  chain guard {
    type filter hook prerouting priority mangle;
${chain([...pods.map(({ pod }) => `iifname "${pod.link}" ip saddr != ${pod.address} drop`), ...services.guard])}  }
  chain services {
    type nat hook prerouting priority dstnat;
${chain(services.forward)}  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "lo" accept
    ct state established,related accept
${chain(judge("egress", "iifname"))}    iifname != "${OUTSIDE_LINK}" ip daddr ${NODE_ADDRESS} tcp dport ${API_SERVER_PORT} accept
    meta l4proto tcp reject with tcp reset
    meta l4proto udp reject with icmp type port-unreachable
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${OUTSIDE_LINK}" ct status & dnat == 0 ip daddr ${POD_BLOCK} ct state new drop
    ct state established,related accept
${chain([...judge("egress", "iifname"), ...judge("ingress", "oifname")])}  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    meta mark ${HIDE_CLIENT} snat to ${NODE_ADDRESS}
    ip saddr ${POD_BLOCK} oifname "${OUTSIDE_LINK}" snat to ${NODE_ADDRESS}
${chain(pods.map(({ pod }) => `ip saddr ${pod.address} ip daddr ${pod.address} snat to ${NODE_ADDRESS}`))}  }
}
`;
}

function policyChain(word: "ingress" | "egress", rules: PodRules): string {
  const lines = rules[word];
  if (lines === undefined) return "";
  return `  chain ${word}-${rules.pod.link} {\n${[...lines, "drop"].map((line) => `    ${line}\n`).join("")}  }\n`;
}
