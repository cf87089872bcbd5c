import { type ChildProcess, type ExecFileOptions, execFile, type SpawnOptions, spawn } from "node:child_process";
import { promisify } from "node:util";
import type { Finished, Network } from "../../e2e/support/network.ts";

const run = promisify(execFile);

/** Stands for a network of one's own where that cannot be had: everything runs on the machine's own loopback. */
class Loopback implements Pick<Network, keyof Network> {
  readonly name = "loopback";
  readonly #children = new Set<ChildProcess>();

  async run(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Finished> {
    const { stdout, stderr } = await run(program, args, { maxBuffer: 1 << 26, ...options });
    return { exitCode: 0, stdout: String(stdout), stderr: String(stderr) };
  }

  async attempt(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Finished> {
    return this.run(program, args, options).catch((error: { code?: unknown; stdout?: unknown; stderr?: unknown }) => {
      if (typeof error.code !== "number") throw error;
      return { exitCode: error.code, stdout: String(error.stdout), stderr: String(error.stderr) };
    });
  }

  start(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(program, args, options);
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }

  async endAll(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  async remove(): Promise<void> {
    await this.endAll();
  }
}

/** Has the public part of a network, which is all that anybody else uses of one. */
export function loopback(): Network {
  return new Loopback() as Pick<Network, keyof Network> as Network;
}
