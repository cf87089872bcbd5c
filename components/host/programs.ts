import { readdirSync, readFileSync } from "node:fs";
import type { HostFile } from "./file-set.ts";

/** Packages of programs: what runs on every bastion, and what keeps a cloud's machine up to date. */
export const ProgramPackage = { Host: "bastion_host", VirtualMachine: "bastion_vm" } as const;
export type ProgramPackage = (typeof ProgramPackage)[keyof typeof ProgramPackage];

/** The programs of a package, as files below `folder`. Those of every bastion, unless another package is named. */
export function hostPrograms(folder: string, name: ProgramPackage = ProgramPackage.Host): HostFile[] {
  const source = new URL(`./programs/${name}/`, import.meta.url);
  return readdirSync(source)
    .filter((file) => file.endsWith(".py"))
    .sort()
    .map((file) => ({ path: `${folder}/${name}/${file}`, mode: 0o644, content: readFileSync(new URL(file, source), "utf8") }));
}
