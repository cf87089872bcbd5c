import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bastion, type Peer, parseBastion } from "../../../components/core/bastion.ts";
import type { BastionSpec, PeerSpec, TunnelSpec } from "../../../components/core/bastion-spec.ts";
import { allocateBindPorts } from "../../../components/core/bind-port.ts";
import { placeTunnels } from "../../../components/core/forward.ts";
import { makeKeySet, renderKeySet } from "../../../components/core/key-set.ts";
import { type PublicKey, parsePublicKey } from "../../../components/core/public-key.ts";
import { packDocument } from "../../../components/host/mailbox-document.ts";
import { packedKeySetBytes, plainKeySetBytes } from "../../../components/shared/key-set-size.ts";
import { RANDOM_KEY } from "../../support/random-keys.ts";

const USERS = { tunnel: "tunnel", consumer: "consumer" };

/** The key set as it really is, with keys of which nothing was known and the ports it happened to get. */
function realKeySet(bastion: Bastion, bindPorts: Readonly<Record<string, number>>): string {
  const keysOf = (peers: readonly Peer[]): Record<string, PublicKey[]> =>
    Object.fromEntries(
      peers.flatMap(({ name, generateKey, keyGenerations }) =>
        generateKey === undefined ? [] : [[name, keyGenerations.map(() => parsePublicKey(RANDOM_KEY[generateKey]()))]],
      ),
    );
  const generated = { clients: keysOf(bastion.clients), consumers: keysOf(bastion.consumers), operators: keysOf(bastion.operators) };
  return renderKeySet(makeKeySet(bastion, USERS, placeTunnels(bastion.tunnels, bindPorts), generated));
}

/** How large it is when it is packed. */
function realBytes(bastion: Bastion, bindPorts: Readonly<Record<string, number>>): number {
  return packDocument(realKeySet(bastion, bindPorts)).length;
}

/** The ports of tunnels in an order that a long history could have left. */
function portsOf({ bindPortRange: range, reservedPorts, tunnels }: Bastion, order: (at: number) => number): Record<string, number> {
  const requests = tunnels.map(({ name, requestedBindPort: bindPort }) => ({ name, bindPort }));
  const free = Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i).filter(
    (port) => !reservedPorts.includes(port) && !requests.some(({ bindPort }) => bindPort === port),
  );
  const shuffled = free.map((port, i) => ({ port, at: order(i) })).sort((a, b) => a.at - b.at);
  const previous = Object.fromEntries(requests.map(({ name }, i) => [name, shuffled[i]?.port ?? 0]).filter(([, port]) => port !== 0));
  return allocateBindPorts({ range, reservedPorts, requests, previous: previous as Record<string, number> });
}

/** A sequence without a pattern, the same each time. */
function randomOrder(seed: number): (at: number) => number {
  return (at) => Math.imul((at + 1) ^ (seed * 2654435761), 0x9e3779b1 ^ seed) >>> 0;
}

const named = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => ({ name: `peer-${i}`, ...of(i) }));
const peers = (count: number, peer: (i: number) => Omit<PeerSpec, "name">): PeerSpec[] => named(count, peer);
const tunnels = (count: number, changes: Omit<TunnelSpec, "name"> = {}): TunnelSpec[] => named(count, () => changes);
const spec = (changes: Partial<BastionSpec>): Bastion =>
  parseBastion({
    clientCidrs: ["198.51.100.0/24"],
    consumerCidrs: ["10.20.0.0/16"],
    tunnels: [{ name: "orders" }],
    clients: [],
    consumers: [],
    ...changes,
  });

