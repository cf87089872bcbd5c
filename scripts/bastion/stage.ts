import { rmdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Lends a folder to prepare something in, hidden beside where it goes: from there it gets its place by one rename.
 * Afterwards it is gone, as are the folders that were made above it where nothing came of it.
 *
 * @param place absolute path of what is prepared.
 */
export async function inStage(place: string, prepare: (stage: string) => Promise<void>): Promise<void> {
  const parent = dirname(place);
  const outermost = await mkdir(parent, { recursive: true });
  try {
    const stage = await mkdtemp(join(parent, `.${basename(place)}-`));
    try {
      await prepare(stage);
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  } catch (error) {
    if (outermost !== undefined) removeEmpty(parent, outermost);
    throw error;
  }
}

function removeEmpty(innermost: string, outermost: string): void {
  for (let folder = innermost; folder.length >= outermost.length; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      // Somebody has put something into it, or has removed it: theirs from now on.
      return;
    }
  }
}
