import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { World, type WorldState } from "../../cloud/world/world.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** How a run of the CLI ended, and what it printed. */
export interface Run {
  readonly exitCode: number;
  readonly printed: string;
}

/** What a stand-in cloud is tried with. */
export interface StandInProgram {
  /** An ES module, as somebody who has the real cloud would write it; it reads `options.json`. */
  readonly program: string;
  /** What is in `options.json` unless a test says otherwise. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, string>>;
  readonly seeds: WorldState["seeds"];
}

/** A stack of a program in a project and a world of its own. */
export class StandInStack {
  readonly folder = mkdtempSync(join(tmpdir(), "stand-in-"));
  readonly world: World;
  readonly #program: StandInProgram;

  constructor(program: StandInProgram) {
    this.#program = program;
    this.world = World.create(join(this.folder, "world"), program.seeds);
  }

  async create(): Promise<void> {
    mkdirSync(join(this.folder, "state"));
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    const runtime = { name: "nodejs", options: { typescript: false } };
    for (const [file, content] of [
      ["Pulumi.yaml", JSON.stringify({ name: "stand-in", runtime, main: "index.mjs" })],
      ["package.json", JSON.stringify({ type: "module" })],
      ["index.mjs", this.#program.program],
    ] as const)
      writeFileSync(join(this.folder, file), content);
    this.set({});
    await this.done("stack", "init", "test");
    for (const [key, value] of Object.entries(this.#program.config)) await this.done("config", "set", key, value);
  }

  /** Has the program run with other options. */
  set(options: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(this.folder, "options.json"), JSON.stringify({ ...this.#program.options, ...options }));
  }

  /** Runs the CLI, however it ends. */
  run(...args: readonly string[]): Promise<Run> {
    const env = {
      ...process.env,
      PATH: `${join(ROOT, "test/cloud/bin")}:${process.env.PATH}`,
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      REVERSE_BASTION_WORLD: this.world.folder,
    };
    const options = { cwd: this.folder, env, timeout: 120_000, maxBuffer: 2 ** 24 };
    return new Promise((finish) => {
      execFile("pulumi", [...args, "--non-interactive", "--color=never"], options, (error, stdout, stderr) =>
        finish({ exitCode: error === null ? 0 : Number(error.code ?? 1), printed: stdout + stderr }),
      );
    });
  }

  /** Runs what has to succeed. */
  async done(...args: readonly string[]): Promise<string> {
    const { exitCode, printed } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${printed}`);
    return printed;
  }

  up(...args: readonly string[]): Promise<string> {
    return this.done("up", "--yes", "--skip-preview", ...args);
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.done("stack", "output", "--json")) as Record<string, unknown>;
  }

  /** The only record of a type. */
  only(type: string): [id: string, record: Readonly<Record<string, unknown>>] {
    const records = Object.entries(this.world.records(type));
    expect(records).toHaveLength(1);
    return records[0] as [string, Record<string, unknown>];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
