import type { Peer } from "./bastion.ts";
import { renderExpiryTime } from "./expiry.ts";
import { listenPatterns, openPatterns, type PlacedTunnel, statusDestination } from "./forward.ts";
import { type PublicKey, renderPublicKey } from "./public-key.ts";

/**
 * A forward that nobody can use. `permitopen="none"` does not exist (sshd refuses the whole key), and
 * `port-forwarding` opens both directions, so the unwanted one is pointed at port 1 of loopback.
 */
const DEAD_END = "127.0.0.1:1";

/** Renders the `authorized_keys` line that holds a client to listening on its own bind ports (sshd(8)). */
export function renderClientKeyLine(client: Peer, key: PublicKey, tunnels: readonly PlacedTunnel[]): string {
  return renderKeyLine(client, key, { permitlisten: tunnels.flatMap(listenPatterns), permitopen: [] });
}

/** Renders the `authorized_keys` line that holds a consumer to connecting to its tunnels' bind ports (sshd(8)). */
export function renderConsumerKeyLine(consumer: Peer, key: PublicKey, tunnels: readonly PlacedTunnel[]): string {
  return renderKeyLine(consumer, key, { permitlisten: [], permitopen: tunnels.flatMap(openPatterns) });
}

/** Renders the line that lets in whoever has a certificate of this authority for a principal of the client, with a client's rights. */
export function renderClientAuthorityLine(client: Peer, authority: PublicKey, tunnels: readonly PlacedTunnel[]): string {
  return `${renderAuthority(client)},${renderClientKeyLine(client, authority, tunnels)}`;
}

/** Renders the line that lets in whoever has a certificate of this authority for a principal of the consumer, with a consumer's rights. */
export function renderConsumerAuthorityLine(consumer: Peer, authority: PublicKey, tunnels: readonly PlacedTunnel[]): string {
  return `${renderAuthority(consumer)},${renderConsumerKeyLine(consumer, authority, tunnels)}`;
}

/** The options come first: the host finds an authority's line by how it begins. */
function renderAuthority({ certificatePrincipals }: Peer): string {
  return `cert-authority,principals="${certificatePrincipals.join(",")}"`;
}

/** Renders the `authorized_keys` line that holds an operator to reading the bastion's status (sshd(8)). */
export function renderOperatorKeyLine(operator: Peer, key: PublicKey, statusPort: number): string {
  return renderKeyLine(operator, key, { permitlisten: [], permitopen: [statusDestination(statusPort)] });
}

/** What a key may forward; nothing in a direction means none of it. */
interface ForwardRights {
  readonly permitlisten: readonly string[];
  readonly permitopen: readonly string[];
}

function renderKeyLine({ name, sourceCidrs, expiresAt }: Peer, key: PublicKey, rights: ForwardRights): string {
  const options = [
    // Everything off first, so that a right sshd gains in the future is off as well.
    "restrict",
    "port-forwarding",
    ...orDeadEnd(rights.permitlisten).map((pattern) => `permitlisten="${pattern}"`),
    ...orDeadEnd(rights.permitopen).map((pattern) => `permitopen="${pattern}"`),
    ...(sourceCidrs.length > 0 ? [`from="${sourceCidrs.join(",")}"`] : []),
    ...(expiresAt === undefined ? [] : [`expiry-time="${renderExpiryTime(expiresAt)}"`]),
  ];
  return `${options.join(",")} ${renderPublicKey(key, name)}`;
}

/** Without any pattern a direction would be open to everything. */
function orDeadEnd(patterns: readonly string[]): readonly string[] {
  return patterns.length > 0 ? patterns : [DEAD_END];
}
