import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

let found: string | undefined;
let isSought = false;

/** Path of promtool, obtained where it is missing; `undefined` where this machine cannot have it. */
export function findPromtool(): string | undefined {
  if (isSought) return found;
  isSought = true;
  try {
    const script = join(import.meta.dirname, "promtool.sh");
    found = execFileSync("sh", [script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    found = undefined;
  }
  return found;
}

/** Runs promtool to its end. */
export function promtool(...args: readonly string[]): { readonly exitCode: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(`${findPromtool()}`, args, { encoding: "utf8" });
  return { exitCode: status, said: stdout + stderr };
}
