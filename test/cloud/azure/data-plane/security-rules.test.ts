import { expect, test } from "vitest";
import type { FirewallRule } from "../../machine/cloud-adaptor.ts";
import { contains } from "../../world/cidr-blocks.ts";
import { securityRules } from "./security-rules.ts";

const PLACE = { address: "10.30.0.4", networkBlocks: ["10.30.0.0/16"] };
const DEFAULTS_IN: readonly FirewallRule[] = [
  { direction: "in", protocol: "all", cidr: "10.30.0.0/16" },
  { direction: "in", protocol: "all", cidr: "168.63.129.16/32" },
  { isDenial: true, direction: "in", protocol: "all", cidr: "0.0.0.0/0" },
];

const rule = (priority: number, port: string, parts: object = {}) => ({
  priority,
  access: "Allow",
  direction: "Inbound",
  protocol: "Tcp",
  sourceAddressPrefix: "198.51.100.0/24",
  sourcePortRange: "*",
  destinationAddressPrefix: "*",
  destinationPortRange: port,
  ...parts,
});
const tcp = (port: number, cidr = "198.51.100.0/24"): FirewallRule => ({
  direction: "in",
  protocol: "tcp",
  ports: { from: port, to: port },
  cidr,
});
const inwards = (...groups: readonly object[]) => securityRules(groups as never, PLACE).filter(({ direction }) => direction === "in");
const group = (...securityRules: readonly object[]) => ({ securityRules });

test("a group's rules count by priority, and Azure's own come last: neighbours are let in, others are not", () => {
  expect(inwards(group(rule(200, "2"), rule(100, "1", { access: "Deny" })))).toEqual([
    { ...tcp(1), isDenial: true },
    tcp(2),
    ...DEFAULTS_IN,
  ]);
});

test("what goes out is let out, to the network and to the internet", () => {
  const half = { ...PLACE, networkBlocks: ["0.0.0.0/1"] };
  expect(securityRules([group()], half).filter(({ direction }) => direction === "out")).toEqual([
    { direction: "out", protocol: "all", cidr: "0.0.0.0/1" },
    { direction: "out", protocol: "all", cidr: "128.0.0.0/1" },
    { isDenial: true, direction: "out", protocol: "all", cidr: "0.0.0.0/0" },
  ]);
});

test("without a group nothing comes in from the internet, and everything goes out", () => {
  expect(securityRules([], PLACE)).toEqual([...DEFAULTS_IN.slice(0, 2), { direction: "out", protocol: "all", cidr: "0.0.0.0/0" }]);
});

test("prefixes are blocks, addresses and tags, in either form; what is for another address does not count", () => {
  const sources = { sourceAddressPrefix: undefined, sourceAddressPrefixes: ["192.0.2.1", "203.0.113.0/24"] };
  expect(
    inwards(
      group(
        rule(100, "1", sources),
        rule(101, "2", { sourceAddressPrefix: "VirtualNetwork" }),
        rule(102, "3", { sourceAddressPrefix: "AzureLoadBalancer" }),
        rule(103, "4", { destinationAddressPrefix: "10.30.0.5" }),
        rule(104, "5", { destinationAddressPrefix: "VirtualNetwork" }),
      ),
    ),
  ).toEqual([tcp(1, "192.0.2.1/32"), tcp(1, "203.0.113.0/24"), tcp(2, "10.30.0.0/16"), tcp(3, "168.63.129.16/32"), tcp(5), ...DEFAULTS_IN]);
  expect(() => inwards(group(rule(100, "1", { sourceAddressPrefix: "Sql" })))).toThrow("the stand-in has no addresses of Sql");
});

test("the internet is everything but the network", () => {
  const blocks = inwards(group(rule(100, "*", { sourceAddressPrefix: "Internet" }))).slice(0, -DEFAULTS_IN.length);
  expect(blocks.map(({ cidr }) => cidr)).toEqual(expect.arrayContaining(["0.0.0.0/5", "10.31.0.0/16", "128.0.0.0/1"]));
  expect(blocks).toHaveLength(16);
});

test("ports are one, many, ranges or all; any protocol with ports means those that have some", () => {
  expect(
    inwards(
      group(
        rule(100, "", { destinationPortRange: undefined, destinationPortRanges: ["1", "100-200"] }),
        rule(101, "*"),
        rule(102, "53", { protocol: "*" }),
        rule(103, "*", { protocol: "Icmp" }),
        rule(104, "*", { protocol: "Esp" }),
      ),
    ),
  ).toEqual([
    tcp(1),
    { ...tcp(1), ports: { from: 100, to: 200 } },
    { direction: "in", protocol: "tcp", cidr: "198.51.100.0/24" },
    tcp(53),
    { ...tcp(53), protocol: "udp" },
    { direction: "in", protocol: "icmp", cidr: "198.51.100.0/24" },
    ...DEFAULTS_IN,
  ]);
});

test("of two groups, the subnet's and the interface's, both have to let a flow through", () => {
  const subnet = group(rule(100, "2000-3000", { sourceAddressPrefix: "198.51.100.0/25" }), rule(101, "*", { access: "Deny" }));
  const card = group(
    rule(100, "2222"),
    rule(101, "3001", { protocol: "*" }),
    rule(4096, "*", { sourceAddressPrefix: "*", access: "Deny" }),
  );
  const rules = inwards(subnet, card);
  const isLetIn = (from: string, port: number): boolean => {
    const decides = rules.find(
      ({ cidr, protocol, ports }) =>
        contains(cidr, `${from}/32`) && protocol !== "udp" && (ports === undefined || (ports.from <= port && port <= ports.to)),
    );
    return decides !== undefined && decides.isDenial !== true;
  };
  expect(rules[0]).toEqual(tcp(2222, "198.51.100.0/25"));
  expect(isLetIn("198.51.100.1", 2222), "both").toBe(true);
  expect(isLetIn("198.51.100.200", 2222), "not the subnet's").toBe(false);
  expect(isLetIn("198.51.100.1", 2223), "not the interface's").toBe(false);
  expect(isLetIn("198.51.100.1", 3001), "not the subnet's").toBe(false);
  expect(isLetIn("10.30.0.9", 2222), "a neighbour, by the subnet's last rules only").toBe(false);
});

test("flows stay when their rule goes, unless the group says that they end", () => {
  expect(inwards({ ...group(rule(100, "1")), flushConnection: true })[0]).toEqual({ ...tcp(1), isUntracked: true });
});
