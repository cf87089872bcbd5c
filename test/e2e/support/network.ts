import { type ChildProcess, type ExecFileOptions, execFile, type SpawnOptions, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const GUARD = join(import.meta.dirname, "programs/guard.sh");

/** Addresses of the one network that a test has, all of them on one machine (RFC 5737 documentation blocks). */
export const BASTION = "192.0.2.1";
export const OTHER_INTERFACE = "192.0.2.2";
export const CUSTOMER = "198.51.100.7";
export const STRANGER = "198.51.100.99";
export const PLATFORM = "203.0.113.5";

/** What a program that has ended left behind. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A network namespace of a test's own: nothing in it can be reached from outside, and nothing outside from within. */
export class Network {
  readonly name: string;
  readonly #children = new Set<ChildProcess>();

  private constructor(name: string) {
    this.name = name;
  }

  static async create(): Promise<Network> {
    const network = new Network(`prb-${process.pid}-${Math.floor(Math.random() * 1e6)}`);
    await run("ip", ["netns", "add", network.name]);
    spawn("sh", [GUARD, `${process.pid}`, network.name], { detached: true, stdio: "ignore" }).unref();
    try {
      await network.run("ip", ["link", "set", "lo", "up"]);
      for (const address of [BASTION, OTHER_INTERFACE, CUSTOMER, STRANGER, PLATFORM])
        await network.run("ip", ["address", "add", `${address}/32`, "dev", "lo"]);
    } catch (error) {
      await network.remove();
      throw error;
    }
    return network;
  }

  /** Runs a program to its end; throws when it fails. */
  async run(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Finished> {
    const { stdout, stderr } = await run("ip", ["netns", "exec", this.name, program, ...args], { maxBuffer: 1 << 26, ...options });
    return { exitCode: 0, stdout: String(stdout), stderr: String(stderr) };
  }

  /** Runs a program to its end, however it ends. */
  async attempt(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Finished> {
    return this.run(program, args, options).catch((error: { code?: unknown; stdout?: unknown; stderr?: unknown }) => {
      if (typeof error.code !== "number") throw error;
      return { exitCode: error.code, stdout: String(error.stdout), stderr: String(error.stderr) };
    });
  }

  /** Starts a program that stays; it is ended with the network. `ip netns exec` becomes the program, so its id is the program's. */
  start(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.name, program, ...args], options);
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }

  /** Ends everything that runs in it. */
  async endAll(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    const { stdout } = await run("ip", ["netns", "pids", this.name]).catch(() => ({ stdout: "" }));
    for (const pid of stdout.split("\n").map(Number).filter(Boolean)) endProcess(pid);
  }

  /** Ends what still runs in it, and the network itself. */
  async remove(): Promise<void> {
    await this.endAll();
    await run("ip", ["netns", "delete", this.name]);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
