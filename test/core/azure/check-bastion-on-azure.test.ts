import fc from "fast-check";
import { expect, test } from "vitest";
import type { AzureSpec } from "../../../components/core/azure/azure-spec.ts";
import { checkBastionOnAzure } from "../../../components/core/azure/check-bastion-on-azure.ts";
import type { TunnelSpec } from "../../../components/core/bastion-spec.ts";
import type { PartialSpec } from "../../../components/core/check-bastion.ts";
import { anyAzureSpec } from "../../support/any-azure-spec.ts";
import { ED25519_A } from "../../support/keys.ts";

const BASTION: PartialSpec = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [{ name: "orders" }, { name: "flow", bindAddress: "loopback" }],
};

/** What is refused, as `path: reason`. */
const refused = (bastion: PartialSpec, spec: Partial<AzureSpec> = {}) =>
  checkBastionOnAzure({ ...BASTION, ...bastion }, spec).map(({ path, reason }) => `${path}: ${reason}`);

test("an ordinary bastion has no problem on Azure, and what is missing is somebody else's business", () => {
  expect(refused({})).toEqual([]);
  expect(checkBastionOnAzure({}, {})).toEqual([]);
  expect(checkBastionOnAzure({ tunnels: [undefined as unknown as TunnelSpec, {}], clientCidrs: [undefined] }, { admin: {} })).toEqual([]);
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

test("nobody logs in with the admin's key", () => {
  expect(
    refused({ clients: [{ name: "dc1", publicKeys: [ED25519_A.line] }] }, { admin: { publicKey: ED25519_A.line, cidrs: [] } }),
  ).toEqual(["clients[0].publicKeys[0]: is the admin's key too, which has all rights on the machine; use another one here"]);
});

test.each<[PartialSpec, AzureSpec["admin"], string[]]>([
  [{}, { publicKey: "", user: "tunnel", cidrs: [] }, ["tunnelUser"]],
  [{}, { publicKey: "", user: "consumer", cidrs: [] }, ["consumerUser"]],
  [{ consumerUser: "jane" }, { publicKey: "", user: "jane", cidrs: [] }, ["consumerUser"]],
  [{ tunnelUser: "bastion-admin" }, { publicKey: "", cidrs: [] }, ["tunnelUser"]],
  [{ tunnelUser: "bastion-admin" }, undefined, []],
  [{}, { publicKey: "", user: "jane", cidrs: [] }, []],
])("with %j and the admin %j, nobody is two people", (bastion, admin, paths) => {
  const reason = "is the admin's user too; give one of them another name";
  expect(refused(bastion, { admin })).toEqual(paths.map((path) => expect.stringMatching(new RegExp(`^${path}: "[a-z-]+" ${reason}$`))));
});

test("more blocks than one group takes are refused with a remedy", () => {
  const blocks = (count: number) => Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
  const admin = { publicKey: "", cidrs: blocks(1) };
  expect(refused({ clientCidrs: blocks(2000), consumerCidrs: blocks(1999) }, { admin })).toEqual([]);
  expect(refused({ clientCidrs: blocks(2000), consumerCidrs: blocks(2000) }, { admin })).toEqual([
    "clientCidrs: these, consumerCidrs and the admin's are 4001 blocks, and a network security group takes 4000; merge neighbouring ones",
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
    fc.property(bastion, anyAzureSpec, (any, spec) => {
      for (const { path, reason } of checkBastionOnAzure(any as PartialSpec, spec)) {
        expect(path).toMatch(/^(?:tunnels\[\d\]\.bindAddress|(?:client|consumer)Cidrs(?:\[\d\])?|(?:tunnel|consumer)User)$/);
        expect(reason).not.toMatch(/undefined|NaN|\n/);
      }
    }),
    { numRuns: 500 },
  );
});
