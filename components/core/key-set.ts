import {
  renderClientAuthorityLine,
  renderClientKeyLine,
  renderConsumerAuthorityLine,
  renderConsumerKeyLine,
  renderOperatorKeyLine,
} from "./authorized-keys.ts";
import type { Bastion, Peer } from "./bastion.ts";
import type { BindAddress } from "./bastion-spec.ts";
import { listenPatterns, openPatterns, type PlacedTunnel, statusDestination, tunnelsOf } from "./forward.ts";
import type { PublicKey } from "./public-key.ts";

/**
 * Everything about a bastion that changes while it runs: who may log in, and which forwards exist. It travels
 * through the mailbox; the host checks it, installs it whole, and keeps the last good one.
 */
export interface KeySet {
  readonly version: 1;
  readonly users: Readonly<Record<string, UserKeySet>>;
  /** What the host calls its bind ports when it says how they are. It grants nothing. */
  readonly tunnels: readonly KeySetTunnel[];
}

/** A tunnel, as the host knows it. */
export interface KeySetTunnel {
  readonly name: string;
  readonly bindPort: number;
  /** `all`, `loopback`, or one address. */
  readonly bindAddress: string;
}

/** What one login user may do at the most; each key may do a part of it. */
export interface UserKeySet {
  /** Lines of `authorized_keys`. */
  readonly keys: readonly string[];
  /** For `PermitListen`; empty means none. */
  readonly permitListen: readonly string[];
  /** For `PermitOpen`; empty means none. */
  readonly permitOpen: readonly string[];
}

/** The users of a bastion: the same name twice where the host has only one to give. */
export interface LoginUsers {
  readonly tunnel: string;
  readonly consumer: string;
}

/** The users of a bastion that has some of its own. */
export function loginUsersOf({ tunnelUser, consumerUser }: Bastion): LoginUsers {
  return { tunnel: tunnelUser, consumer: consumerUser };
}

/** Public keys that were generated, by the name of who has them: the present one first, and that of the generation before where it is kept. */
export interface GeneratedPublicKeys {
  readonly clients: Readonly<Record<string, readonly PublicKey[]>>;
  readonly consumers: Readonly<Record<string, readonly PublicKey[]>>;
  readonly operators: Readonly<Record<string, readonly PublicKey[]>>;
}

/** All keys of a peer, imported and generated ones. */
export function keysOf(peer: Peer, generated: Readonly<Record<string, readonly PublicKey[]>>): readonly PublicKey[] {
  return [...peer.publicKeys, ...(Object.hasOwn(generated, peer.name) ? (generated[peer.name] ?? []) : [])];
}

/** Puts together what the host has to know. */
export function makeKeySet(bastion: Bastion, users: LoginUsers, tunnels: readonly PlacedTunnel[], generated: GeneratedPublicKeys): KeySet {
  const of = tunnelsOf(tunnels);
  const clients: UserKeySet = {
    keys: bastion.clients.flatMap((client) => [
      ...keysOf(client, generated.clients).map((key) => renderClientKeyLine(client, key, of(client))),
      ...client.certificateAuthorities.map((key) => renderClientAuthorityLine(client, key, of(client))),
    ]),
    permitListen: tunnels.flatMap(listenPatterns),
    permitOpen: [],
  };
  const consumers: UserKeySet = {
    keys: [
      ...bastion.consumers.flatMap((consumer) => [
        ...keysOf(consumer, generated.consumers).map((key) => renderConsumerKeyLine(consumer, key, of(consumer))),
        ...consumer.certificateAuthorities.map((key) => renderConsumerAuthorityLine(consumer, key, of(consumer))),
      ]),
      ...bastion.operators.flatMap((operator) =>
        keysOf(operator, generated.operators).map((key) => renderOperatorKeyLine(operator, key, bastion.statusPort)),
      ),
    ],
    permitListen: [],
    permitOpen: [
      ...(bastion.consumers.length > 0 ? tunnels.flatMap(openPatterns) : []),
      ...(bastion.operators.length > 0 ? [statusDestination(bastion.statusPort)] : []),
    ],
  };
  const byUser =
    users.tunnel === users.consumer
      ? {
          [users.tunnel]: {
            keys: [...clients.keys, ...consumers.keys],
            permitListen: clients.permitListen,
            permitOpen: consumers.permitOpen,
          },
        }
      : { [users.tunnel]: clients, [users.consumer]: consumers };
  return {
    version: 1,
    users: byUser,
    tunnels: tunnels.map(({ name, bindPort, bindAddress }) => ({ name, bindPort, bindAddress: renderBindAddress(bindAddress) })),
  };
}

function renderBindAddress(bindAddress: BindAddress): string {
  return bindAddress.scope === "address" ? bindAddress.address : bindAddress.scope;
}

/** Renders a key set as it is put into the mailbox: one key a line, so that a difference reads well. */
export function renderKeySet(keySet: KeySet): string {
  return `${JSON.stringify(keySet, undefined, 1)}\n`;
}
