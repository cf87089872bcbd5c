import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, type Stats } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KitFile } from "../../../components/kit/kit-file.ts";
import { failed } from "../command-failure.ts";
import { inStage } from "../stage.ts";
import { CHECKSUMS, type Checksums, parseChecksums, sha256 } from "./kit-checksums.ts";
import type { KitOutcome, WriteKitOptions } from "./write-kit.ts";

/**
 * Writes a kit, its checksums included, as a folder: all of it or nothing.
 *
 * What is in the folder and is not the kit's, such as a private key, is never touched.
 *
 * @param folder absolute path.
 * @throws CommandFailure where that would overwrite somebody's file.
 */
export async function writeKitFolder(
  folder: string,
  files: readonly KitFile[],
  { force, interruption }: WriteKitOptions,
): Promise<KitOutcome> {
  if (find(folder) === undefined) {
    await writeNewFolder(folder, files, interruption);
    return "written";
  }
  const present = listFolder(folder);
  const previous = present.includes(CHECKSUMS) ? parseChecksums(readFileSync(join(folder, CHECKSUMS), "utf8")) : undefined;
  if (!force) refuseOthersFiles(folder, files, present, previous);
  const different = files.filter((file) => !isInPlace(folder, file));
  const stale = staleFiles(folder, files, previous);
  if (different.length === 0 && stale.length === 0) return "unchanged";
  for (const { path } of different) refuseObstacle(folder, path);
  await replaceFiles(folder, different, stale, interruption);
  return previous === undefined ? "written" : "updated";
}

/** The finished folder gets its name last. */
async function writeNewFolder(folder: string, files: readonly KitFile[], interruption: AbortSignal): Promise<void> {
  await inStage(folder, async (stage) => {
    await writeFiles(stage, files, interruption);
    await chmod(stage, 0o755);
    await rename(stage, folder);
  });
}

/** Once all of it is on the disk it is put in place in one go, which no signal gets into; the checksums come last. */
async function replaceFiles(folder: string, files: readonly KitFile[], stale: readonly string[], interruption: AbortSignal): Promise<void> {
  await inStage(join(folder, "kit"), async (stage) => {
    await writeFiles(stage, files, interruption);
    for (const path of stale) removeFile(folder, path);
    for (const { path } of files) {
      makeFolders(folder, path);
      renameSync(join(stage, path), join(folder, path));
    }
  });
}

async function writeFiles(folder: string, files: readonly KitFile[], interruption: AbortSignal): Promise<void> {
  for (const { path, content, mode } of files) {
    interruption.throwIfAborted();
    makeFolders(folder, path);
    await writeFile(join(folder, path), content);
    await chmod(join(folder, path), mode);
  }
  interruption.throwIfAborted();
}

function refuseOthersFiles(folder: string, files: readonly KitFile[], present: readonly string[], previous: Checksums | undefined): void {
  if (previous === undefined) {
    if (present.length === 0) return;
    throw failed(
      `${folder} is not empty and holds no kit (${someOf(present)}); name another folder with --out, or write among these files with --force`,
    );
  }
  const changed = files
    .filter(({ path }) => path !== CHECKSUMS && find(join(folder, path)) !== undefined)
    .filter(({ path, content }) => !hasSum(folder, path, previous.get(path), sha256(content)))
    .map(({ path }) => path);
  if (changed.length > 0)
    throw failed(`in ${folder} somebody has changed ${someOf(changed)}; name another folder with --out, or overwrite it with --force`);
}

function someOf(paths: readonly string[]): string {
  return paths.length > 3 ? `${paths.slice(0, 3).join(", ")}, …` : paths.join(", ");
}

/** What an earlier kit had and this one has not, and nobody has changed. */
function staleFiles(folder: string, files: readonly KitFile[], previous: Checksums | undefined): string[] {
  const paths = new Set(files.map(({ path }) => path));
  return [...(previous ?? [])].flatMap(([path, sum]) => (!paths.has(path) && hasSum(folder, path, sum) ? [path] : []));
}

/** A rename neither follows a link at the path itself nor replaces a folder; on the way to it there must be folders only. */
function refuseObstacle(folder: string, path: string): void {
  if (find(join(folder, path))?.isDirectory()) throw failed(`there is a folder where ${join(folder, path)} is to be written`);
  for (const inner of foldersOf(path)) {
    const found = find(join(folder, inner));
    if (found !== undefined && !found.isDirectory()) throw failed(`${join(folder, inner)} is in the way: it is no folder`);
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") throw failed(`${folder} is no folder; name another with --out`);
    throw error;
  }
}

function isInPlace(folder: string, { path, content, mode }: KitFile): boolean {
  const found = find(join(folder, path));
  return found !== undefined && (found.mode & 0o777) === mode && hasSum(folder, path, sha256(content));
}

/** Whether a file of the folder's own has one of these checksums. */
function hasSum(folder: string, path: string, ...sums: readonly (string | undefined)[]): boolean {
  const file = join(folder, path);
  const isOwn = foldersOf(path).every((inner) => find(join(folder, inner))?.isDirectory());
  return isOwn && find(file)?.isFile() === true && sums.includes(sha256(readFileSync(file)));
}

/** What is at a path, a link as a link; `undefined` for nothing. */
function find(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

function removeFile(folder: string, path: string): void {
  rmSync(join(folder, path));
  for (const inner of foldersOf(path).reverse()) if (readdirSync(join(folder, inner)).length === 0) rmdirSync(join(folder, inner));
}

function makeFolders(folder: string, path: string): void {
  for (const inner of foldersOf(path)) {
    if (find(join(folder, inner)) !== undefined) continue;
    mkdirSync(join(folder, inner));
    chmodSync(join(folder, inner), 0o755);
  }
}

/** The folders on the way to a file, outermost first: `a`, `a/b` for `a/b/c`. */
function foldersOf(path: string): string[] {
  const words = path.split("/").slice(0, -1);
  return words.map((_, index) => words.slice(0, index + 1).join("/"));
}
