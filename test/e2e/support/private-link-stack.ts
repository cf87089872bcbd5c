import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { logIn } from "../../cloud/azure/control-plane/private-link-service-scene.ts";
import { WORLD_VARIABLE, type World } from "../../cloud/world/world.ts";
import type { Run } from "./stand-in-stack.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const LIMIT_MS = 120_000;

/** Who deploys a stack, and what. */
export interface PrivateLinkSide {
  /** Name of the stack. */
  readonly name: string;
  readonly subscriptionId: string;
  /** An ES module, as somebody who has the real cloud would write it; it reads `options.json`. */
  readonly program: string;
}

/** The stack of one side of a private link, in a world that both sides share. */
export class PrivateLinkStack {
  readonly folder = mkdtempSync(join(tmpdir(), "private-link-"));
  readonly #world: World;
  readonly #side: PrivateLinkSide;
  readonly #running = new Set<ChildProcess>();

  constructor(world: World, side: PrivateLinkSide) {
    this.#world = world;
    this.#side = side;
  }

  async create(): Promise<void> {
    mkdirSync(join(this.folder, "state"));
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    const runtime = { name: "nodejs", options: { typescript: false } };
    for (const [file, content] of [
      ["Pulumi.yaml", JSON.stringify({ name: "private-link", runtime, main: "index.mjs" })],
      ["package.json", JSON.stringify({ type: "module" })],
      ["index.mjs", this.#side.program],
    ] as const)
      writeFileSync(join(this.folder, file), content);
    await this.done("stack", "init", this.#side.name);
  }

  /** Starts the CLI with these options of the program; the answer comes when it has ended, however it ends. */
  async run(options: Readonly<Record<string, unknown>>, ...args: readonly string[]): Promise<Run> {
    writeFileSync(join(this.folder, "options.json"), JSON.stringify(options));
    return this.#cli(args);
  }

  /** `pulumi up` with these options, however it ends. */
  up(options: Readonly<Record<string, unknown>>, ...args: readonly string[]): Promise<Run> {
    return this.run(options, "up", "--yes", "--skip-preview", ...args);
  }

  /** Runs what has to succeed, with the options that are there. */
  async done(...args: readonly string[]): Promise<string> {
    const { exitCode, printed } = await this.#cli(args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${printed}`);
    return printed;
  }

  async outputs(): Promise<Record<string, string>> {
    return JSON.parse(await this.done("stack", "output", "--json")) as Record<string, string>;
  }

  /** Ends what still runs, and removes the folders. */
  remove(): void {
    for (const child of this.#running) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #cli(args: readonly string[]): Promise<Run> {
    await logIn(this.#world, this.#side.subscriptionId);
    const env = {
      ...process.env,
      [WORLD_VARIABLE]: this.#world.folder,
      PATH: [join(ROOT, "test/cloud/bin"), process.env.PATH].join(delimiter),
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const child = spawn("pulumi", [...args, "--non-interactive", "--color=never"], { cwd: this.folder, env, timeout: LIMIT_MS });
    this.#running.add(child);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    this.#running.delete(child);
    return { exitCode: child.exitCode ?? 1, printed: stdout + stderr };
  }
}
