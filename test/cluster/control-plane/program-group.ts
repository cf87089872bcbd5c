import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Program } from "./program.ts";

const GUARD = join(import.meta.dirname, "guard.sh");
const POLL_MS = 50;

/** Programs that work together in a temporary folder; neither they nor it outlive the process that started them. */
export class ProgramGroup {
  readonly folder: string;
  readonly #guard: ChildProcess;
  readonly #programs: Program[] = [];

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "bastion-cluster-"));
    this.#guard = spawn("sh", [GUARD, this.folder], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  }

  /** Starts a program, with its output in a file of its name. */
  start(file: string, flags: readonly string[]): Program {
    const program = new Program(file, flags, join(this.folder, `${basename(file)}.log`));
    this.#programs.push(program);
    return program;
  }

  /** Waits for a condition. Throws as soon as one of the programs has ended, and when the limit has passed. */
  async waitUntil(what: string, limitSeconds: number, condition: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + limitSeconds * 1000;
    while (!(await condition())) {
      const dead = this.#programs.find((program) => program.hasEnded);
      if (dead !== undefined) throw new Error(`while waiting for ${what}: ${dead.epitaph}`);
      if (Date.now() > end)
        throw new Error(`waited ${limitSeconds} s for ${what}\n${this.#programs.map(({ epitaph }) => epitaph).join("\n")}`);
      await sleep(POLL_MS);
    }
  }

  /** Gives up a program that has ended. */
  forget(program: Program): void {
    this.#programs.splice(this.#programs.indexOf(program), 1);
  }

  /** Ends the programs, and removes the folder. */
  async remove(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.end()));
    rmSync(this.folder, { recursive: true, force: true });
    if (this.#guard.exitCode !== null) return;
    const ended = once(this.#guard, "exit");
    this.#guard.stdin?.end();
    await ended;
  }
}
