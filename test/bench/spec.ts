import { parse } from "yaml";
import { parseBastion } from "../../components/core/bastion.ts";
import { allocateBindPorts } from "../../components/core/bind-port.ts";
import { placeTunnels } from "../../components/core/forward.ts";
import { makeKeySet, renderKeySet } from "../../components/core/key-set.ts";
import { bastionSpecOf } from "../../stacks/bastion-of.ts";
import { parseBastionFile } from "../support/customer-files.ts";
import type { Benchmark, Figures } from "./benchmark.ts";
import { renderLargeCustomer } from "./support/large-customer.ts";

const CLIENTS = 5_000;
/** As many as the default range has ports. */
const TUNNELS = 1_000;

/** What a very large customer costs before anything is deployed: from the file's text to the key set. */
export const spec: Benchmark = {
  name: "spec",
  about: `reading a file with ${CLIENTS} clients and rendering its key set against reading the same file as YAML and writing it as JSON`,
  comparisons: [{ metric: "time", unit: "s", subject: "file to key set", baseline: "YAML to JSON" }],

  async prepare() {
    const text = renderLargeCustomer(CLIENTS, TUNNELS);
    return {
      "file to key set": async () => timed(() => renderKeySetOf(text)),
      "YAML to JSON": async () => timed(() => JSON.stringify(parse(text))),
    };
  },
};

function renderKeySetOf(text: string): string {
  const bastion = parseBastion(bastionSpecOf(parseBastionFile(text, "large.yaml")));
  const bindPorts = allocateBindPorts({
    range: bastion.bindPortRange,
    requests: bastion.tunnels,
    reservedPorts: bastion.reservedPorts,
    previous: {},
  });
  const tunnels = placeTunnels(bastion.tunnels, bindPorts);
  return renderKeySet(
    makeKeySet(bastion, { tunnel: "tunnel", consumer: "consumer" }, tunnels, { clients: {}, consumers: {}, operators: {} }),
  );
}

function timed(action: () => unknown): Figures {
  const start = performance.now();
  action();
  return { time: (performance.now() - start) / 1000 };
}
