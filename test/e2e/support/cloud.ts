import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { describe } from "vitest";
import type { DebianRelease, StoreFault } from "../../cloud/machine/cloud-adaptor.ts";
import { guardedProcess } from "../../cloud/machine/guarded-process.ts";
import type { HostAnswer, HostRequest } from "../../cloud/machine/host.ts";
import { missingMachinePrograms } from "./machine-programs.ts";
import { CUSTOMER, type Finished, type Network } from "./network.ts";
import { connectTo } from "./platform.ts";
import { describeAsRoot } from "./root.ts";
import { waitUntil } from "./wait.ts";

/** A group of tests that boot machines. Where that cannot be had it is skipped, and says why. */
export function describeWithMachines(title: string, tests: () => void): void {
  const missing = missingMachinePrograms();
  if (missing.length === 0) describeAsRoot(title, tests);
  else describe.skip(`${title} (skipped: needs ${missing.join(", ")}, to boot machines)`, tests);
}

/** Rights over the kernel that this machine and the stand-in's have in common. */
const SHARED_BY_ALL = [
  "sys_time",
  "sys_module",
  "sys_rawio",
  "sys_pacct",
  "sys_boot",
  "mac_override",
  "mac_admin",
  "wake_alarm",
  "block_suspend",
];

const MACHINE = resolve(import.meta.dirname, "../../cloud/machine");
const run = promisify(execFile);

/** The machines of a stand-in cloud's world: booted as they are declared, reached from a test's network. */
export class Cloud {
  readonly #network: Network;
  readonly #world: string;
  readonly #guard: ChildProcess;

  private constructor(network: Network, world: string, guard: ChildProcess) {
    this.#network = network;
    this.#world = world;
    this.#guard = guard;
  }

  /**
   * Starts the machine host of a world. It ends with this process, however that ends.
   *
   * @param world folder of the world; it has its `world.json`.
   * @param releases what the machines run; the first use of a release makes its root file system, which takes a minute.
   */
  static async start(network: Network, world: string, releases: readonly DebianRelease[] = ["trixie"]): Promise<Cloud> {
    const { stdout } = await run("sh", [join(MACHINE, "root-filesystem.sh"), ...releases]);
    const folders = stdout.trim().split("\n");
    const images = releases.map((release, index) => `${release}=${folders[index]}`);
    const host = ["node", join(MACHINE, "main.ts"), world, network.name, network.name, ...images];
    const guard = spawn("sh", [join(MACHINE, "guard.sh"), `${process.pid}`, network.name, ...host], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const cloud = new Cloud(network, world, guard);
    const [answer] = await Promise.race([once(createInterface(guard.stdout as NodeJS.ReadableStream), "line"), once(guard, "exit")]);
    if (answer !== "ready") throw new Error(`the machine host ended with ${answer}`);
    return cloud;
  }

  /** Ends every machine and all that belongs to them. */
  async stop(): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    this.#guard.stdin?.end();
    await once(this.#guard, "exit");
  }

  /** Switches a machine on that the world declares. */
  async boot(instance: string): Promise<void> {
    await this.#ask({ do: "start", instance });
  }

  /** Shuts a machine down; its disk stays. */
  async shutDown(instance: string): Promise<void> {
    await this.#ask({ do: "stop", instance });
  }

  /** Has a machine shut down and start again. */
  async reboot(instance: string): Promise<void> {
    await this.#ask({ do: "reboot", instance });
  }

  /** Ends a machine at once, wherever it stands; its disk stays, and `boot` switches it on again. */
  async powerCut(instance: string): Promise<void> {
    await this.#ask({ do: "cut-power", instance });
  }

  async terminate(instance: string): Promise<void> {
    await this.#ask({ do: "terminate", instance });
  }

  /** Has the store of parameters and secrets answer badly; well again without a fault. */
  async breakStore(fault: StoreFault | undefined): Promise<void> {
    await this.#ask({ do: "break-store", ...(fault === undefined ? {} : { fault }) });
  }

  /** Whether a machine is switched on. */
  async isRunning(instance: string): Promise<boolean> {
    return (await this.#ask({ do: "inspect", instance })).state === "running";
  }

  /** Runs a command inside a machine, as root, and gives what came of it. */
  async run(instance: string, ...command: readonly string[]): Promise<Finished> {
    const init = await waitUntil(`${instance} to run`, async () => (await this.#ask({ do: "inspect", instance })).init);
    const intoHost = ["--target", `${this.#host}`, "--mount", "--pid", "--net", "--"];
    const intoMachine = ["--target", `${init}`, "--all", "--root", "--wd", "--"];
    const clean = [
      "env",
      "--ignore-environment",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME=/root",
      "LC_ALL=C.UTF-8",
    ];
    // Who enters from outside would keep rights that a machine's root has not, over what all machines share: the clock,
    // the kernel's modules. So they are given up for good before.
    const bounded = ["--bounding-set", SHARED_BY_ALL.map((right) => `-${right}`).join(","), "nsenter"];
    const args = [...bounded, ...intoHost, "nsenter", ...intoMachine, ...clean, ...command];
    return run("setpriv", args, { maxBuffer: 1 << 26 }).then(
      ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
      (error: { code?: unknown; stdout?: unknown; stderr?: unknown }) => {
        if (typeof error.code !== "number") throw error;
        return { exitCode: error.code, stdout: String(error.stdout), stderr: String(error.stderr) };
      },
    );
  }

  /** Waits until sshd says its name at an address, and gives what it said. Fails with the end of the console. */
  async waitForSshd(instance: string, host: string, port: number): Promise<string> {
    const wait = waitUntil(`sshd at ${host}:${port}`, async () => {
      const met = await connectTo(this.#network, host, port, "", CUSTOMER);
      return met.includes("SSH-2.0-") ? met : undefined;
    });
    return wait.catch((error: Error) => {
      throw new Error(`${error.message}\n${this.console(instance).slice(-4000)}`);
    });
  }

  /** What a machine has said on its console since it was made. */
  console(instance: string): string {
    const path = join(this.#world, "consoles", `${instance}.log`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** The host's process: the one child of `unshare`, which is the guard's. */
  get #host(): number {
    const guard = this.#guard.pid as number;
    const host = guardedProcess(guard);
    if (host === undefined) throw new Error("the machine host has ended");
    return host;
  }

  async #ask(request: HostRequest): Promise<HostAnswer & { ok: true }> {
    const socket = connect(join(this.#world, "machines.sock"));
    try {
      socket.write(`${JSON.stringify(request)}\n`);
      const [line] = (await once(createInterface(socket), "line")) as [string];
      const answer = JSON.parse(line) as HostAnswer;
      if (!answer.ok) throw new Error(`${request.do}: ${answer.reason}`);
      return answer;
    } finally {
      socket.destroy();
    }
  }
}
