import { type ChildProcess, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackOutputs } from "./deployment.ts";
import { CUSTOMER, type Finished, type Network } from "./network.ts";
import { waitUntil } from "./wait.ts";

/** A folder at the customer's, with the files that commands name: keys and `known_hosts`. */
export class CustomerFolder {
  readonly path = mkdtempSync(join(tmpdir(), "customer-"));
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Puts down what the outputs of a stack hand out: `known_hosts` and the keys that were generated. */
  take(outputs: StackOutputs): void {
    this.write("known_hosts", outputs.knownHosts);
    const { clientPrivateKeys, consumerPrivateKeys, operatorPrivateKeys } = outputs;
    for (const keys of [clientPrivateKeys, consumerPrivateKeys, operatorPrivateKeys])
      for (const [name, key] of Object.entries(keys)) this.write(`${name}.key`, key);
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.path, file), content, { mode: 0o600 });
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }

  /** Makes a key pair as a customer would, and gives the public half. */
  makeKey(file: string, ...options: readonly string[]): string {
    execFileSync("ssh-keygen", [
      "-q",
      "-N",
      "",
      "-C",
      file,
      "-f",
      join(this.path, file),
      ...(options.length > 0 ? options : ["-t", "ed25519"]),
    ]);
    return readFileSync(join(this.path, `${file}.pub`), "utf8").trim();
  }

  /** Types a command, from the customer's address, and waits for its end. */
  async type(command: string, from: string = CUSTOMER): Promise<Finished> {
    return this.#network.attempt("sh", ["-c", `exec ${withSource(command, from)}`], {
      cwd: this.path,
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
  }

  /** Types a command that stays, from the customer's address. */
  open(command: string, from: string = CUSTOMER): SshSession {
    return new SshSession(
      this.#network.start("sh", ["-c", `exec ${withSource(command, from)}`], { cwd: this.path, stdio: ["ignore", "ignore", "pipe"] }),
    );
  }

  /** Types a command again and again, a second after its end. It ends with the network. */
  loop(command: string, from: string = CUSTOMER): void {
    const script = `while :; do ${withSource(command, from)}; sleep 1; done`;
    this.#network.start("sh", ["-c", script], { cwd: this.path, stdio: "ignore" });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** All addresses are on one machine: `-b` chooses the one the connection comes from. It is the only word that is added. */
function withSource(command: string, from: string): string {
  return command.replace(/^ssh /, `ssh -F none -b ${from} `);
}

/** A running ssh. */
export class SshSession {
  readonly process: ChildProcess;
  #said = "";

  constructor(process: ChildProcess) {
    this.process = process;
    process.stderr?.on("data", (data: Buffer) => {
      this.#said += data.toString();
    });
  }

  /** What it printed on standard error so far. */
  get said(): string {
    return this.#said;
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Stops it where it stands, as if its machine had lost power: the kernel still acknowledges what arrives. */
  freeze(): void {
    this.process.kill("SIGSTOP");
  }

  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.process.kill(signal);
    await this.ended();
  }

  /** Waits for it to end by itself. */
  async ended(): Promise<void> {
    await waitUntil("ssh to end", () => !this.isRunning);
  }
}
