import type { Benchmark, Comparison } from "./benchmark.ts";
import { measureConnects, openTunnels } from "./support/tunnels.ts";

const CONNECTIONS = 200;

const against = (baseline: string): Comparison[] => ["p50", "p99"].map((metric) => ({ metric, unit: "ms", subject: "bastion", baseline }));

/** How long the platform waits for a new connection to the data source, when it opens one after the other. */
export const connect: Benchmark = {
  name: "connect",
  about: "TCP connect, one byte and its echo through the bastion against a stock sshd, and against no tunnel",
  comparisons: [...against("stock sshd"), ...against("direct")],

  note: () => "sshd before OpenSSH 10 lacks TCP_NODELAY for clients with -N, which costs most connections in a row about 44 ms",

  async prepare(site) {
    const { bastion, "stock sshd": stock, direct } = await site.shared(openTunnels);
    return {
      bastion: () => measureConnects(site, bastion.echo, CONNECTIONS),
      "stock sshd": () => measureConnects(site, stock.echo, CONNECTIONS),
      direct: () => measureConnects(site, direct.echo, CONNECTIONS),
    };
  },
};
