import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Network } from "../../e2e/support/network.ts";
import { loopback } from "./loopback.ts";

export const isRoot = process.getuid?.() === 0;

/** Where everything is measured: a network, a folder for all temporary files, and an end that leaves nothing behind. */
export class Site {
  readonly network: Network;
  readonly folder: string;
  readonly #cleanups: (() => unknown)[] = [];
  readonly #shared = new Map<unknown, Promise<unknown>>();
  #interruptedBy: NodeJS.Signals | undefined;

  private constructor(network: Network, folder: string) {
    this.network = network;
    this.folder = folder;
    // For good: a second Ctrl-C must not cut short what the first one set off.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => {
        this.#interruptedBy ??= signal;
      });
  }

  static async open(): Promise<Site> {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    // The users of a bastion have to get at what is theirs in it.
    chmodSync(folder, 0o711);
    process.env.TMPDIR = folder;
    process.env.PULUMI_HOME = join(folder, "pulumi-home");
    const hasOwnNetwork = isRoot && platform() === "linux";
    const site = new Site(hasOwnNetwork ? await Network.create() : loopback(), folder);
    site.onClose(() => rmSync(folder, { recursive: true, force: true }));
    site.onClose(() => site.network.remove());
    return site;
  }

  get interruptedBy(): NodeJS.Signals | undefined {
    return this.#interruptedBy;
  }

  /**
   * Ends here what was interrupted. Only between two steps: what a step has started, such as a `pulumi up`, must have
   * come to an end before it can be undone.
   */
  async checkpoint(): Promise<void> {
    // A signal is heard when the event loop turns, which a step that only computes does not do.
    await setImmediate();
    if (this.#interruptedBy !== undefined) throw new Error(`interrupted by ${this.#interruptedBy}`);
  }

  progress(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** What several benchmarks need is made once. */
  async shared<T>(make: (site: Site) => Promise<T>): Promise<T> {
    const made = (this.#shared.get(make) as Promise<T> | undefined) ?? make(this);
    this.#shared.set(make, made);
    return made;
  }

  /** Registers what undoes a step; the last one is undone first. */
  onClose(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  /** Ends and removes everything, whatever of it fails. */
  async close(): Promise<void> {
    this.progress("Removing what was started");
    for (const cleanup of this.#cleanups.splice(0).reverse()) {
      try {
        await cleanup();
      } catch (error) {
        process.stderr.write(`not removed: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
      }
    }
  }
}
