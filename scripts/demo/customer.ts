import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the customer was handed: a command, and the two files it names. */
export interface CustomerKit {
  readonly command: string;
  readonly knownHosts: string;
  readonly client: string;
  readonly privateKey: string;
}

/** The customer's side of the demonstration: a folder with two files, and the command that was printed, as it was printed. */
export class Customer {
  readonly #folder: string;
  readonly #ssh: ChildProcess;
  #said = "";

  constructor({ command, knownHosts, client, privateKey }: CustomerKit) {
    this.#folder = mkdtempSync(join(tmpdir(), "customer-"));
    writeFileSync(join(this.#folder, "known_hosts"), knownHosts);
    writeFileSync(join(this.#folder, `${client}.key`), privateKey, { mode: 0o600 });
    this.#ssh = spawn("sh", ["-c", `exec ${command}`], { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] });
    this.#ssh.stderr?.on("data", (data: Buffer) => {
      this.#said += data.toString();
    });
  }

  /** What ssh had to say, once it has ended by itself; `undefined` while it runs. */
  get failure(): string | undefined {
    return this.#ssh.exitCode === null ? undefined : this.#said.trim() || `ssh ended with exit code ${this.#ssh.exitCode}`;
  }

  async stop(): Promise<void> {
    if (this.#ssh.exitCode === null && this.#ssh.signalCode === null) {
      const ended = new Promise((resolve) => this.#ssh.once("exit", resolve));
      this.#ssh.kill();
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
