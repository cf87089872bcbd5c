import { chmod, chown, mkdir, open, readFile, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { HostFile } from "../host/file-set.ts";
import type { Account } from "./login-users.ts";

/** Name of the folder that bastions have theirs in, unless they are told otherwise. */
export const BASTIONS_FOLDER = "pulumi-reverse-bastion";

/** A folder that holds a bastion of this machine, and who owns what is in it. */
export class BastionDirectory {
  readonly path: string;
  readonly #owner: Account | undefined;

  /** @param owner the account sshd runs as, where that is not the one we run as. */
  constructor(path: string, owner: Account | undefined) {
    this.path = path;
    this.#owner = owner;
  }

  /** Writes what is missing or different, each file atomically. Gives the paths that changed. */
  async write(files: readonly HostFile[]): Promise<string[]> {
    const changed: string[] = [];
    await this.#makeFolder(this.path);
    for (const file of files) if (await this.#writeFile(file)) changed.push(file.path);
    return changed;
  }

  /** A file's text, or `undefined` where there is none. */
  async read(path: string): Promise<string | undefined> {
    return readFile(join(this.path, path), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
  }

  /** Removes those files that are there. Gives their paths. */
  async removeFiles(paths: readonly string[]): Promise<string[]> {
    const removed: string[] = [];
    for (const path of paths) {
      if ((await this.read(path)) === undefined) continue;
      await rm(join(this.path, path));
      removed.push(path);
    }
    return removed;
  }

  /** Removes the folder with all that is in it, and the one above when no other bastion is left there. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    if (basename(dirname(this.path)) === BASTIONS_FOLDER) await rmdir(dirname(this.path)).catch(() => {});
  }

  /** Makes a folder with those above it. Only those of the bastion are given to its account. */
  async #makeFolder(path: string): Promise<void> {
    if (path !== this.path && path.startsWith(`${this.path}/`)) await this.#makeFolder(dirname(path));
    const made = await mkdir(path, { recursive: true, mode: path === this.path ? 0o755 : 0o700 });
    if (made !== undefined && this.#owner !== undefined) await chown(path, this.#owner.uid, this.#owner.gid);
  }

  async #writeFile({ path, mode, content }: HostFile): Promise<boolean> {
    if ((await this.read(path)) === content) return false;
    const target = join(this.path, path);
    await this.#makeFolder(dirname(target));
    const staged = `${target}.new`;
    await rm(staged, { force: true });
    // Created closed, then given its owner: a secret is readable by nobody else at any moment.
    const file = await open(staged, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (this.#owner !== undefined) await chown(staged, this.#owner.uid, this.#owner.gid);
    await chmod(staged, mode);
    await rename(staged, target);
    return true;
  }
}
