import type { FirewallRule } from "../../machine/cloud-adaptor.ts";
import { contains } from "../../world/cidr-blocks.ts";
import { objects, text, texts } from "../../world/records.ts";
import type { WorldRecord } from "../../world/world.ts";
import { blocksOf } from "./address-prefixes.ts";

type Direction = FirewallRule["direction"];

/** Where the network interface is that rules are for. */
export interface RulePlace {
  readonly address: string;
  /** What `VirtualNetwork` means: the network's own blocks, and those of networks it is peered with. */
  readonly networkBlocks: readonly string[];
}

const ANY = { sourceAddressPrefix: "*", destinationAddressPrefix: "*", destinationPortRange: "*", protocol: "*" };
const WITHIN = { ...ANY, sourceAddressPrefix: "VirtualNetwork", destinationAddressPrefix: "VirtualNetwork" };

/** Rules that every group ends with. */
const DEFAULT_RULES: Readonly<Record<Direction, readonly WorldRecord[]>> = {
  in: [
    { ...WITHIN, access: "Allow" },
    { ...ANY, sourceAddressPrefix: "AzureLoadBalancer", access: "Allow" },
    { ...ANY, access: "Deny" },
  ],
  out: [
    { ...WITHIN, access: "Allow" },
    { ...ANY, destinationAddressPrefix: "Internet", access: "Allow" },
    { ...ANY, access: "Deny" },
  ],
};

/** What holds where there is no group: a Standard address lets nothing in, and everything may go out. */
const WITHOUT_GROUP: Readonly<Record<Direction, readonly WorldRecord[]>> = {
  in: DEFAULT_RULES.in.slice(0, 2),
  out: [{ ...ANY, access: "Allow" }],
};

/**
 * The rules of security groups as a network interface meets them: by priority, the lowest number first. Of two groups, the
 * subnet's and the interface's own, both have to let a flow through.
 */
export function securityRules(groups: readonly WorldRecord[], place: RulePlace): FirewallRule[] {
  return (["in", "out"] as const).flatMap((direction) => {
    const [first, ...others] = groups.map((group) => rulesOfGroup(group, direction, place));
    if (first === undefined) return WITHOUT_GROUP[direction].flatMap((rule) => rulesOf(rule, direction, place));
    return others.reduce(bothOf, first);
  });
}

function rulesOfGroup(group: WorldRecord, direction: Direction, place: RulePlace): FirewallRule[] {
  const own = objects(group, "securityRules")
    .filter((rule) => rule.direction === (direction === "in" ? "Inbound" : "Outbound"))
    .sort((a, b) => Number(a.priority) - Number(b.priority));
  const ends = direction === "in" && group.flushConnection === true ? ({ isUntracked: true } as const) : {};
  return [...own, ...DEFAULT_RULES[direction]]
    .flatMap((rule) => rulesOf(rule, direction, place))
    .map((rule) => (rule.isDenial ? rule : { ...rule, ...ends }));
}

function rulesOf(rule: WorldRecord, direction: Direction, { address, networkBlocks }: RulePlace): FirewallRule[] {
  if ((rule.sourcePortRange ?? "*") !== "*" || texts(rule, "sourcePortRanges").length > 0)
    throw new Error("the stand-in judges no source ports");
  const blocks = (end: "source" | "destination") =>
    [text(rule, `${end}AddressPrefix`), ...texts(rule, `${end}AddressPrefixes`)].flatMap((prefix) =>
      prefix === undefined ? [] : blocksOf(prefix, networkBlocks),
    );
  const [here, there] = direction === "in" ? (["destination", "source"] as const) : (["source", "destination"] as const);
  if (!blocks(here).some((block) => contains(block, `${address}/32`))) return [];
  const verdict = rule.access === "Deny" ? ({ isDenial: true } as const) : {};
  return blocks(there).flatMap((cidr) => protocolsOf(rule).map((protocol): FirewallRule => ({ ...verdict, direction, ...protocol, cidr })));
}

/** Others than these, `Esp` and `Ah`, carry nothing here. */
const PROTOCOLS: Readonly<Record<string, FirewallRule["protocol"]>> = { "*": "all", tcp: "tcp", udp: "udp", icmp: "icmp" };

/** Protocols with their ports: where ports are named, any protocol means those that have some. */
function protocolsOf(rule: WorldRecord): Pick<FirewallRule, "protocol" | "ports">[] {
  const protocol = PROTOCOLS[String(rule.protocol).toLowerCase()];
  if (protocol === undefined) return [];
  const ranges = [text(rule, "destinationPortRange"), ...texts(rule, "destinationPortRanges")].filter((range) => range !== undefined);
  if (protocol === "icmp" || ranges.length === 0 || ranges.includes("*")) return [{ protocol }];
  return ranges.flatMap((range) => {
    const [from, to = from] = range.split("-").map(Number) as [number, number?];
    const withPorts = protocol === "all" ? (["tcp", "udp"] as const) : [protocol];
    return withPorts.map((one) => ({ protocol: one, ports: { from, to } }));
  });
}

/** One list that decides as two lists do when both have to let a flow through: each pair in turn, for what both match. */
function bothOf(first: readonly FirewallRule[], second: readonly FirewallRule[]): FirewallRule[] {
  return first.flatMap((one) => second.flatMap((other) => meetingOf(one, other)));
}

function meetingOf(one: FirewallRule, other: FirewallRule): FirewallRule[] {
  const [outer, inner] = contains(one.cidr, other.cidr) ? [one, other] : [other, one];
  const protocol = one.protocol === "all" ? other.protocol : one.protocol;
  const [from, to] = [one, other].reduce(
    ([low, high], { ports }) => [Math.max(low, ports?.from ?? 0), Math.min(high, ports?.to ?? 65_535)],
    [0, 65_535],
  ) as [number, number];
  if (!contains(outer.cidr, inner.cidr) || ![protocol, "all"].includes(other.protocol) || from > to) return [];
  return [
    {
      ...(one.isDenial || other.isDenial ? { isDenial: true } : {}),
      ...(one.isUntracked || other.isUntracked ? { isUntracked: true } : {}),
      direction: one.direction,
      protocol,
      ...(one.ports === undefined && other.ports === undefined ? {} : { ports: { from, to } }),
      cidr: inner.cidr,
    },
  ];
}
