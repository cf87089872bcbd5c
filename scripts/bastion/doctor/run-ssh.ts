import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { failed } from "../command-failure.ts";

const run = promisify(execFile);

/** Reads the host keys that a server shows, each as `type blob`. Nothing is believed of it: they are compared. */
export async function scanHostKeys(host: string, sshPort: number, types: readonly string[]): Promise<string[]> {
  const scan = run("ssh-keyscan", ["-T", "10", "-p", `${sshPort}`, "-t", types.join(","), "--", host]);
  const { stdout } = await scan.catch((error: NodeJS.ErrnoException & { readonly stdout?: string }) => {
    if (error.code === "ENOENT") throw failed("ssh-keyscan was not found; install the OpenSSH client");
    return { stdout: error.stdout ?? "" };
  });
  return stdout.split("\n").flatMap((line) => /^[^#\s]\S* (\S+ \S+)/.exec(line)?.[1] ?? []);
}

export interface ConsumerLogin {
  readonly host: string;
  readonly sshPort: number;
  readonly user: string;
  readonly knownHosts: string;
  readonly identityFile: string;
}

/** What ssh has said, and whether the connection it reached for was still open in the end. */
export interface ConsumerAttempt {
  readonly said: string;
  readonly isOpen: boolean;
}

/**
 * Reaches for a bind port on the bastion's loopback as `ssh -L` does.
 *
 * @param folder where the command was typed; a relative key file is there.
 * @param watchSeconds how long the connection has to stay open.
 */
export async function reachLoopback(
  { host, sshPort, user, knownHosts, identityFile }: ConsumerLogin,
  bindAddress: string,
  bindPort: number,
  { folder, watchSeconds, interruption }: { readonly folder: string; readonly watchSeconds: number; readonly interruption: AbortSignal },
): Promise<ConsumerAttempt> {
  const own = await mkdtemp(join(tmpdir(), "bastion-doctor-"));
  try {
    await writeFile(join(own, "known_hosts"), knownHosts);
    const options = [
      "BatchMode=yes",
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=yes",
      "UserKnownHostsFile=known_hosts",
      "GlobalKnownHostsFile=none",
      "ConnectTimeout=10",
      "ServerAliveInterval=15",
    ];
    const args = ["-F", "none", "-v", ...options.flatMap((option) => ["-o", option]), "-i", resolve(folder, identityFile)];
    const ssh = spawn("ssh", [...args, "-p", `${sshPort}`, "-l", user, "-W", `${bindAddress}:${bindPort}`, "--", host], {
      cwd: own,
      stdio: ["pipe", "pipe", "pipe"],
      signal: interruption,
    });
    const { promise, resolve: finish } = Promise.withResolvers<ConsumerAttempt>();
    let said = "";
    let isWatched = false;
    let watch: NodeJS.Timeout | undefined;
    const end = (isOpen: boolean) => finish({ said, isOpen });
    ssh.stderr.on("data", (data: Buffer) => {
      said += data.toString();
      if (isWatched || !said.includes("Authenticated to")) return;
      isWatched = true;
      watch = setTimeout(() => end(true), watchSeconds * 1000);
    });
    ssh.stdout.once("data", () => end(true));
    ssh.once("error", (error) => {
      said += error.message;
      end(false);
    });
    ssh.once("close", () => end(false));
    try {
      return await promise;
    } finally {
      clearTimeout(watch);
      ssh.kill();
    }
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
