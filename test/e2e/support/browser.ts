import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { describe } from "vitest";

const PROGRAMS = ["chromium", "google-chrome", "google-chrome-stable"];
const APPLICATION = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

const browserProgram = [
  ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => PROGRAMS.map((program) => join(folder, program))),
  APPLICATION,
].find(existsSync);

/** A group of tests that look at pages. Where that cannot be had it is skipped, and says why. */
export function describeWithBrowser(title: string, tests: () => void): void {
  if (browserProgram !== undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: needs Chromium or Chrome)`, tests);
}

/** Starts the browser, without a window. Its profile is removed when it is closed. */
export async function startBrowser(): Promise<Browser> {
  if (browserProgram === undefined) throw new Error("this machine has no browser; install the package chromium");
  // As root, Chromium starts only without its sandbox. What it is shown here is our own.
  return chromium.launch({ executablePath: browserProgram, chromiumSandbox: process.getuid?.() !== 0 });
}
