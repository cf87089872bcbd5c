import { describe } from "vitest";
import { hasControlPlane } from "./programs.ts";

/** A group of tests that have a cluster. Where that cannot be had it is skipped, and says why. */
export function describeWithControlPlane(title: string, tests: () => void): void {
  if (hasControlPlane()) describe(title, tests);
  else describe.skip(`${title} (skipped: needs the control plane's programs, which npm test builds with Go, on Linux)`, tests);
}
