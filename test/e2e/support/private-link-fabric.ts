import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type RuleHealth, readHealth } from "../../cloud/azure/data-plane/private-link-health.ts";
import { guardedProcess } from "../../cloud/machine/guarded-process.ts";
import type { World } from "../../cloud/world/world.ts";
import { waitUntil } from "./wait.ts";

const CLOUD = resolve(import.meta.dirname, "../../cloud");
const PROGRAMS = import.meta.dirname;

/** A program at a network interface. */
export interface FabricProgram {
  stop(): Promise<void>;
}

/** The virtual networks of a world, with a place to run programs at for every network interface without a machine. */
export class PrivateLinkFabric {
  readonly #world: World;
  readonly #guard: ChildProcess;

  private constructor(world: World, guard: ChildProcess) {
    this.#world = world;
    this.#guard = guard;
  }

  /** Starts it. It ends with this process, however that ends. */
  static async start(world: World): Promise<PrivateLinkFabric> {
    const host = ["node", join(CLOUD, "azure/data-plane/private-link-main.ts"), world.folder];
    const guard = spawn("sh", [join(CLOUD, "machine/guard.sh"), `${process.pid}`, `private-link-${process.pid}`, ...host], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [answer] = await Promise.race([once(createInterface(guard.stdout as NodeJS.ReadableStream), "line"), once(guard, "exit")]);
    if (answer !== "ready") throw new Error(`the private link host ended with ${answer}`);
    return new PrivateLinkFabric(world, guard);
  }

  /** Ends every program that runs in it, and the networks. */
  async stop(): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    this.#guard.stdin?.end();
    await once(this.#guard, "exit");
  }

  /** Starts a program of this folder at a network interface, and waits until it has said something. It ends with its input. */
  async start(interfaceId: string, program: string, ...args: readonly string[]): Promise<FabricProgram> {
    const [command = "", ...rest] = await this.#at(interfaceId, program, ...args);
    const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    await Promise.race([
      once(child.stdout as NodeJS.ReadableStream, "data"),
      ended.then(([code]) => Promise.reject(new Error(`${program} ended with ${code}`))),
    ]);
    return {
      stop: async () => {
        child.stdin?.end();
        await ended;
      },
    };
  }

  /** Runs a program of this folder at a network interface to its end, and gives what it printed. */
  async run(interfaceId: string, program: string, ...args: readonly string[]): Promise<string> {
    const [command = "", ...rest] = await this.#at(interfaceId, program, ...args);
    return new Promise((finish) => {
      execFile(command, rest, (_error, stdout) => finish(stdout));
    });
  }

  /** What a load balancer says of the backends of a rule. */
  health(ruleId: string): RuleHealth | undefined {
    return readHealth(this.#world)[ruleId];
  }

  /** Waits until so many backends of a rule are up. */
  async waitForBackends(ruleId: string, up: number): Promise<RuleHealth> {
    return waitUntil(`${up} backends of ${ruleId} to be up`, () => {
      const health = this.health(ruleId);
      return health?.up === up && health;
    });
  }

  async #at(interfaceId: string, program: string, ...args: readonly string[]): Promise<string[]> {
    const namespace = await waitUntil(`${interfaceId} to be connected`, () => this.#namespaceOf(interfaceId));
    const intoHost = ["nsenter", "--target", `${this.#host}`, "--mount", "--pid", "--net", "--"];
    return [...intoHost, "ip", "netns", "exec", namespace, process.execPath, join(PROGRAMS, program), ...args];
  }

  async #namespaceOf(interfaceId: string): Promise<string | undefined> {
    const path = join(this.#world.folder, "private-link.sock");
    if (!existsSync(path)) throw new Error("the private link host has ended");
    const socket = connect(path);
    try {
      socket.write(`${interfaceId}\n`);
      const [line] = (await once(createInterface(socket), "line")) as [string];
      return line === "" ? undefined : line;
    } finally {
      socket.destroy();
    }
  }

  /** The host's process: the one child of `unshare`, which is the guard's. */
  get #host(): number {
    const host = guardedProcess(this.#guard.pid as number);
    if (host === undefined) throw new Error("the private link host has ended");
    return host;
  }
}
