import type { Peer, Tunnel } from "./bastion.ts";
import type { BindAddress } from "./bastion-spec.ts";

/** A tunnel that has its bind port. */
export interface PlacedTunnel extends Tunnel {
  readonly bindPort: number;
}

/** Gives tunnels the ports that were allocated to them. */
export function placeTunnels(tunnels: readonly Tunnel[], bindPorts: Readonly<Record<string, number>>): PlacedTunnel[] {
  return tunnels.map((tunnel) => {
    const bindPort = Object.hasOwn(bindPorts, tunnel.name) ? bindPorts[tunnel.name] : undefined;
    if (bindPort === undefined) throw new RangeError(`no bind port was allocated to tunnel "${tunnel.name}"`);
    return { ...tunnel, bindPort };
  });
}

/** Gives the tunnels of a client or consumer, out of all of a bastion's. */
export function tunnelsOf(tunnels: readonly PlacedTunnel[]): (peer: Peer) => PlacedTunnel[] {
  const byName = new Map(tunnels.map((tunnel) => [tunnel.name, tunnel]));
  return (peer) => peer.tunnels.flatMap((name) => byName.get(name) ?? []);
}

/**
 * The `permitlisten` / `PermitListen` patterns that hold a client to a tunnel.
 *
 * sshd compares the *text* the client asked for (sshd_config(5)), before GatewayPorts is applied. Clients spell the
 * wildcard in four ways (`''`, `*`, `0.0.0.0`, none), so a tunnel on all interfaces is held by its port alone. A
 * loopback tunnel is held to both names of loopback: OpenSSH sends `localhost`, some libraries the address.
 */
export function listenPatterns({ bindAddress, bindPort }: PlacedTunnel): string[] {
  switch (bindAddress.scope) {
    case "all":
      return [`${bindPort}`];
    case "loopback":
      return [`localhost:${bindPort}`, `127.0.0.1:${bindPort}`];
    case "address":
      return [`${bindAddress.address}:${bindPort}`];
  }
}

/** The `permitopen` / `PermitOpen` patterns that let a consumer reach a tunnel; compared as text, like the above. */
export function openPatterns({ bindAddress, bindPort }: PlacedTunnel): string[] {
  if (bindAddress.scope === "address") return [`${bindAddress.address}:${bindPort}`];
  return [`localhost:${bindPort}`, `127.0.0.1:${bindPort}`];
}

/** The one destination of an operator, as text: where the bastion serves its status. Also its `permitopen` / `PermitOpen` pattern. */
export function statusDestination(statusPort: number): string {
  return `127.0.0.1:${statusPort}`;
}

/** What the customer writes before the port in `-R`: `0.0.0.0:`, nothing for loopback, or the one address. */
export function requestedBindAddress(bindAddress: BindAddress): string {
  switch (bindAddress.scope) {
    case "all":
      return "0.0.0.0:";
    case "loopback":
      return "";
    case "address":
      return `${bindAddress.address}:`;
  }
}

/** The host by which a consumer who has logged in reaches a tunnel. */
export function loopbackHostOf(bindAddress: BindAddress): string {
  return bindAddress.scope === "address" ? bindAddress.address : "localhost";
}
