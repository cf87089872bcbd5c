import type { FirewallRule } from "../../machine/cloud-adaptor.ts";
import { objects, recordsOf, text, texts } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { TYPE } from "../control-plane/types.ts";

type Direction = FirewallRule["direction"];

const WORLD_BLOCKS = ["0.0.0.0/0", "::/0"];

/**
 * The rules of security groups, whether they stand in the group or are resources of their own. Where they open a port to
 * everybody and every answer outwards, AWS does not track the flows.
 */
export function securityGroupRules(state: WorldState, groupIds: readonly string[]): FirewallRule[] {
  const rules = declaredRules(state, groupIds);
  const opensEveryAnswer = (cidr: string) =>
    rules.some((other) => other.direction === "out" && other.cidr === cidr && other.protocol === "all");
  return rules.map((rule) =>
    rule.direction === "in" && WORLD_BLOCKS.includes(rule.cidr) && opensEveryAnswer(rule.cidr) ? { ...rule, isUntracked: true } : rule,
  );
}

function declaredRules(state: WorldState, groupIds: readonly string[]): FirewallRule[] {
  const ofGroups = (type: string) =>
    recordsOf(state, type)
      .map(([, rule]) => rule)
      .filter((rule) => groupIds.includes(text(rule, "securityGroupId") ?? ""));
  const groups = groupIds.map((id) => state.records[TYPE.securityGroup]?.[id]);
  return [
    ...ofGroups(TYPE.securityGroupIngressRule).flatMap((rule) => ruleOf("in", rule, text(rule, "ipProtocol"), blocksOfRule(state, rule))),
    ...ofGroups(TYPE.securityGroupEgressRule).flatMap((rule) => ruleOf("out", rule, text(rule, "ipProtocol"), blocksOfRule(state, rule))),
    ...groups.flatMap((group) =>
      objects(group, "ingress").flatMap((rule) => ruleOf("in", rule, text(rule, "protocol"), blocksInGroup(state, rule))),
    ),
    ...groups.flatMap((group) =>
      objects(group, "egress").flatMap((rule) => ruleOf("out", rule, text(rule, "protocol"), blocksInGroup(state, rule))),
    ),
  ];
}

function ruleOf(direction: Direction, rule: WorldRecord, protocol: string | undefined, blocks: readonly string[]): FirewallRule[] {
  const kind = PROTOCOLS[protocol ?? ""];
  if (kind === undefined) return [];
  const from = Number(rule.fromPort ?? 0);
  const to = Number(rule.toPort ?? 65_535);
  const ports = kind === "tcp" || kind === "udp" ? { ports: { from, to } } : {};
  return blocks.map((cidr) => ({ direction, protocol: kind, ...ports, cidr }));
}

/** By name or by number, as EC2 takes them. */
const PROTOCOLS: Readonly<Record<string, FirewallRule["protocol"]>> = {
  "-1": "all",
  all: "all",
  tcp: "tcp",
  "6": "tcp",
  udp: "udp",
  "17": "udp",
  icmp: "icmp",
  "1": "icmp",
  icmpv6: "icmp",
  "58": "icmp",
};

function blocksOfRule(state: WorldState, rule: WorldRecord): string[] {
  const blocks = [text(rule, "cidrIpv4"), text(rule, "cidrIpv6")].filter((block) => block !== undefined);
  const group = text(rule, "referencedSecurityGroupId");
  return group === undefined ? blocks : [...blocks, ...membersOf(state, group)];
}

function blocksInGroup(state: WorldState, rule: WorldRecord): string[] {
  const members = texts(rule, "securityGroups").flatMap((group) => membersOf(state, group));
  return [...texts(rule, "cidrBlocks"), ...texts(rule, "ipv6CidrBlocks"), ...members];
}

/** A rule that names a group means the addresses of its members. */
function membersOf(state: WorldState, group: string): string[] {
  return recordsOf(state, TYPE.networkInterface).flatMap(([, card]) =>
    texts(card, "securityGroups").includes(group)
      ? [...texts(card, "privateIps").map((address) => `${address}/32`), ...texts(card, "ipv6Addresses").map((address) => `${address}/128`)]
      : [],
  );
}
