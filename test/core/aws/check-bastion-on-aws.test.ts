import fc from "fast-check";
import { expect, test } from "vitest";
import type { AwsSpec } from "../../../components/core/aws/aws-spec.ts";
import { checkBastionOnAws } from "../../../components/core/aws/check-bastion-on-aws.ts";
import type { TunnelSpec } from "../../../components/core/bastion-spec.ts";
import type { PartialSpec } from "../../../components/core/check-bastion.ts";
import { anyAwsSpec } from "../../support/any-aws-spec.ts";
import { ED25519_A } from "../../support/keys.ts";

const BASTION: PartialSpec = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [{ name: "orders" }, { name: "flow", bindAddress: "loopback" }],
};

/** What is refused, as `path: reason`. */
const refused = (bastion: PartialSpec, spec: AwsSpec = {}) =>
  checkBastionOnAws({ ...BASTION, ...bastion }, spec).map(({ path, reason }) => `${path}: ${reason}`);

test("an ordinary bastion has no problem on EC2", () => {
  expect(refused({})).toEqual([]);
});

test("what is missing is somebody else's business", () => {
  expect(checkBastionOnAws({}, {})).toEqual([]);
  expect(checkBastionOnAws({ tunnels: [undefined as unknown as TunnelSpec, {}], clientCidrs: [undefined] }, { admin: {} })).toEqual([]);
});

// Bind addresses.

test("a tunnel can listen on the private address, and on no other", () => {
  const tunnels = [
    { name: "a", bindAddress: "10.255.0.7" },
    { name: "b", bindAddress: "all" },
    { name: "c", bindAddress: "203.0.113.9" },
  ];
  expect(refused({ tunnels }, { privateAddress: "10.255.0.7" })).toEqual([
    "tunnels[2].bindAddress: 203.0.113.9 is not the private address of the bastion; that is 10.255.0.7",
  ]);
  expect(refused({ tunnels: tunnels.slice(0, 1) })).toEqual([
    "tunnels[0].bindAddress: 10.255.0.7 is not the private address of the bastion; set privateAddress to 10.255.0.7, and it will be",
  ]);
});

test.each(["0.0.0.0", "127.0.0.1", "127.0.1.1", "localhost", "::1"])(
  "%s is refused on every target, and nobody is told to make it the private address",
  (bindAddress) => {
    expect(refused({ tunnels: [{ name: "a", bindAddress }] })).toEqual([]);
  },
);

test("a bad private address is not also blamed on every tunnel", () => {
  expect(refused({ tunnels: [{ name: "a", bindAddress: "10.255.0.7" }] }, { privateAddress: "10.255.0" })).toEqual([]);
});

// Families.

test("IPv6 blocks of clients need an IPv6 address", () => {
  const blocks = { clientCidrs: ["198.51.100.0/24", "::/0"] };
  expect(refused(blocks)).toEqual(['clientCidrs[1]: got "::/0", and the bastion has no IPv6 address; set "ipv6: true", or leave it out']);
  expect(refused(blocks, { ipv6: false })).toHaveLength(1);
  expect(refused(blocks, { ipv6: true })).toEqual([]);
});

test("consumers come by IPv4, whether the bastion has an IPv6 address or not", () => {
  const blocks = { consumerCidrs: ["2001:DB8::/32", "10.20.0.0/16"] };
  const reason = 'got "2001:DB8::/32", and bind ports are reached over IPv4; name the consumers\' IPv4 block';
  expect([refused(blocks), refused(blocks, { ipv6: true })]).toEqual([[`consumerCidrs[0]: ${reason}`], [`consumerCidrs[0]: ${reason}`]]);
});

test("what is no block at all is reported as that, elsewhere", () => {
  expect(refused({ clientCidrs: ["2001:db8::1/32", "x"] })).toEqual([]);
});

// The number of rules.

const blocks = (count: number) => Array.from({ length: count }, (_, i) => `198.51.${i}.0/24`);
const blocks6 = (count: number) => Array.from({ length: count }, (_, i) => `2001:db8:${i.toString(16)}::/48`);
const tunnels = (count: number, bindAddress?: string): TunnelSpec[] =>
  Array.from({ length: count }, (_, i) => ({ name: `t${i}`, ...(bindAddress === undefined ? {} : { bindAddress }) }));
const REMEDY = "merge blocks, put tunnels on loopback, or have the quota raised and say so in rulesPerSecurityGroup";

