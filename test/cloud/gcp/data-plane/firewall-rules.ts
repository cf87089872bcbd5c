import { type FirewallRule, SERVICE_ADDRESS } from "../../machine/cloud-adaptor.ts";
import { objects, recordsOf, text, texts } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { interfacesOf } from "../control-plane/addresses.ts";
import { TYPE } from "../control-plane/types.ts";

/** What a network's rules know an instance by. */
export interface Target {
  readonly network: string;
  readonly serviceAccount: string | undefined;
  readonly tags: readonly string[];
}

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/**
 * A network's rules as one of its instances meets them: by priority, the lowest number first, denials first of those with
 * the same. What none decides comes in never, and goes out always.
 *
 * @param reachesServices whether Google's services can be reached: by an external address, or as the subnetwork says.
 */
export function firewallRules(state: WorldState, target: Target, reachesServices: boolean): FirewallRule[] {
  const ours = recordsOf(state, TYPE.firewall)
    .map(([, rule]) => rule)
    .filter((rule) => rule.disabled !== true && rule.network === target.network && appliesTo(rule, target))
    .sort((a, b) => Number(a.priority) - Number(b.priority) || Number(isDenial(b)) - Number(isDenial(a)));
  const unreachable: FirewallRule = { isDenial: true, direction: "out", protocol: "all", cidr: `${SERVICE_ADDRESS}/32` };
  return [
    ...(reachesServices ? [] : [unreachable]),
    ...ours.flatMap((rule) => rulesOf(state, rule)),
    ...EVERYWHERE.map((cidr): FirewallRule => ({ direction: "out", protocol: "all", cidr })),
  ];
}

/** A rule that names no targets is for every instance of its network. */
function appliesTo(rule: WorldRecord, { serviceAccount, tags }: Target): boolean {
  const [accounts, targetTags] = [texts(rule, "targetServiceAccounts"), texts(rule, "targetTags")];
  if (accounts.length > 0) return serviceAccount !== undefined && accounts.includes(serviceAccount);
  return targetTags.length === 0 || targetTags.some((tag) => tags.includes(tag));
}

function isDenial(rule: WorldRecord): boolean {
  return objects(rule, "denies").length > 0;
}

function rulesOf(state: WorldState, rule: WorldRecord): FirewallRule[] {
  const direction = rule.direction === "EGRESS" ? "out" : "in";
  const verdict = isDenial(rule) ? ({ isDenial: true } as const) : {};
  const blocks = direction === "out" ? texts(rule, "destinationRanges") : [...texts(rule, "sourceRanges"), ...memberBlocks(state, rule)];
  return objects(rule, isDenial(rule) ? "denies" : "allows").flatMap((specification) => {
    const protocol = PROTOCOLS[String(specification.protocol).toLowerCase()];
    if (protocol === undefined) return [];
    const ports = protocol === "tcp" || protocol === "udp" ? portsOf(specification) : [undefined];
    return blocks.flatMap((cidr) =>
      ports.map((range): FirewallRule => ({ ...verdict, direction, protocol, ...(range === undefined ? {} : { ports: range }), cidr })),
    );
  });
}

/** By name or by number. Others carry nothing here that could be told apart. */
const PROTOCOLS: Readonly<Record<string, FirewallRule["protocol"]>> = {
  all: "all",
  tcp: "tcp",
  "6": "tcp",
  udp: "udp",
  "17": "udp",
  icmp: "icmp",
  "1": "icmp",
  "58": "icmp",
};

/** Without any port, every one is meant. */
function portsOf(specification: WorldRecord): (FirewallRule["ports"] | undefined)[] {
  const ports = texts(specification, "ports");
  if (ports.length === 0) return [undefined];
  return ports.map((range) => {
    const [from, to = from] = range.split("-").map(Number) as [number, number?];
    return { from, to };
  });
}

/** Sources that are named by tag or service account mean internal addresses in the rule's network, never external ones. */
function memberBlocks(state: WorldState, rule: WorldRecord): string[] {
  const [accounts, tags] = [texts(rule, "sourceServiceAccounts"), texts(rule, "sourceTags")];
  return interfacesOf(state).flatMap(([id, { network, networkIp }]) => {
    const instance = state.records[TYPE.instance]?.[id];
    const email = text(instance?.serviceAccount as WorldRecord | undefined, "email");
    const isMember = (email !== undefined && accounts.includes(email)) || texts(instance, "tags").some((tag) => tags.includes(tag));
    return network === rule.network && isMember ? [`${networkIp}/32`] : [];
  });
}
