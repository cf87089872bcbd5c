import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const SCRIPTS = [".ci/run", "plugin/pulumi-resource-reverse-bastion", ...globSync(["scripts/**/*.sh", "test/**/*.sh"], { cwd: ROOT })];

test("there are shell scripts to check", () => {
  expect(SCRIPTS.length).toBeGreaterThan(10);
});

test.each(SCRIPTS)("shellcheck has nothing to say about %s", (script) => {
  expect(execFileSync("shellcheck", ["-x", script], { cwd: ROOT, encoding: "utf8" })).toBe("");
});
