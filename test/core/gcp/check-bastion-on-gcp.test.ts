import fc from "fast-check";
import { expect, test } from "vitest";
import type { TunnelSpec } from "../../../components/core/bastion-spec.ts";
import type { PartialSpec } from "../../../components/core/check-bastion.ts";
import { checkBastionOnGcp } from "../../../components/core/gcp/check-bastion-on-gcp.ts";
import type { GcpSpec } from "../../../components/core/gcp/gcp-spec.ts";
import { anyGcpSpec } from "../../support/any-gcp-spec.ts";
import { ED25519_A } from "../../support/keys.ts";

const BASTION: PartialSpec = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [{ name: "orders" }, { name: "flow", bindAddress: "loopback" }],
};

/** What is refused, as `path: reason`. */
const refused = (bastion: PartialSpec, spec: Partial<GcpSpec> = {}) =>
  checkBastionOnGcp({ ...BASTION, ...bastion }, spec).map(({ path, reason }) => `${path}: ${reason}`);

test("an ordinary bastion has no problem on Compute Engine, and what is missing is somebody else's business", () => {
  expect(refused({})).toEqual([]);
  expect(checkBastionOnGcp({}, {})).toEqual([]);
  expect(checkBastionOnGcp({ tunnels: [undefined as unknown as TunnelSpec, {}], clientCidrs: [undefined] }, { admin: {} })).toEqual([]);
});

test("a tunnel can listen on the private address, and on no other", () => {
  const tunnels = [
    { name: "a", bindAddress: "10.255.0.7" },
    { name: "b", bindAddress: "203.0.113.9" },
  ];
  expect(refused({ tunnels }, { privateAddress: "10.255.0.7" })).toEqual([
    "tunnels[1].bindAddress: 203.0.113.9 is not the private address of the bastion; that is 10.255.0.7",
  ]);
});

test("blocks of IPv6 are refused, for clients and consumers", () => {
  expect(refused({ clientCidrs: ["198.51.100.0/24", "::/0"], consumerCidrs: ["2001:db8::/32"] })).toEqual([
    'clientCidrs[1]: got "::/0", and the bastion has no IPv6 address; name the IPv4 block, or leave it out',
    'consumerCidrs[0]: got "2001:db8::/32", and bind ports are reached over IPv4; name the consumers\' IPv4 block',
  ]);
});

test.each<[PartialSpec, GcpSpec["admin"], string[]]>([
  [{}, { publicKey: "", user: "tunnel", cidrs: [] }, ["tunnelUser"]],
  [{}, { publicKey: "", user: "consumer", cidrs: [] }, ["consumerUser"]],
  [{ consumerUser: "jane" }, { publicKey: "", user: "jane", cidrs: [] }, ["consumerUser"]],
  [{ tunnelUser: "bastion-admin" }, { publicKey: "", cidrs: [] }, ["tunnelUser"]],
  [{ tunnelUser: "bastion-admin" }, { osLogin: true, cidrs: [] }, []],
  [{}, { publicKey: "", user: "jane", cidrs: [] }, []],
])("with %j and the admin %j, nobody is two people", (bastion, admin, paths) => {
  const reason = "is the admin's user too; give one of them another name";
  expect(refused(bastion, { admin })).toEqual(paths.map((path) => expect.stringMatching(new RegExp(`^${path}: "[a-z-]+" ${reason}$`))));
});

test("more blocks than one rule takes are refused with a remedy", () => {
  const blocks = (count: number) => Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
  expect(refused({ clientCidrs: blocks(5000), consumerCidrs: blocks(5000) })).toEqual([]);
  expect(refused({ clientCidrs: blocks(5001), consumerCidrs: blocks(6000) })).toEqual([
    "clientCidrs: got 5001 blocks, and a firewall rule takes 5000; merge neighbouring ones",
    "consumerCidrs: got 6000 blocks, and a firewall rule takes 5000; merge neighbouring ones",
  ]);
});

test("whatever is missing or odd, it is checked without a crash", () => {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("10.0.0.0/8", "::/0", "10.0.0.1", "loopback", ED25519_A.line));
  const texts = optional(fc.array(optional(text), { maxLength: 4 }));
  const bastion = fc.record({
    clientCidrs: texts,
    consumerCidrs: texts,
    tunnelUser: optional(text),
    tunnels: optional(fc.array(optional(fc.record({ name: optional(text), bindAddress: optional(text) })), { maxLength: 4 })),
  });
  fc.assert(
    fc.property(bastion, anyGcpSpec, (any, spec) => {
      for (const { path, reason } of checkBastionOnGcp(any as PartialSpec, spec)) {
        expect(path).toMatch(/^(?:tunnels\[\d\]\.bindAddress|(?:client|consumer)Cidrs(?:\[\d\])?|(?:tunnel|consumer)User)$/);
        expect(reason).not.toMatch(/undefined|NaN|\n/);
      }
    }),
    { numRuns: 500 },
  );
});
