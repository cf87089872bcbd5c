import { renderClientAuthorityLine, renderClientKeyLine, renderConsumerAuthorityLine, renderConsumerKeyLine } from "./authorized-keys.ts";
import type { Bastion, Peer } from "./bastion.ts";
import { listenPatterns, openPatterns, type PlacedTunnel, tunnelsOf } from "./forward.ts";
import type { PublicKey } from "./public-key.ts";

/**
 * Everything about a bastion that changes while it runs: who may log in, and which forwards exist. It travels
 * through the mailbox; the host checks it, installs it whole, and keeps the last good one.
 */
export interface KeySet {
  readonly version: 1;
  readonly users: Readonly<Record<string, UserKeySet>>;
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

/** Public keys that were generated, by the name of their client or consumer. */
export interface GeneratedPublicKeys {
  readonly clients: Readonly<Record<string, PublicKey>>;
  readonly consumers: Readonly<Record<string, PublicKey>>;
}

/** Puts together what the host has to know. */
export function makeKeySet(bastion: Bastion, users: LoginUsers, tunnels: readonly PlacedTunnel[], generated: GeneratedPublicKeys): KeySet {
  const of = tunnelsOf(tunnels);
  const keysOf = (peer: Peer, made: Readonly<Record<string, PublicKey>>) => {
    const generatedKey = Object.hasOwn(made, peer.name) ? made[peer.name] : undefined;
    return generatedKey === undefined ? peer.publicKeys : [...peer.publicKeys, generatedKey];
  };

  const clients: UserKeySet = {
    keys: bastion.clients.flatMap((client) => [
      ...keysOf(client, generated.clients).map((key) => renderClientKeyLine(client, key, of(client))),
      ...client.certificateAuthorities.map((key) => renderClientAuthorityLine(client, key, of(client))),
    ]),
    permitListen: tunnels.flatMap(listenPatterns),
    permitOpen: [],
  };
  const consumers: UserKeySet = {
    keys: bastion.consumers.flatMap((consumer) => [
      ...keysOf(consumer, generated.consumers).map((key) => renderConsumerKeyLine(consumer, key, of(consumer))),
      ...consumer.certificateAuthorities.map((key) => renderConsumerAuthorityLine(consumer, key, of(consumer))),
    ]),
    permitListen: [],
    permitOpen: bastion.consumers.length > 0 ? tunnels.flatMap(openPatterns) : [],
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
  return { version: 1, users: byUser };
}

/** Renders a key set as it is put into the mailbox: one key a line, so that a difference reads well. */
export function renderKeySet(keySet: KeySet): string {
  return `${JSON.stringify(keySet, undefined, 1)}\n`;
}
