import { hostPrograms, ProgramPackage } from "./programs.ts";
import { renderUnit, Unit } from "./units.ts";
import { VM_DIRECTORY } from "./virtual-machine.ts";

/** A file of a machine that is there before anything has been fetched. */
export interface BootFile {
  /** An absolute path. */
  readonly path: string;
  readonly content: string;
}

const FOLDER = `${VM_DIRECTORY}/boot`;

/** Says which cloud a machine is of, and where its store is. */
export const MACHINE_FILE = `${FOLDER}/machine.json`;

/** What fetches everything else, and what starts it. */
export function bootFiles(storeProgram: "parameter_store.py" | "metadata_store.py" | "vault_store.py"): BootFile[] {
  const names = ["bootstrap.py", "document.py", "http_service.py", storeProgram];
  const programs = hostPrograms(FOLDER, ProgramPackage.VirtualMachine).filter(({ path }) =>
    names.some((name) => path.endsWith(`/${name}`)),
  );
  return [...programs, { path: `/etc/systemd/system/${Unit.Sync}`, content: renderUnit(Unit.Sync) }];
}
