import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";

const LOG_LINES = 20;

/** A program of the control plane. The kernel kills it when the process that started it is gone, however that ended. */
export class Program {
  readonly #name: string;
  readonly #logFile: string;
  readonly #process: ChildProcess;

  constructor(file: string, flags: readonly string[], logFile: string) {
    this.#name = basename(file);
    this.#logFile = logFile;
    const log = openSync(logFile, "a");
    // In a session of its own: a Ctrl-C is meant for the test, which ends it.
    this.#process = spawn("setpriv", ["--pdeathsig", "KILL", "--", file, ...flags], { detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get log(): string {
    return readFileSync(this.#logFile, "utf8");
  }

  /** Why it cannot be relied on any more, with the end of what it has said. */
  get epitaph(): string {
    const how = this.hasEnded ? `ended with ${this.#process.exitCode ?? this.#process.signalCode}` : "still runs";
    return `${this.#name} ${how}:\n${this.log.trimEnd().split("\n").slice(-LOG_LINES).join("\n")}`;
  }

  /** Ends it at once: nothing that it has is kept. */
  async end(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
