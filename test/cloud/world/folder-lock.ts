import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LIMIT_MS = 60_000;
const POLL_MS = 10;

/**
 * Does something while no other process of this machine, and nothing else in this one, does it.
 *
 * The lock is a folder that holds one file, named after its holder. It is taken by renaming a filled folder onto it, which
 * succeeds only while it is empty or absent; that of a dead holder is freed by removing this holder's very file. So
 * two that find the same dead holder cannot take the lock from each other.
 */
export async function whileLocked<T>(folder: string, action: () => T | Promise<T>): Promise<T> {
  const holder = `${process.pid}.${startOf(process.pid)}.${randomUUID()}`;
  const end = Date.now() + LIMIT_MS;
  while (!take(folder, holder)) {
    freeFromTheDead(folder);
    if (Date.now() > end) throw new Error(`${folder} has been held for ${LIMIT_MS / 1000} s`);
    await sleep(POLL_MS);
  }
  try {
    return await action();
  } finally {
    rmSync(join(folder, holder), { force: true });
  }
}

function take(folder: string, holder: string): boolean {
  const filled = `${folder}.${holder}`;
  mkdirSync(filled);
  writeFileSync(join(filled, holder), "");
  try {
    renameSync(filled, folder);
    return true;
  } catch (error) {
    rmSync(filled, { recursive: true });
    if (["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

function freeFromTheDead(folder: string): void {
  for (const holder of readdirSync(folder)) {
    const [pid, start] = holder.split(".");
    if (startOf(Number(pid)) !== start) rmSync(join(folder, holder), { force: true });
  }
}

/** When a live process started, in the kernel's ticks: with its id, this names one process for good. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
