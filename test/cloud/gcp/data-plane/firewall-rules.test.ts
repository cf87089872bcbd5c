import { expect, test } from "vitest";
import type { FirewallRule } from "../../machine/cloud-adaptor.ts";
import { TYPE } from "../control-plane/types.ts";
import { firewallRules, type Target } from "./firewall-rules.ts";

const EVERYTHING_OUT: readonly FirewallRule[] = [
  { direction: "out", protocol: "all", cidr: "0.0.0.0/0" },
  { direction: "out", protocol: "all", cidr: "::/0" },
];
const OURS: Target = { network: "net", serviceAccount: "bastion@acme", tags: ["bastion"] };

function rulesFor(rules: readonly object[], target: Partial<Target> = {}, reachesServices = true): FirewallRule[] {
  const declared = rules.map((rule) => ({ network: "net", direction: "INGRESS", priority: 1000, sourceRanges: ["10.0.0.0/8"], ...rule }));
  const instance = {
    serviceAccount: { email: "consumer@acme" },
    tags: ["consumer"],
    networkInterfaces: [{ network: "net", networkIp: "10.20.0.7", accessConfigs: [] }],
  };
  const records = { [TYPE.firewall]: Object.fromEntries(declared.entries()), [TYPE.instance]: { consumer: instance } };
  return firewallRules({ records, seeds: {} }, { ...OURS, ...target }, reachesServices);
}

const tcp = (port: number, parts: object = {}) => ({ allows: [{ protocol: "tcp", ports: [`${port}`] }], ...parts });
const inwards = (port: number, cidr = "10.0.0.0/8"): FirewallRule => ({
  direction: "in",
  protocol: "tcp",
  ports: { from: port, to: port },
  cidr,
});

test("without a rule nothing comes in, and everything goes out", () => {
  expect(rulesFor([])).toEqual(EVERYTHING_OUT);
});

test("the lowest number comes first, and of those with the same the denial", () => {
  const deny = { denies: [{ protocol: "all" }] };
  expect(rulesFor([tcp(1), tcp(2, { priority: 900 }), deny, tcp(3, { priority: 65_534 })])).toEqual([
    inwards(2),
    { isDenial: true, direction: "in", protocol: "all", cidr: "10.0.0.0/8" },
    inwards(1),
    inwards(3),
    ...EVERYTHING_OUT,
  ]);
});

test("a rule is for those it targets, and for all where it targets none; never for another network", () => {
  const rules = [
    tcp(1),
    tcp(2, { targetServiceAccounts: ["bastion@acme"] }),
    tcp(3, { targetServiceAccounts: ["other@acme"] }),
    tcp(4, { targetTags: ["bastion", "x"] }),
    tcp(5, { targetTags: ["other"] }),
    tcp(6, { network: "other" }),
    tcp(7, { disabled: true }),
  ];
  expect(rulesFor(rules)).toEqual([inwards(1), inwards(2), inwards(4), ...EVERYTHING_OUT]);
  expect(rulesFor(rules, { serviceAccount: undefined, tags: [] })).toEqual([inwards(1), ...EVERYTHING_OUT]);
});

test("no ports are all ports; ranges are ranges; a number names a protocol", () => {
  expect(
    rulesFor([
      { allows: [{ protocol: "TCP", ports: [] }, { protocol: "17", ports: ["53", "100-200"] }, { protocol: "icmp" }, { protocol: "esp" }] },
    ]),
  ).toEqual([
    { direction: "in", protocol: "tcp", cidr: "10.0.0.0/8" },
    { direction: "in", protocol: "udp", ports: { from: 53, to: 53 }, cidr: "10.0.0.0/8" },
    { direction: "in", protocol: "udp", ports: { from: 100, to: 200 }, cidr: "10.0.0.0/8" },
    { direction: "in", protocol: "icmp", cidr: "10.0.0.0/8" },
    ...EVERYTHING_OUT,
  ]);
});

test("sources by tag or account are internal addresses, besides the ranges", () => {
  expect(rulesFor([tcp(1, { sourceServiceAccounts: ["consumer@acme"] }), tcp(2, { sourceRanges: [], sourceTags: ["consumer"] })])).toEqual([
    inwards(1),
    inwards(1, "10.20.0.7/32"),
    inwards(2, "10.20.0.7/32"),
    ...EVERYTHING_OUT,
  ]);
});

test("a denial outwards comes before what everything may do; Google's services can be out of reach", () => {
  const egress = { direction: "EGRESS", denies: [{ protocol: "all" }], destinationRanges: ["198.51.100.0/24"] };
  expect(rulesFor([egress], {}, false)).toEqual([
    { isDenial: true, direction: "out", protocol: "all", cidr: "203.0.113.250/32" },
    { isDenial: true, direction: "out", protocol: "all", cidr: "198.51.100.0/24" },
    ...EVERYTHING_OUT,
  ]);
});
