import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe } from "vitest";

const found = spawnSync("sh", [join(import.meta.dirname, "container-check.sh")], { encoding: "utf8" });

/** What was read of a file, or why Docker would refuse it. */
export type Checked = { readonly read: unknown } | { readonly refused: string };

/** A group of tests that read files as Docker does. Where that cannot be had it is skipped, and says why. */
export function describeWithContainerCheck(title: string, tests: () => void): void {
  if (found.status === 0) describe(title, tests);
  else describe.skip(`${title} (skipped: needs Go, to build tools/container-check)`, tests);
}

/** Reads a Compose file or a Dockerfile as Docker does. Nothing of this process's environment gets into it. */
export function checkContainerFile(kind: "compose" | "dockerfile", file: string): Checked {
  const { status, stdout, stderr } = spawnSync(found.stdout.trim(), [kind, file], { encoding: "utf8", env: {} });
  return status === 0 ? { read: JSON.parse(stdout) } : { refused: stderr.trim() };
}
