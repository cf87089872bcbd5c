import { accessSync, constants, statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SHARED_MEMORY = "/dev/shm";
/** What `statfs` calls a file system in memory (`TMPFS_MAGIC` of linux/magic.h). */
const TMPFS = 0x01021994;

/** Lends a folder that only its owner can enter, in memory where the machine has such a place; afterwards it is gone. */
export async function inPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(hasSharedMemory() ? SHARED_MEMORY : tmpdir(), "bastion-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function hasSharedMemory(): boolean {
  try {
    accessSync(SHARED_MEMORY, constants.W_OK | constants.X_OK);
    return statfsSync(SHARED_MEMORY).type === TMPFS;
  } catch {
    return false;
  }
}
