import type { BastionDescription, TunnelDescription } from "../../../components/core/describe-bastion.ts";
import { parseRemoteListener } from "../../../components/kit/remote-forward.ts";
import { renderTable } from "../table.ts";
import type { Emphasize } from "../terminal.ts";

/** Where a tunnel's bind port is, and who may do what with it. */
export interface BindPortEntry {
  readonly name: string;
  readonly bindPort: number;
  /** `all`, `loopback`, or the address of one interface: as in the customer's file. */
  readonly bindAddress: string;
  /** Clients that may open it. */
  readonly clients: readonly string[];
  /** Consumers that may reach it with `ssh -L`. */
  readonly consumers: readonly string[];
  /** `host:port` at which it is reached over the network. */
  readonly consumerAddresses: readonly string[];
}

/** Lists the bind ports of a bastion, lowest first. */
export function listBindPorts({ tunnels, consumers }: BastionDescription): BindPortEntry[] {
  return tunnels
    .map((tunnel) => ({
      name: tunnel.name,
      bindPort: tunnel.bindPort,
      bindAddress: bindAddressOf(tunnel),
      clients: tunnel.commands.map(({ client }) => client),
      consumers: consumers.filter((consumer) => consumer.tunnels.includes(tunnel.name)).map(({ name }) => name),
      consumerAddresses: tunnel.consumerAddresses,
    }))
    .toSorted((a, b) => a.bindPort - b.bindPort);
}

function bindAddressOf({ remoteForward }: TunnelDescription): string {
  const { bindAddress } = parseRemoteListener(remoteForward);
  return bindAddress.scope === "address" ? bindAddress.address : bindAddress.scope;
}

/** Renders bind ports as a table for a person. */
export function renderBindPorts(entries: readonly BindPortEntry[], emphasize: Emphasize): string {
  return renderTable(
    entries.map(({ name, bindPort, bindAddress, clients, consumers, consumerAddresses }) => [
      name,
      `${bindPort}`,
      bindAddress,
      clients.join(", ") || "nobody",
      consumers.join(", ") || "–",
      consumerAddresses.join(", ") || "–",
    ]),
    ["tunnel", "bind port", "bind address", "opened by", "ssh -L by", "consumer addresses"],
    emphasize,
  );
}
