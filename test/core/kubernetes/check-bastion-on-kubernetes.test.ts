import fc from "fast-check";
import { expect, test } from "vitest";
import type { TunnelSpec } from "../../../components/core/bastion-spec.ts";
import { checkBastion, type PartialSpec } from "../../../components/core/check-bastion.ts";
import { checkBastionOnKubernetes } from "../../../components/core/kubernetes/check-bastion-on-kubernetes.ts";
import { podConsumers } from "../../../components/core/kubernetes/consumer-pods.ts";
import type { ExposureSpec } from "../../../components/core/kubernetes/exposure-spec.ts";
import { anyKubernetesSpec } from "../../support/any-kubernetes-spec.ts";
import { ED25519_A } from "../../support/keys.ts";

const BASTION: PartialSpec = {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [{ name: "orders" }, { name: "flow", bindAddress: "loopback" }],
};

/** What is refused, as `path: reason`. */
const refused = (bastion: PartialSpec, kind: ExposureSpec["kind"] = "none") =>
  checkBastionOnKubernetes({ ...BASTION, ...bastion }, { exposure: { kind } }).map(({ path, reason }) => `${path}: ${reason}`);

test("an ordinary bastion has no problem in a cluster, and what is missing is somebody else's business", () => {
  expect(refused({})).toEqual([]);
  expect(checkBastionOnKubernetes({}, {})).toEqual([]);
  expect(
    checkBastionOnKubernetes({ tunnels: [undefined as unknown as TunnelSpec, {}], clientCidrs: [undefined] }, { exposure: {} }),
  ).toEqual([]);
});

test("no tunnel can listen on one address: a pod's is another one each time", () => {
  expect(refused({ tunnels: [{ name: "a", bindAddress: "10.0.0.7" }] })).toEqual([
    'tunnels[0].bindAddress: 10.0.0.7 cannot be a pod\'s address for long; write "all" or "loopback"',
  ]);
});

test("blocks of IPv6 are refused, for clients and consumers", () => {
  expect(refused({ clientCidrs: ["198.51.100.0/24", "::/0"], consumerCidrs: ["2001:db8::/32"] })).toEqual([
    'clientCidrs[1]: got "::/0", and the bastion has no IPv6 address; name the IPv4 block, or leave it out',
    'consumerCidrs[0]: got "2001:db8::/32", and bind ports are reached over IPv4; name the consumers\' IPv4 block',
  ]);
});

test.each(["nginx-tcp-services", "gateway-tcp-route"] as const)("behind %s, no key can be held to an address", (kind) => {
  const peer = { name: "x", generateKey: "ed25519", sourceCidrs: ["198.51.100.7/32"] } as const;
  const reason = `sshd sees only the proxy's address with ${kind}, so nobody could log in; leave it out, or choose load-balancer or node-port`;
  expect(refused({ clients: [{ name: "y" }, peer], consumers: [peer] }, kind)).toEqual([
    `clients[1].sourceCidrs: ${reason}`,
    `consumers[0].sourceCidrs: ${reason}`,
  ]);
});

test.each(["load-balancer", "node-port", "none"] as const)("with %s it can", (kind) => {
  expect(refused({ clients: [{ name: "x", sourceCidrs: ["198.51.100.7/32"] }] }, kind)).toEqual([]);
});

// Who reaches bind ports.

test("without blocks of consumers, selected pods are enough; without both, the remedy names both", () => {
  const spec: PartialSpec = { ...BASTION, consumerCidrs: [], clients: [{ name: "x", publicKeys: [ED25519_A.line] }] };
  expect(checkBastion(spec, { otherConsumers: podConsumers([{ allNamespaces: true }]) })).toEqual([]);
  const remedy = 'name the CIDR blocks that may, select pods in consumerPods, or set "bindAddress: loopback" on the tunnels';
  for (const pods of [undefined, []])
    expect(checkBastion(spec, { otherConsumers: podConsumers(pods) })).toEqual([
      { path: "consumerCidrs", reason: `is empty, so nobody could reach orders; ${remedy}` },
    ]);
  // Elsewhere there are no pods.
  expect(checkBastion(spec)[0]?.reason).toBe(
    'is empty, so nobody could reach orders; name the CIDR blocks that may, or set "bindAddress: loopback" on the tunnels',
  );
});

test("whatever is missing or odd, it is checked without a crash", () => {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("10.0.0.0/8", "::/0", "10.0.0.1", "loopback", ED25519_A.line));
  const texts = optional(fc.array(optional(text), { maxLength: 4 }));
  const peers = optional(fc.array(optional(fc.record({ name: optional(text), sourceCidrs: texts })), { maxLength: 3 }));
  const bastion = fc.record({
    clientCidrs: texts,
    consumerCidrs: texts,
    clients: peers,
    consumers: peers,
    tunnels: optional(fc.array(optional(fc.record({ name: optional(text), bindAddress: optional(text) })), { maxLength: 4 })),
  });
  fc.assert(
    fc.property(bastion, anyKubernetesSpec, (any, spec) => {
      for (const { path, reason } of checkBastionOnKubernetes(any as PartialSpec, spec)) {
        expect(path).toMatch(/^(?:tunnels\[\d\]\.bindAddress|(?:client|consumer)Cidrs\[\d\]|(?:client|consumer)s\[\d\]\.sourceCidrs)$/);
        expect(reason).not.toMatch(/undefined|NaN|\n/);
      }
    }),
    { numRuns: 500 },
  );
});
