import { lstatSync, type Stats } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failed } from "./command-failure.ts";
import { inStage } from "./stage.ts";

export interface WritePrivateFileOptions {
  /** Also over a file that is there. */
  readonly force: boolean;
  /** Stops it, with nothing written. */
  readonly interruption: AbortSignal;
}

/**
 * Refuses a place that a secret cannot go to: a file that is there, unless it is to be replaced, and always what is no
 * file, such as a terminal, a folder, or a link to somewhere else.
 *
 * @param file absolute path.
 */
export function refuseTakenPlace(file: string, { force }: { readonly force: boolean }): void {
  const found = findEntry(file);
  if (found === undefined) return;
  if (!found.isFile()) throw failed(`${file} is no regular file; name another with --out`);
  if (!force) throw failed(`${file} is there already; name another file with --out, or overwrite it with --force`);
}

function findEntry(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") throw failed(`${dirname(file)} is no folder; name another file with --out`);
    throw error;
  }
}

/**
 * Writes a file that only its owner can read: all of it or nothing.
 *
 * @param file absolute path.
 * @throws CommandFailure where something is there already.
 */
export async function writePrivateFile(file: string, content: string, options: WritePrivateFileOptions): Promise<void> {
  refuseTakenPlace(file, options);
  await inStage(file, async (stage) => {
    const draft = join(stage, "file");
    await writeFile(draft, content, { mode: 0o600 });
    await chmod(draft, 0o600);
    options.interruption.throwIfAborted();
    refuseTakenPlace(file, options);
    await rename(draft, file);
  });
}
