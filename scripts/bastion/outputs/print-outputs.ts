import type { OperatorDescription, PeerDescription } from "../../../components/core/describe-bastion.ts";
import type { StackDescription } from "../parse-outputs.ts";
import { indent, renderTable } from "../table.ts";
import type { Emphasize } from "../terminal.ts";

/** Renders the outputs of a stack for a person. A command stays on one line, to be copied. */
export function renderOutputs({ stack, bastion, generatedKeys }: StackDescription, emphasize: Emphasize): string {
  const section = (title: string, body: string) => `${emphasize("bold", title)}\n${indent(body)}`;
  const peers = (title: string, all: readonly (PeerDescription | OperatorDescription)[], generated: readonly string[]) =>
    all.length === 0 ? [] : [section(title, all.map((peer) => renderPeer(peer, generated.includes(peer.name), emphasize)).join(""))];
  return [
    section(
      `Bastion of ${stack}`,
      renderTable([
        ["host", bastion.host],
        ["port", `${bastion.sshPort}`],
        ["clients use", bastion.endpoint],
        ["consumers use", bastion.consumerEndpoint],
      ]),
    ),
    section(
      "Host keys",
      renderTable(
        bastion.hostKeys.map(({ type, fingerprint, announcedOnly }) => [type, fingerprint, ...(announcedOnly ? ["announced"] : [])]),
      ),
    ),
    section(
      "Tunnels",
      renderTable(
        bastion.tunnels.map(({ name, bindPort, consumerAddresses }) => [name, `${bindPort}`, consumerAddresses.join(", ") || "–"]),
        ["name", "bind port", "addresses"],
        emphasize,
      ),
    ),
    ...peers("Clients", bastion.clients, generatedKeys.clients),
    ...peers("Consumers", bastion.consumers, generatedKeys.consumers),
    ...peers("Operators", bastion.operators, generatedKeys.operators),
  ].join("\n");
}

function renderPeer(peer: PeerDescription | OperatorDescription, isGenerated: boolean, emphasize: Emphasize): string {
  const { name, fingerprints, command } = peer;
  const origin = isGenerated ? `private key in the stack, delivered as ${name}.key` : "public key imported";
  const reach = "tunnels" in peer ? `tunnels ${peer.tunnels.join(", ") || "–"}` : "the bastion's status";
  const facts = [reach, ...fingerprints.map((fingerprint) => `key ${fingerprint}`), origin];
  return `${emphasize("bold", name)}\n${indent(`${facts.map((fact) => `${emphasize("dim", fact)}\n`).join("")}${command}\n`)}`;
}
