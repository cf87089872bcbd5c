import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const LIMIT_MS = 60_000;
const POLL_MS = 50;

/**
 * Does something while no other process of this machine does it. The lock is a file with the holder's process id: one
 * that was left behind by a process that is gone does not count.
 */
export async function whileLocked<T>(file: string, action: () => Promise<T>): Promise<T> {
  const end = Date.now() + LIMIT_MS;
  while (!(await take(file))) {
    if (!(await isHeld(file))) await rm(file, { force: true });
    else if (Date.now() > end) throw new Error(`another process has held ${file} for ${LIMIT_MS / 1000} s`);
    else await sleep(POLL_MS);
  }
  try {
    return await action();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}`, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isHeld(file: string): Promise<boolean> {
  const holder = Number(await readFile(file, "utf8").catch(() => `${process.pid}`));
  // A file that has just been made may still be empty.
  if (holder === 0) return true;
  try {
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