test.each<[string, PartialSpec, AwsSpec]>([
  ["60 blocks that may log in", { clientCidrs: blocks(60), tunnels: [] }, {}],
  ["58 tunnels beside one block and an admin", { tunnels: tunnels(58) }, { admin: { publicKey: "", cidrs: ["203.0.113.0/24"] } }],
  [
    "as many as the raised quota",
    { clientCidrs: blocks(40), consumerCidrs: blocks(20), tunnels: tunnels(3) },
    { rulesPerSecurityGroup: 100 },
  ],
  ["tunnels on loopback, which need none", { tunnels: [...tunnels(59), ...tunnels(500, "loopback")] }, {}],
  [
    "blocks that are written more than once, also in other spellings",
    { clientCidrs: [...blocks(58), ...blocks(58), "2001:db8::/32", "2001:0DB8:0::/32"], tunnels: tunnels(2) },
    { ipv6: true },
  ],
  ["60 for each family", { clientCidrs: [...blocks(60), ...blocks6(60)], tunnels: [] }, { ipv6: true }],
  ["what is no block", { clientCidrs: [...blocks(60), "x"], tunnels: [] }, {}],
])("accepted: %s", (_what, bastion, spec) => {
  expect(refused(bastion, spec)).toEqual([]);
});

test.each<[string, PartialSpec, AwsSpec, string]>([
  [
    "61 blocks that may log in",
    { clientCidrs: blocks(61), tunnels: [] },
    {},
    "0 tunnels for 1 IPv4 blocks, and 61 IPv4 blocks that may log in, are 61 firewall rules, and a security group takes 60",
  ],
  [
    "60 tunnels beside one block",
    { tunnels: tunnels(60) },
    {},
    "60 tunnels for 1 IPv4 blocks, and 1 IPv4 blocks that may log in, are 61 firewall rules, and a security group takes 60",
  ],
  [
    "59 tunnels beside one block and an admin",
    { tunnels: tunnels(59) },
    { admin: { publicKey: "", cidrs: ["203.0.113.0/24"] } },
    "59 tunnels for 1 IPv4 blocks, and 2 IPv4 blocks that may log in, are 61 firewall rules, and a security group takes 60",
  ],
  [
    "an admin and clients from the same block, on different ports",
    { tunnels: tunnels(59) },
    { admin: { publicKey: "", cidrs: ["198.51.100.0/24"] } },
    "59 tunnels for 1 IPv4 blocks, and 2 IPv4 blocks that may log in, are 61 firewall rules, and a security group takes 60",
  ],
  [
    "blocks times tunnels",
    { consumerCidrs: blocks(20), tunnels: tunnels(3) },
    {},
    "3 tunnels for 20 IPv4 blocks, and 1 IPv4 blocks that may log in, are 61 firewall rules, and a security group takes 60",
  ],
  [
    "a lowered quota",
    { tunnels: tunnels(10, "10.255.0.7") },
    { rulesPerSecurityGroup: 10, privateAddress: "10.255.0.7" },
    "10 tunnels for 1 IPv4 blocks, and 1 IPv4 blocks that may log in, are 11 firewall rules, and a security group takes 10",
  ],
  [
    "61 for IPv6 alone",
    { clientCidrs: [...blocks(30), ...blocks6(61)], tunnels: [] },
    { ipv6: true },
    "0 tunnels for 0 IPv6 blocks, and 61 IPv6 blocks that may log in, are 61 firewall rules, and a security group takes 60",
  ],
])("refused: %s", (_what, bastion, spec, reason) => {
  expect(refused(bastion, spec)).toEqual([`consumerCidrs: ${reason}; ${REMEDY}`]);
});

test("whatever is missing or odd, it is checked without a crash", () => {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("10.0.0.0/8", "::/0", "10.0.0.1", "loopback", ED25519_A.line));
  const texts = optional(fc.array(optional(text), { maxLength: 4 }));
  const bastion = fc.record({
    clientCidrs: texts,
    consumerCidrs: texts,
    tunnels: optional(fc.array(optional(fc.record({ name: optional(text), bindAddress: optional(text) })), { maxLength: 4 })),
  });
  fc.assert(
    fc.property(bastion, anyAwsSpec, (any, spec) => {
      for (const { path, reason } of checkBastionOnAws(any as PartialSpec, spec)) {
        expect(path).toMatch(/^(?:tunnels\[\d\]\.bindAddress|(?:client|consumer)Cidrs(?:\[\d\])?)$/);
        expect(reason).not.toMatch(/undefined|NaN|\n/);
      }
    }),
    { numRuns: 500 },
  );
});
