import { availableParallelism } from "node:os";
import type { Destination } from "../../components/core/destination.ts";
import type { Benchmark, Figures } from "./benchmark.ts";
import { samplesOf } from "./compare.ts";
import { readHasAes } from "./conditions.ts";
import { summarize } from "./statistics.ts";
import { runProgram } from "./support/processes.ts";
import type { Site } from "./support/site.ts";
import { openTunnels } from "./support/tunnels.ts";

const WARM_UP_SECONDS = "0.4";
const SECONDS = "1.2";

const hasAes = readHasAes() ?? true;

/** How fast a large table gets from the customer's data source to the platform, on one connection. */
export const bulk: Benchmark = {
  name: "bulk",
  about: "bulk rate on one connection through the bastion against a stock sshd, and against no tunnel",
  comparisons: [
    { metric: "rate", unit: "Gbit/s", subject: "bastion", baseline: "stock sshd", goal: hasAes ? { atLeast: 2 } : undefined },
    { metric: "rate", unit: "Gbit/s", subject: "bastion", baseline: "direct" },
  ],

  note(runs) {
    const cores = summarize(samplesOf(runs, "bastion", "cores")).median.toFixed(2);
    const room = summarize(samplesOf(runs, "direct", "rate")).median / summarize(samplesOf(runs, "bastion", "rate")).median;
    return [
      `source, both ends of the tunnel and sink share ${availableParallelism()} cores; the sink takes ${cores} of them while it reads from the bastion`,
      ...(room < 3 ? ["without a tunnel they are not even 3 × as fast, so they may be what limits the bastion"] : []),
      ...(hasAes ? [] : ["this CPU has no AES, so there is no goal"]),
    ].join("; ");
  },

  async prepare(site) {
    const { bastion, "stock sshd": stock, direct } = await site.shared(openTunnels);
    return {
      bastion: () => receiveFrom(site, bastion.source),
      "stock sshd": () => receiveFrom(site, stock.source),
      direct: () => receiveFrom(site, direct.source),
    };
  },
};

function receiveFrom(site: Site, { host, hostPort }: Destination): Promise<Figures> {
  return runProgram(site, "sink.py", host, `${hostPort}`, WARM_UP_SECONDS, SECONDS);
}
