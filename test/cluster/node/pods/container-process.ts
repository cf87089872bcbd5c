import { type ChildProcess, type ExecFileException, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fchownSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { ContainerPlan } from "./container-plan.ts";

const PYTHON = ["python3", "-I", "-S", "-B"];
const PROGRAM = join(import.meta.dirname, "../container");
const LOG_END = 2048;
/** Of a starter that was killed itself. */
const KILLED = 137;

/** Where a container's parts are. `folder` is kept as long as the pod; the log stays after it. */
export interface ContainerPlaces {
  readonly folder: string;
  readonly log: string;
}

/** One run of a container. */
export class ContainerProcess {
  readonly startedAt = new Date();
  /** Its first process, as the node counts. */
  readonly pid: number;
  /** Exit code of its first process, once that has ended. */
  readonly ended: Promise<number>;
  readonly #places: ContainerPlaces;
  readonly #logStart: number;
  #hasEnded = false;
  #isStopping = false;

  private constructor(starter: ChildProcess, pid: number, places: ContainerPlaces, logStart: number) {
    this.pid = pid;
    this.#places = places;
    this.#logStart = logStart;
    this.ended = once(starter, "exit").then(([code]) => {
      this.#hasEnded = true;
      return (code as number | null) ?? KILLED;
    });
  }

  /** Starts one. Throws, with the runtime's reason, when its first program cannot be run. */
  static async start(plan: ContainerPlan, places: ContainerPlaces): Promise<ContainerProcess> {
    writeFileSync(planFile(places.folder), JSON.stringify(plan));
    const log = openSync(places.log, "a");
    const { size, gid } = fstatSync(log);
    // A runtime gives what a container prints to its user, who may open it by `/proc/self/fd/2` then.
    fchownSync(log, plan.rights.uid, gid);
    const [program = "", ...args] = [...PYTHON, PROGRAM, "start", planFile(places.folder)];
    const starter = spawn(program, args, { stdio: ["ignore", log, log, "pipe"] });
    closeSync(log);
    const lines = createInterface(starter.stdio[3] as Readable);
    const [line] = (await Promise.race([once(lines, "line"), once(starter, "exit")])) as [string | number];
    if (typeof line !== "string") throw new Error(`the runtime ended with ${line}`);
    const answer = JSON.parse(line) as { readonly pid: number } | { readonly error: string };
    if ("error" in answer) throw new Error(answer.error);
    return new ContainerProcess(starter, answer.pid, places, size);
  }

  /** The end of what this run has printed. */
  get endOfLog(): string {
    return readFileSync(this.#places.log).subarray(this.#logStart).toString("utf8").slice(-LOG_END);
  }

  /** Asks it to end, and ends it when the time is over; who asks again may have less patience. */
  async stop(graceSeconds: number): Promise<void> {
    if (!this.#isStopping) this.#signal("SIGTERM");
    this.#isStopping = true;
    const timer = setTimeout(() => this.#signal("SIGKILL"), graceSeconds * 1000);
    await this.ended;
    clearTimeout(timer);
  }

  /** Runs a command inside. Its exit code, or `undefined` when it took too long. */
  run(command: readonly string[], timeoutSeconds: number): Promise<{ readonly exitCode: number | undefined; readonly output: string }> {
    const [program = "", ...args] = [...PYTHON, PROGRAM, "enter", planFile(this.#places.folder), `${this.pid}`, ...command];
    return new Promise((resolve) => {
      execFile(
        program,
        args,
        { timeout: timeoutSeconds * 1000, killSignal: "SIGKILL" },
        (error: ExecFileException | null, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
          resolve({ exitCode, output: `${stdout}${stderr}`.trim() });
        },
      );
    });
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#hasEnded) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      // It has ended, and its starter has not said so yet.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function planFile(folder: string): string {
  return join(folder, "plan.json");
}
