import { type ExecFileSyncOptions, execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The real programs that judge what the core renders and reads. */

/** `nobody` of Debian: as root, sshd is tried as the unprivileged process it is to be. */
export const UNPRIVILEGED_ID = 65534;

/** Runs a program and gives what it prints. Its complaints are part of the error. */
export function run(program: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
  return execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 30_000, ...options, encoding: "utf8" });
}

/** A key pair as `ssh-keygen` makes it. */
export interface KeyFiles {
  readonly path: string;
  readonly privateKey: string;
  /** The line of the `.pub` file. */
  readonly publicKey: string;
}

/** Has `ssh-keygen` make a key pair: `makeKey(folder, "rsa", "-b", "3072")`. */
export function makeKey(folder: string, type: string, ...options: readonly string[]): KeyFiles {
  const path = join(folder, [type, ...options].join("").replaceAll(/[^\w]/g, "_"));
  const passphrase = options.includes("-N") ? [] : ["-N", ""];
  run("ssh-keygen", ["-q", "-t", type, "-C", "somebody@somewhere", "-f", path, ...passphrase, ...options]);
  return { path, privateKey: readFileSync(path, "utf8"), publicKey: readFileSync(`${path}.pub`, "utf8").trim() };
}

/** What `ssh-keygen -lf` prints for lines of `authorized_keys`, each as `BITS FINGERPRINT COMMENT (TYPE)`; lines it refuses are missing. */
export function listKeys(folder: string, lines: readonly string[]): string[] {
  const file = join(folder, "listed-keys");
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  const { stdout } = spawnSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8", timeout: 30_000, maxBuffer: 2 ** 26 });
  return stdout.split("\n").filter((line) => /^\d+ SHA256:/.test(line));
}

/** The fingerprints that `ssh-keygen -lf` prints for lines of `authorized_keys`. */
export function fingerprintsOf(folder: string, lines: readonly string[]): string[] {
  return listKeys(folder, lines).map((line) => line.split(" ")[1] ?? "");
}

/** The words of a command as a real POSIX shell takes them. */
export function wordsOf(command: string): string[] {
  return run("sh", ["-c", `printf '%s\\0' ${command}`])
    .split("\0")
    .slice(0, -1);
}

/** What `ssh -G`, typed in a folder, makes of arguments and configuration: the values of each option, in the order printed. */
export function sshSettings(folder: string, args: readonly string[]): Record<string, string[]> {
  return settingsIn(run("ssh", ["-G", ...args], { cwd: folder }));
}

/** What `sshd -T -C …` makes of a configuration file for one user: the values of each keyword. */
export function sshdSettings(file: string, user: string, address = "127.0.0.1"): Record<string, string[]> {
  return settingsIn(runSshd(["-T", "-C", `user=${user},host=x,addr=${address}`, "-f", file]));
}

/** Runs the machine's sshd, unprivileged. */
export function runSshd(args: readonly string[]): string {
  return run(sshdProgram(), args, process.getuid?.() === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {});
}

function sshdProgram(): string {
  const program = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd"].find(existsSync);
  if (program === undefined) throw new Error("this machine has no sshd; install the package openssh-server");
  return program;
}

function settingsIn(text: string): Record<string, string[]> {
  const settings: Record<string, string[]> = {};
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const [, name = "", value = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    settings[name] = [...(settings[name] ?? []), value];
  }
  return settings;
}
