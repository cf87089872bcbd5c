import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = ["mmdebstrap", "systemd-nspawn", "nft"];

/** Which of the programs that boot machines are not here. A user's PATH may not name the folders of some. */
export function missingMachinePrograms(): string[] {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return PROGRAMS.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
}
