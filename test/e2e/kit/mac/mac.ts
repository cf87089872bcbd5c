import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finished, Network } from "../../support/network.ts";
import { waitUntil } from "../../support/wait.ts";

const PATH = "/stand-in:/usr/sbin:/usr/bin:/sbin:/bin";

/** What stands in for a customer's Mac: programs that say what launchd and `dscl` would say. */
export class StandInMac {
  readonly #network: Network;
  readonly #folder: string;
  readonly #child: ChildProcess;
  /** Of its launchd, as this machine counts; all of it ends with it. */
  readonly #pid: number;

  private constructor(network: Network, folder: string, child: ChildProcess, pid: number) {
    this.#network = network;
    this.#folder = folder;
    this.#child = child;
    this.#pid = pid;
  }

  static async start(network: Network): Promise<StandInMac> {
    const folder = mkdtempSync(join(tmpdir(), "mac-"));
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
    const child = network.start("unshare", [...namespaces, "sh", join(import.meta.dirname, "mac.sh"), folder], { stdio: "inherit" });
    const pid = await waitUntil("the stand-in for launchd", () => {
      const first = childrenOf(child.pid)[0];
      return existsSync(`/proc/${first}/root/stand-in/launchd.socket`) && first;
    });
    return new StandInMac(network, folder, child, pid);
  }

  /** Runs a command inside, as root, however it ends. */
  attempt(...command: readonly string[]): Promise<Finished> {
    const place = ["--target", `${this.#pid}`, "--mount", "--pid", "--root"];
    return this.#network.attempt("nsenter", [...place, "env", "--chdir=/", "-i", `PATH=${PATH}`, ...command]);
  }

  /** Runs a command inside, as root, and gives what it printed. */
  async inside(...command: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.attempt(...command);
    if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}:\n${stdout}\n${stderr}`);
    return stdout.trim();
  }

  /** Mode, owner, group and path of all that was written since it started, beside the folders that were there. */
  async written(): Promise<string[]> {
    const find = ["find", ".", "(", "-path", "./tmp", "-o", "-path", "./stand-in", ")", "-prune", "-o", "-print"];
    const { stdout } = await this.#network.run("nsenter", [
      ...["--target", `${this.#pid}`, "--mount", "sh", "-c", 'cd "$1" && shift && "$@"', "sh"],
      ...[join(this.#folder, "written"), ...find],
    ]);
    return stdout.trim().split("\n").sort();
  }

  async remove(): Promise<void> {
    this.#child.kill("SIGKILL");
    await waitUntil("the stand-in for a Mac to end", () => this.#child.exitCode !== null || this.#child.signalCode !== null);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function childrenOf(pid: number | undefined): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number) : [];
}
