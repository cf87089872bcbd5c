import { platform } from "node:os";
import { describe } from "vitest";

const canMakeNetworks = platform() === "linux" && process.getuid?.() === 0;

/** A group of tests that makes network namespaces and login users. Where that cannot be had it is skipped, and says why. */
export function describeAsRoot(title: string, tests: () => void): void {
  if (canMakeNetworks) describe(title, tests);
  else describe.skip(`${title} (skipped: needs root on Linux, for network namespaces and login users)`, tests);
}
