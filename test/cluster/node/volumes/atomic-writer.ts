import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { VolumeFile } from "./volume-files.ts";

/** What kubelet adds to modes for a group that owns a volume which nobody writes to. */
const GROUP_READS = 0o440;
const GROUP_ENTERS = 0o2550;
const FOLDER_MODE = 0o755;

/**
 * Makes a folder have these files, all at once, as kubelet does: the files are in a folder of a fresh name, the link
 * `..data` leads there, and each name in the volume leads through that link. A reader sees all of the old or all of the new.
 */
export function writeVolume(folder: string, files: ReadonlyMap<string, VolumeFile>, fsGroup: number | undefined): void {
  const link = join(folder, "..data");
  const former = existsSync(link) ? readlinkSync(link) : undefined;
  if (former !== undefined && isSame(join(folder, former), files)) return;
  const fresh = mkdtempSync(join(folder, `..${new Date().toISOString().replaceAll(/[-:T]/g, "_").slice(0, 19)}.`));
  chmodSync(fresh, FOLDER_MODE);
  for (const [path, { content, mode }] of files) {
    const place = join(fresh, path);
    mkdirSync(dirname(place), { recursive: true, mode: FOLDER_MODE });
    writeFileSync(place, content);
    chmodSync(place, mode);
  }
  if (fsGroup !== undefined) giveToGroup(fresh, fsGroup);
  symlinkSync(fresh.slice(folder.length + 1), join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), link);
  const names = new Set([...files.keys()].map((path) => path.split("/")[0] as string));
  for (const name of names) if (!isThere(join(folder, name))) symlinkSync(join("..data", name), join(folder, name));
  for (const name of readdirSync(folder)) if (!name.startsWith("..") && !names.has(name)) rmSync(join(folder, name));
  if (former !== undefined) rmSync(join(folder, former), { recursive: true });
}

function isSame(folder: string, files: ReadonlyMap<string, VolumeFile>): boolean {
  const there = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return (
    there.length === files.size &&
    [...files].every(([path, { content }]) => existsSync(join(folder, path)) && readFileSync(join(folder, path)).equals(content))
  );
}

function giveToGroup(path: string, group: number): void {
  const { mode } = lstatSync(path);
  const isFolder = lstatSync(path).isDirectory();
  chownSync(path, 0, group);
  chmodSync(path, (mode & 0o7777) | (isFolder ? GROUP_ENTERS : GROUP_READS));
  if (isFolder) for (const name of readdirSync(path)) giveToGroup(join(path, name), group);
}

/** Also of a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
