import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { InvalidInputError } from "../core/problem.ts";

const run = promisify(execFile);

/** Marks the accounts that were made here, so that only those are ever removed. */
const MARK = "pulumi-reverse-bastion";

/** An account of this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
}

/**
 * Makes sure that the login users of a bastion exist, with one user id for all of them: sshd runs as that user, and
 * without root it can log in no other. Each has no home, no shell and no password, and is not locked (sshd without
 * PAM refuses a locked account).
 *
 * @returns the account sshd is to run as.
 */
export async function ensureLoginUsers(first: string, ...others: readonly string[]): Promise<Account> {
  const account = (await findAccount(first)) ?? (await addAccount(first));
  for (const name of others) {
    const other = (await findAccount(name)) ?? (await addAccount(name, account));
    if (other.uid !== account.uid)
      throw new InvalidInputError([
        {
          path: "consumerUser",
          reason: `the user "${name}" exists on this machine with another user id than "${first}"; choose a name that is free`,
        },
      ]);
  }
  if (account.comment !== MARK)
    throw new InvalidInputError([
      { path: "tunnelUser", reason: `the user "${first}" exists on this machine and is not the bastion's own; choose a name that is free` },
    ]);
  return account;
}

/**
 * Removes the accounts that were made here, unless another bastion of this machine still runs as them.
 *
 * @param names the first one that was made last: the group is its, and goes when nobody else is in it.
 */
export async function removeLoginUsers(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const account = await findAccount(name);
    if (account?.comment !== MARK) continue;
    try {
      await run("userdel", [name]);
    } catch (error) {
      // userdel refuses (exit code 8) while a process runs as the user: that is another bastion, which needs the others too.
      if ((error as { code?: number }).code === 8) return;
      throw error;
    }
  }
}

/** The account of this name, or `undefined`. */
export async function findAccount(name: string): Promise<Account | undefined> {
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const [, , uid, gid, comment = ""] = accounts.find(([user]) => user === name) ?? [];
  return uid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid), comment };
}

async function addAccount(name: string, twin?: Account): Promise<Account> {
  const identity = twin === undefined ? ["--system", "--user-group"] : ["--non-unique", "--uid", `${twin.uid}`, "--gid", `${twin.gid}`];
  await run("useradd", [
    ...identity,
    "--no-create-home",
    "--home-dir",
    "/nonexistent",
    "--shell",
    "/usr/sbin/nologin",
    "--comment",
    MARK,
    "--password",
    "*",
    name,
  ]);
  const account = await findAccount(name);
  if (account === undefined) throw new Error(`useradd made no user "${name}"`);
  return account;
}
