import type { PlatformConsumer, PlatformFacts, PlatformTunnel } from "../../../components/kit/platform-facts.ts";
import { indent, renderTable } from "../table.ts";
import type { Emphasize } from "../terminal.ts";

/** Renders for a person what services of the platform set. */
export function renderPlatform(
  stack: string,
  { tunnels, consumers }: PlatformFacts,
  generated: readonly string[],
  emphasize: Emphasize,
): string {
  const sections = [
    ...(tunnels.length === 0
      ? []
      : [{ title: `Over the network, from consumerCidrs of ${stack}`, body: renderNetwork(tunnels, emphasize) }]),
    ...consumers.map((consumer) => ({
      title: `Consumer ${consumer.name} of ${stack}, which logs in`,
      body: renderConsumer(consumer, generated.includes(consumer.name), emphasize),
    })),
  ];
  return sections.map(({ title, body }) => `${emphasize("bold", title)}\n${indent(body)}`).join("\n");
}

function renderNetwork(tunnels: readonly PlatformTunnel[], emphasize: Emphasize): string {
  const rows = tunnels.flatMap(({ name, addresses }) =>
    addresses.length === 0 ? [[name, "–", "on loopback"]] : addresses.map(({ host, port }) => [name, host, `${port}`]),
  );
  return renderTable(rows, ["tunnel", "host", "port"], emphasize);
}

function renderConsumer({ name, endpoint, keyFile, tunnels }: PlatformConsumer, isGenerated: boolean, emphasize: Emphasize): string {
  const login = renderTable([
    ["SSH endpoint", endpoint],
    ["private key", isGenerated ? `in the stack; bastion key --consumer ${name} delivers it as ${keyFile}` : "public key imported"],
  ]);
  const reached = renderTable(
    tunnels.map(({ name: tunnel, host, port }) => [tunnel, host, `${port}`]),
    ["tunnel", "host on the bastion", "port"],
    emphasize,
  );
  return `${login}${reached}`;
}
