import { execFileSync } from "node:child_process";
import { join } from "node:path";

const PROGRAMS = join(import.meta.dirname, "programs.sh");

/** Folder of the control plane's programs; throws, and says what to do, where they are not built yet. */
export function programsFolder(): string {
  return execFileSync("sh", [PROGRAMS], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Whether this machine can run a control plane: its programs are built, and the kernel ends them with the test. */
export function hasControlPlane(): boolean {
  try {
    execFileSync("setpriv", ["--pdeathsig", "KILL", "true"], { stdio: "ignore" });
    programsFolder();
    return true;
  } catch {
    return false;
  }
}
