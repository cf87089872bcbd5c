import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { checkDirectory } from "../core/local-spec.ts";
import { parseOpenSshVersion } from "../core/openssh-version.ts";
import { InvalidInputError } from "../core/problem.ts";
import type { Machine } from "../host/machine.ts";
import { BASTIONS_FOLDER } from "./bastion-directory.ts";
import type { Properties } from "./property-values.ts";

const run = promisify(execFile);

/** Where sshd lives on the systems we know; it is rarely on an ordinary user's PATH. */
const SSHD_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];

/** sshd runs a key command only if nobody but root could have changed it, so a Python of one's own will not do. */
const PYTHONS = ["/usr/bin/python3", "/usr/local/bin/python3"];

/**
 * Looks at this machine. As root the bastion gets login users of its own. Without root sshd can log in nobody but
 * the user it runs as, so that one stands in for both.
 *
 * @throws InvalidInputError when OpenSSH's server or a system Python is missing, with what to install.
 */
export async function describeLocalHost(request: Properties): Promise<Machine> {
  const isRoot = process.getuid?.() === 0;
  const own = userInfo().username;
  const [sshd, sshKeygen, python] = await Promise.all([
    findProgram("sshd", SSHD_FOLDERS, "install the package openssh-server"),
    findProgram("ssh-keygen", [], "install the package openssh-client"),
    findSystemPython(),
  ]);
  return {
    directory: usable((request.directory as string | undefined) ?? defaultDirectory(request.id as string, isRoot)),
    sshd,
    sshKeygen,
    python,
    opensshVersion: await readSshdVersion(sshd),
    tunnelUser: isRoot ? (request.tunnelUser as string) : own,
    consumerUser: isRoot ? (request.consumerUser as string) : own,
  };
}

function usable(directory: string): string {
  const reason = checkDirectory(directory);
  if (reason !== undefined) throw new InvalidInputError([{ path: "directory", reason }]);
  return directory;
}

function defaultDirectory(id: string, isRoot: boolean): string {
  const home = process.env.XDG_STATE_HOME || (isRoot ? "/var/lib" : join(homedir(), ".local/state"));
  return join(home, BASTIONS_FOLDER, id.replaceAll(/[^\w.-]/g, "-"));
}

async function findProgram(name: string, folders: readonly string[], remedy: string): Promise<string> {
  for (const folder of [...folders, ...(process.env.PATH ?? "").split(delimiter)]) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  throw new InvalidInputError([{ path: "", reason: `this machine has no ${name}; ${remedy}` }]);
}

async function findSystemPython(): Promise<string> {
  for (const file of PYTHONS) if ((await isExecutable(file)) && (await onlyRootCanChange(file))) return file;
  throw new InvalidInputError([
    { path: "", reason: `this machine has no ${PYTHONS[0]} that belongs to root; install the package python3` },
  ]);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function onlyRootCanChange(file: string): Promise<boolean> {
  for (let path = await realpath(file); ; path = dirname(path)) {
    const { uid, mode } = await stat(path);
    if (uid !== 0 || (mode & 0o022) !== 0) return false;
    if (path === "/") return true;
  }
}

/** Older releases do not know `-V` and print their version with the usage, so the exit code says nothing. */
async function readSshdVersion(sshd: string): Promise<string> {
  const printed = await run(sshd, ["-V"]).catch((error: { stderr?: string; stdout?: string }) => error);
  const text = `${printed.stderr ?? ""}${printed.stdout ?? ""}`;
  const version = /OpenSSH_\S+/.exec(text)?.[0] ?? text;
  parseOpenSshVersion(version);
  return version;
}
