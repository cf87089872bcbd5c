import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BackendProbe } from "./private-link-health.ts";
import { PROBE_SOURCE } from "./private-link-network.ts";
import type { Backend, BalancedPort } from "./private-link-path.ts";

const PROBER = join(import.meta.dirname, "private-link-prober.ts");

/** What is probed. */
export interface ProbeTarget {
  /** Tells one target from another. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly intervalSeconds: number;
}

/** What came of one probe. */
export interface ProbeAnswer {
  readonly key: string;
  readonly hasAnswered: boolean;
}

interface Judged {
  readonly target: ProbeTarget;
  readonly threshold: number;
  readonly probe: BackendProbe;
}

/** The health probes of one virtual network's load balancers. */
export class Probes {
  readonly #prober: ChildProcess;
  #judged = new Map<string, Judged>();

  /** @param changed is called when a backend came up or went down. */
  constructor(namespace: string, changed: () => void) {
    this.#prober = spawn("ip", ["netns", "exec", namespace, process.execPath, PROBER, PROBE_SOURCE], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface(this.#prober.stdout as NodeJS.ReadableStream).on("line", (line) => {
      const { key, hasAnswered } = JSON.parse(line) as ProbeAnswer;
      const judged = this.#judged.get(key);
      if (judged === undefined) return;
      const wasUp = judged.probe.isUp;
      judged.probe.take(hasAnswered, judged.threshold);
      if (judged.probe.isUp !== wasUp) changed();
    });
  }

  /** Probes the backends of these ports, and no others. What is known of those that stay is kept. */
  follow(ports: readonly BalancedPort[]): void {
    const wanted = new Map<string, Judged>();
    for (const port of ports)
      for (const backend of port.backends) {
        if (port.probe === undefined) continue;
        if (port.probe.protocol !== "Tcp") throw new Error(`the stand-in probes by Tcp, not by ${port.probe.protocol}`);
        const key = keyOf(port, backend);
        const target = { key, address: backend.address, port: port.probe.port, intervalSeconds: port.probe.intervalSeconds };
        wanted.set(key, { target, threshold: port.probe.threshold, probe: this.#judged.get(key)?.probe ?? new BackendProbe() });
      }
    const isSame = [...wanted.keys()].join() === [...this.#judged.keys()].join();
    this.#judged = wanted;
    if (!isSame) this.#prober.stdin?.write(`${JSON.stringify([...wanted.values()].map(({ target }) => target))}\n`);
  }

  /** Whether a backend of a port gets new connections: without a probe, always. */
  isUp(port: BalancedPort, backend: Backend): boolean {
    return port.probe === undefined || (this.#judged.get(keyOf(port, backend))?.probe.isUp ?? false);
  }
}

function keyOf({ ruleId, probe }: BalancedPort, { ipConfigurationId, address }: Backend): string {
  return [ruleId, ipConfigurationId, address, probe?.port, probe?.intervalSeconds].join(" ");
}
