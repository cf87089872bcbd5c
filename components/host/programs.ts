import { readdirSync, readFileSync } from "node:fs";
import type { HostFile } from "./file-set.ts";

const FOLDER = new URL("./programs/bastion_host/", import.meta.url);

/** The programs that run on a bastion, as files below `folder`. They are the same on every target. */
export function hostPrograms(folder: string): HostFile[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".py"))
    .sort()
    .map((file) => ({ path: `${folder}/bastion_host/${file}`, mode: 0o644, content: readFileSync(new URL(file, FOLDER), "utf8") }));
}
