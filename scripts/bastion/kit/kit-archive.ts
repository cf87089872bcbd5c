import { lstatSync, readFileSync } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unzipSync, type Zippable, zipSync } from "fflate";
import type { KitFile } from "../../../components/kit/kit-file.ts";
import { failed } from "../command-failure.ts";
import { inStage } from "../stage.ts";
import { CHECKSUMS } from "./kit-checksums.ts";
import type { KitOutcome, WriteKitOptions } from "./write-kit.ts";

/** The same kit is the same archive: ZIP's first moment, in local time, as ZIP has it. */
const MODIFIED = new Date(1980, 0, 1);
/** Whose file attributes are in a ZIP: with these the upper half is the file's type and mode. */
const UNIX = 3;
const REGULAR_FILE = 0o100000;

/** Packs a kit, its checksums included, into a ZIP archive with one folder in it. */
export function renderKitArchive(folder: string, files: readonly KitFile[]): Uint8Array {
  const zippable: Zippable = {};
  for (const { path, content, mode } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    zippable[`${folder}/${path}`] = [Buffer.from(content), { level: 9, mtime: MODIFIED, os: UNIX, attrs: (REGULAR_FILE + mode) * 0x10000 }];
  return zipSync(zippable);
}

/**
 * Writes an archive of a kit: all of it or nothing.
 *
 * @param file absolute path.
 * @throws CommandFailure where that would overwrite something other than a kit.
 */
export async function writeKitArchive(file: string, archive: Uint8Array, { force, interruption }: WriteKitOptions): Promise<KitOutcome> {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw failed(`${file} is a folder; with --zip, --out names a file`);
  const previous = found === undefined ? undefined : readFileSync(file);
  if (previous?.equals(archive)) return "unchanged";
  const wasKit = previous !== undefined && isKitArchive(previous);
  if (previous !== undefined && !wasKit && !force)
    throw failed(`${file} is there and is no kit; name another file with --out, or overwrite it with --force`);
  await inStage(file, async (stage) => {
    const draft = join(stage, "kit.zip");
    await writeFile(draft, archive);
    await chmod(draft, 0o644);
    interruption.throwIfAborted();
    await rename(draft, file);
  });
  return wasKit ? "updated" : "written";
}

function isKitArchive(archive: Uint8Array): boolean {
  let hasChecksums = false;
  const lookAt = ({ name }: { readonly name: string }) => {
    hasChecksums ||= name.endsWith(`/${CHECKSUMS}`);
    return false;
  };
  try {
    unzipSync(archive, { filter: lookAt });
  } catch {
    return false;
  }
  return hasChecksums;
}