test.each<[string, Bastion]>([
  ["nobody", spec({ tunnels: [] })],
  ["one client", spec({ clients: peers(1, () => ({ generateKey: "ed25519" })) })],
  ["50 clients", spec({ clients: peers(50, () => ({ generateKey: "ed25519" })) })],
  ["500 clients", spec({ clients: peers(500, () => ({ generateKey: "ed25519" })) })],
  [
    "60 RSA keys",
    spec({ clients: peers(30, () => ({ generateKey: "rsa-pem" })), consumers: peers(30, () => ({ generateKey: "rsa-pem" })) }),
  ],
  [
    "50 clients whose keys are changed",
    spec({ clients: peers(50, () => ({ generateKey: "ed25519", keyGeneration: 2, keepPreviousKey: true })) }),
  ],
  ["500 imported keys", spec({ clients: peers(500, () => ({ publicKeys: [RANDOM_KEY.ed25519()] })) })],
  ["900 tunnels of one client", spec({ tunnels: tunnels(900), clients: peers(1, () => ({ generateKey: "ed25519" })) })],
  [
    "900 tunnels of one consumer, on any port there is",
    spec({
      tunnels: tunnels(900),
      bindPortRange: { first: 1024, last: 32767 },
      clients: peers(1, () => ({ generateKey: "ed25519" })),
      consumers: peers(1, () => ({ generateKey: "ed25519" })),
    }),
  ],
  [
    "300 tunnels, each with a client of its own",
    spec({
      tunnels: tunnels(300, { bindAddress: "loopback" }),
      bindPortRange: { first: 9000, last: 11000 },
      clients: peers(300, (i) => ({ generateKey: "ed25519", tunnels: [`peer-${i}`] })),
    }),
  ],
])("room is made for %s, and not for twice as much", (_what, bastion) => {
  const planned = packedKeySetBytes(bastion, USERS);
  for (const seed of [1, 2, 3]) {
    const real = realBytes(bastion, portsOf(bastion, randomOrder(seed)));
    expect(real, `seed ${seed}`).toBeLessThanOrEqual(planned);
    expect(planned).toBeLessThan(real * 2 + 1024);
    const plain = Buffer.byteLength(realKeySet(bastion, portsOf(bastion, randomOrder(seed))));
    expect(plain, `seed ${seed}, plain`).toBeLessThanOrEqual(plainKeySetBytes(bastion, USERS));
    expect(plainKeySetBytes(bastion, USERS)).toBeLessThan(plain * 1.2 + 1024);
  }
});

test("whatever keys are made and ports allocated, there is room for them", () => {
  const kind = fc.constantFrom("ed25519" as const, "rsa-pem" as const);
  const tunnelCount = fc.integer({ min: 1, max: 60 });
  const bastions = tunnelCount.chain((count) => {
    const names = Array.from({ length: count }, (_, i) => `tunnel-${i}`);
    const some = fc.option(fc.subarray(names, { minLength: 1 }), { nil: undefined });
    const peer = fc.record({ generateKey: kind, tunnels: some, keyGeneration: fc.constant(7), keepPreviousKey: fc.boolean() });
    const first = fc.integer({ min: 1024, max: 32000 });
    return fc.record({
      tunnels: fc.constant(names.map((name, i) => ({ name, bindAddress: i % 3 === 0 ? "loopback" : "all" }))),
      bindPortRange: first.map((port) => ({ first: port, last: Math.min(32767, port + 700) })),
      clients: fc.array(peer, { maxLength: 20 }),
      consumers: fc.array(peer, { maxLength: 5 }),
    });
  });
  fc.assert(
    fc.property(bastions, fc.integer(), ({ clients, consumers, ...rest }, seed) => {
      const bastion = spec({
        ...rest,
        clients: peers(clients.length, (i) => clients[i] ?? {}),
        consumers: peers(consumers.length, (i) => consumers[i] ?? {}),
      });
      const bindPorts = portsOf(bastion, randomOrder(seed));
      expect(realBytes(bastion, bindPorts)).toBeLessThanOrEqual(packedKeySetBytes(bastion, USERS));
      expect(Buffer.byteLength(realKeySet(bastion, bindPorts))).toBeLessThanOrEqual(plainKeySetBytes(bastion, USERS));
    }),
    { numRuns: 60 },
  );
});

test("the plan is the same each time: it decides how many resources there are", () => {
  const bastion = spec({ clients: peers(20, () => ({ generateKey: "ed25519" })) });
  expect(packedKeySetBytes(bastion, USERS)).toBe(packedKeySetBytes(bastion, USERS));
});
