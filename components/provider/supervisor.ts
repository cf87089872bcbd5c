import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { BastionDirectory } from "./bastion-directory.ts";
import type { Account } from "./login-users.ts";
import { probe } from "./sshd-probe.ts";

const run = promisify(execFile);

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 50;

/** The process that keeps a bastion of this machine running: sshd, key changes, dead clients (`supervise.py`). */
export class Supervisor {
  readonly #directory: BastionDirectory;
  readonly #program: string;
  /** The sshd that is to make way for one with the new configuration. */
  #formerSshd: number | undefined;

  constructor(directory: BastionDirectory) {
    this.#directory = directory;
    this.#program = join(directory.path, "lib/bastion_host/supervise.py");
  }

  /** Its process id, or `undefined` when it does not run. A number that another program has got since is not it. */
  async pid(): Promise<number | undefined> {
    const pid = Number(await this.#directory.read("run/supervisor.pid"));
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    const command = await run("ps", ["-ww", "-o", "command=", "-p", `${pid}`]).then(
      ({ stdout }) => stdout,
      () => "",
    );
    return command.includes(this.#program) ? pid : undefined;
  }

  /** Starts it, detached from us: it outlives the deployment. */
  async start(python: string, account: Account | undefined): Promise<void> {
    const log = await open(join(this.#directory.path, "log/bastion.log"), "a", 0o600);
    try {
      if (account !== undefined) await log.chown(account.uid, account.gid);
      const child = spawn(python, ["-I", "-S", this.#program, join(this.#directory.path, "etc/bastion.json")], {
        detached: true,
        cwd: "/",
        stdio: ["ignore", log.fd, log.fd],
        env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TZ: "UTC", LC_ALL: "C.UTF-8" },
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      });
      child.unref();
    } finally {
      await log.close();
    }
  }

  /** Has it start over with the files as they are now, and sshd with it. Open tunnels stay. */
  async reload(): Promise<void> {
    const pid = await this.pid();
    this.#formerSshd = (await this.#readStatus())?.sshd?.pid ?? undefined;
    if (pid !== undefined) process.kill(pid, "SIGHUP");
  }

  /** Ends it, its sshd and every session. */
  async stop(): Promise<void> {
    const pid = await this.pid();
    if (pid === undefined) return;
    process.kill(pid, "SIGTERM");
    const end = Date.now() + STOP_LIMIT_MS;
    while (Date.now() < end) {
      if ((await this.pid()) === undefined) return;
      await sleep(POLL_MS);
    }
    throw new Error(`the bastion's supervisor (process ${pid}) did not stop within ${STOP_LIMIT_MS / 1000} s; see ${this.#logFile}`);
  }

  /**
   * Waits until sshd answers and the key set is in force.
   *
   * @throws Error when the host refuses the key set, or when it takes too long; with the end of the log.
   */
  async waitUntilInForce(keySet: string, address: string, sshPort: number): Promise<void> {
    const digest = createHash("sha256").update(keySet).digest("hex");
    const end = Date.now() + START_LIMIT_MS;
    for (;;) {
      const status = await this.#readStatus();
      if (status?.keySet?.refused?.digest === digest)
        throw new Error(`the bastion refused the key set and keeps the last good one: ${status.keySet.refused.reason}`);
      // sshd's own word first: many bare connections in a row would be penalised (OpenSSH ≥ 9.8).
      const isNewSshd = (status?.sshd?.pid ?? this.#formerSshd) !== this.#formerSshd;
      if (isNewSshd && status?.sshd?.listening === true && status.keySet?.digest === digest && (await probe(address, sshPort)) === "sshd")
        return;
      if (Date.now() > end)
        throw new Error(`the bastion is not up after ${START_LIMIT_MS / 1000} s; the end of ${this.#logFile}:\n${await this.#endOfLog()}`);
      await sleep(POLL_MS);
    }
  }

  get #logFile(): string {
    return join(this.#directory.path, "log/bastion.log");
  }

  async #endOfLog(): Promise<string> {
    const text = (await this.#directory.read("log/bastion.log")) ?? "";
    return text.trimEnd().split("\n").slice(-10).join("\n");
  }

  async #readStatus(): Promise<BastionStatus | undefined> {
    const text = await this.#directory.read("run/status.json");
    return text === undefined ? undefined : (JSON.parse(text) as BastionStatus);
  }
}

/** The part of `run/status.json` that a deployment waits for. */
interface BastionStatus {
  readonly sshd?: { readonly pid: number | null; readonly listening: boolean };
  readonly keySet?: { readonly digest?: string; readonly refused?: { readonly digest: string; readonly reason: string } | null };
}
