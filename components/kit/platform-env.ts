import { consumerAlias, type PlatformConsumer, type PlatformTunnel, type ServiceAddress } from "./platform-facts.ts";

/** Renders `ORDERS_HOST=` and `ORDERS_PORT=` of each tunnel that is reached over the network, for a service's environment. */
export function renderNetworkEnv(tunnels: readonly PlatformTunnel[]): string {
  return tunnels
    .map(({ name, addresses: [address] }) =>
      address === undefined ? `# ${name} is on loopback: a consumer that logs in reaches it\n` : renderVariables(name, address),
    )
    .join("");
}

/** Renders the same for the service beside a consumer's `ssh -N`, which forwards each bind port to its own machine. */
export function renderConsumerEnv({ name, tunnels }: PlatformConsumer): string {
  const variables = tunnels.map((tunnel) => renderVariables(tunnel.name, { host: "localhost", port: tunnel.port }));
  return `# where this runs: ssh -N ${consumerAlias(name)}\n${variables.join("")}`;
}

/** A name is of `a-z`, `0-9` and `-`, so no two tunnels get the same variable. */
function renderVariables(tunnel: string, { host, port }: ServiceAddress): string {
  const prefix = tunnel
    .toUpperCase()
    .replaceAll("-", "_")
    .replace(/^(?=\d)/, "_");
  return `${prefix}_HOST=${host}\n${prefix}_PORT=${port}\n`;
}
