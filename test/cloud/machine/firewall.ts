import { type FirewallRule, type MachineDeclaration, METADATA_ADDRESS, SERVICE_ADDRESS } from "./cloud-adaptor.ts";

/** Name of the gateway's interface towards the outside. */
export const OUTSIDE_LINK = "outside";

/** A machine, with the gateway's interface towards it. */
export interface LinkedMachine {
  readonly link: string;
  readonly machine: MachineDeclaration;
}

/** What machines reach of their cloud. */
export interface Reach {
  /** Where every machine is let, beside the metadata service. */
  readonly platformAddresses: readonly string[];
  readonly servicesReachable: boolean;
}

const PRIVATE_BLOCKS = "{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 }";
const WORLD_BLOCKS = ["0.0.0.0/0", "::/0"];
/** Mark of a flow that is judged packet by packet. */
const UNTRACKED = 1;

/**
 * The gateway's rules, made from nothing but what is declared, as `nft` takes them: all at once, in place of the former.
 *
 * A flow that a rule let through goes on when the rule is taken away, unless the rule is one whose flows are not tracked. A
 * flow through a public address ends when the address is given to another machine.
 */
export function renderFirewall(machines: readonly LinkedMachine[], { platformAddresses, servicesReachable }: Reach): string {
  const links = machines.map(({ link }) => `"${link}"`).join(", ");
  const publicOnes = machines.flatMap(({ machine }) =>
    machine.publicAddress === undefined ? [] : [{ inside: machine.address, outside: machine.publicAddress }],
  );
  const lines = (...parts: readonly (string | false)[]) => parts.filter((part) => part !== false).join("\n    ");
  return `table inet cloud
delete table inet cloud
table inet cloud {
  map public-to-private { type ipv4_addr : ipv4_addr; ${elements(publicOnes.map(({ inside, outside }) => `${outside} : ${inside}`))} }
  map private-to-public { type ipv4_addr : ipv4_addr; ${elements(publicOnes.map(({ inside, outside }) => `${inside} : ${outside}`))} }
  set public-addresses { type ipv4_addr . ipv4_addr; ${elements(publicOnes.map(({ inside, outside }) => `${outside} . ${inside}`))} }

  chain prerouting {
    type nat hook prerouting priority dstnat;
    iifname "${OUTSIDE_LINK}" dnat ip to ip daddr map @public-to-private
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "${OUTSIDE_LINK}" ip daddr != ${PRIVATE_BLOCKS} snat ip to ip saddr map @private-to-public
  }
  chain output {
    type filter hook output priority mangle;
    ${lines(...machines.map(({ machine }) => `ip saddr ${METADATA_ADDRESS} ip daddr ${machine.address} ip ttl set ${machine.metadataHops}`))}
  }
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ${lines(
      !servicesReachable && `ip daddr ${SERVICE_ADDRESS} drop`,
      "ct state established,related accept",
      machines.length > 0 && `iifname { ${links} } meta l4proto { icmp, ipv6-icmp } accept`,
      machines.length > 0 && `iifname { ${links} } ip daddr { ${[METADATA_ADDRESS, ...platformAddresses].join(", ")} } tcp dport 80 accept`,
      machines.length > 0 && `ip daddr ${SERVICE_ADDRESS} iifname vmap { ${leave(machines)} }`,
    )}
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    iifname "${OUTSIDE_LINK}" ct original ip daddr ${PRIVATE_BLOCKS} ip saddr != ${PRIVATE_BLOCKS} drop
    iifname "${OUTSIDE_LINK}" ct status dnat ct original ip daddr . ip daddr != @public-addresses drop
    ${lines(
      ...machines
        .filter(({ machine }) => machine.publicAddress === undefined)
        .map(({ link }) => `iifname "${link}" oifname "${OUTSIDE_LINK}" ip daddr != ${PRIVATE_BLOCKS} drop`),
      ...machines.map(({ link, machine }) => `iifname "${link}" ip saddr != ${machine.address} drop`),
      ...machines.map(({ link, machine }) => `iifname "${link}" ip6 saddr != ${machine.ipv6Address ?? "::1"} drop`),
      `ct state established,related ct mark != ${UNTRACKED} accept`,
      machines.length > 0 && `iifname vmap { ${leave(machines)} }`,
      `iifname "${OUTSIDE_LINK}" goto arrive`,
    )}
  }
  chain arrive {
    ip daddr ${SERVICE_ADDRESS} accept
    oifname "${OUTSIDE_LINK}" accept
    ${lines(machines.length > 0 && `oifname vmap { ${machines.map(({ link }) => `"${link}" : goto in-${link}`).join(", ")} }`)}
  }
${machines.map(renderMachine).join("\n")}
}
`;
}

function renderMachine({ link, machine }: LinkedMachine): string {
  const { rules } = machine;
  const inwards = rules.filter((rule) => rule.direction === "in").map((rule) => `${matchRule(rule)} ${verdict(rule)}`);
  const outwards = rules
    .filter((rule) => rule.direction === "out")
    .map((rule) => `${matchRule(rule)} ${rule.isDenial ? "drop" : "goto arrive"}`);
  return `  chain in-${link} {\n    ${inwards.join("\n    ")}\n  }\n  chain out-${link} {\n    ${outwards.join("\n    ")}\n  }`;
}

function verdict({ isDenial, isUntracked }: FirewallRule): string {
  if (isDenial) return "drop";
  return isUntracked ? `ct mark set ${UNTRACKED} accept` : "accept";
}

function matchRule({ direction, protocol, ports, cidr }: FirewallRule): string {
  const family = cidr.includes(":") ? "ip6" : "ip";
  const end = direction === "in" ? "saddr" : "daddr";
  // nft has no block of length 0 in this place.
  const block = WORLD_BLOCKS.includes(cidr) ? `meta nfproto ${family === "ip" ? "ipv4" : "ipv6"}` : `${family} ${end} ${cidr}`;
  if (protocol === "all") return block;
  if (protocol === "icmp") return `${block} meta l4proto { icmp, ipv6-icmp }`;
  return `${block} ${protocol} dport ${ports === undefined ? "0-65535" : `${ports.from}-${ports.to}`}`;
}

function leave(machines: readonly LinkedMachine[]): string {
  return machines.map(({ link }) => `"${link}" : goto out-${link}`).join(", ");
}

function elements(all: readonly string[]): string {
  return all.length === 0 ? "" : `elements = { ${all.join(", ")} };`;
}
