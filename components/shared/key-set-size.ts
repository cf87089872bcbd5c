import { createHash } from "node:crypto";
import type { Bastion, Peer } from "../core/bastion.ts";
import { GeneratedKeyKind } from "../core/bastion-spec.ts";
import { placeTunnels } from "../core/forward.ts";
import { type LoginUsers, makeKeySet, renderKeySet } from "../core/key-set.ts";
import type { PublicKey } from "../core/public-key.ts";
import { packDocument } from "../host/mailbox-document.ts";

/** Ports and keys that are not known yet may pack a little worse than what stands for them. */
const MARGIN = 1.1;
const MARGIN_BYTES = 256;

/** Type of each kind of key that can be generated, and how many bytes of it are in its blob. */
const GENERATED: Readonly<Record<GeneratedKeyKind, { readonly type: string; readonly bytes: number }>> = {
  [GeneratedKeyKind.Ed25519]: { type: "ssh-ed25519", bytes: 51 },
  [GeneratedKeyKind.RsaPem]: { type: "ssh-rsa", bytes: 407 },
};

/**
 * How many bytes the packed key set of a bastion takes at the most. Known before keys are generated and ports
 * allocated, since it decides how many parts a mailbox has, and a preview has to show them.
 */
export function packedKeySetBytes(bastion: Bastion, users: LoginUsers): number {
  return withMargin(packDocument(standInKeySet(bastion, users)).length);
}

/** How many bytes the key set of a bastion takes at the most, as it is. */
export function plainKeySetBytes(bastion: Bastion, users: LoginUsers): number {
  return withMargin(Buffer.byteLength(standInKeySet(bastion, users)));
}

function withMargin(bytes: number): number {
  return Math.ceil(bytes * MARGIN) + MARGIN_BYTES;
}

function standInKeySet(bastion: Bastion, users: LoginUsers): string {
  const generated = {
    clients: standInKeys("client", bastion.clients),
    consumers: standInKeys("consumer", bastion.consumers),
    operators: standInKeys("operator", bastion.operators),
  };
  return renderKeySet(makeKeySet(bastion, users, placeTunnels(bastion.tunnels, standInPorts(bastion)), generated));
}

/** What to say of a key set that is too large for its store: what it takes, and what there is room for. */
export function renderTooManyKeys({ clients, consumers }: Bastion, taken: string, room: string): string {
  return (
    `the keys of ${clients.length} clients and ${consumers.length} consumers take ${taken}, and ${room}; ` +
    "spread them over several bastions, or use Ed25519 keys, which are the smallest"
  );
}

/** Ports in no order, as a long history can leave them: one after the other, they would pack too well. */
function standInPorts({ tunnels, bindPortRange: { first, last } }: Bastion): Record<string, number> {
  const taken = new Set(tunnels.flatMap(({ requestedBindPort }) => requestedBindPort ?? []));
  const place = (name: string): number => {
    let port = first + (hash(name).readUInt32LE() % (last - first + 1));
    while (taken.has(port)) port = port === last ? first : port + 1;
    taken.add(port);
    return port;
  };
  return Object.fromEntries(tunnels.map(({ name, requestedBindPort }) => [name, requestedBindPort ?? place(name)]));
}

/** @param role a client and a consumer of one name have keys that are nothing alike. */
function standInKeys(role: string, peers: readonly Peer[]): Record<string, PublicKey[]> {
  return Object.fromEntries(
    peers.flatMap(({ name, generateKey, keyGenerations }) =>
      generateKey === undefined
        ? []
        : [[name, keyGenerations.map((generation) => standInKey(`${role} ${name} ${generation}`, generateKey))]],
    ),
  );
}

/** A key that packs as badly as a real one: bytes that follow no pattern, but are the same each time. */
function standInKey(seed: string, kind: GeneratedKeyKind): PublicKey {
  const { type, bytes } = GENERATED[kind];
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, i) => hash(`${seed} ${i}`));
  return { type, blob: Buffer.concat(blocks).subarray(0, bytes).toString("base64"), fingerprint: "" };
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
