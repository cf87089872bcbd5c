import { existsSync } from "node:fs";
import { link, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandFailure, failed } from "../command-failure.ts";
import { inStage } from "../stage.ts";

export interface WriteCustomerOptions {
  /** Also over a file that is there. */
  readonly force: boolean;
  /** Stops it, with nothing written. */
  readonly interruption: AbortSignal;
}

/**
 * Writes a customer's file: all of it or nothing.
 *
 * @param path absolute path.
 * @param name what messages call it.
 * @throws CommandFailure where it is there already.
 */
export async function writeCustomer(
  path: string,
  name: string,
  text: string,
  { force, interruption }: WriteCustomerOptions,
): Promise<void> {
  await inStage(path, async (stage) => {
    const draft = join(stage, "customer.yaml");
    await writeFile(draft, text);
    interruption.throwIfAborted();
    // A link refuses where somebody else was first.
    await (force ? rename(draft, path) : link(draft, path)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EEXIST" ? isThere(name) : error;
    });
  });
}

/** Refuses a customer who has a file, before anything is asked. */
export function refuseExisting(path: string, name: string): void {
  if (existsSync(path)) throw isThere(name);
}

function isThere(name: string): CommandFailure {
  return failed(`${name} is there already; change it in an editor, or write it anew with --force`);
}
