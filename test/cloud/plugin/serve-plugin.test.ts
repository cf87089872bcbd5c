import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { awsSeeds } from "../aws/control-plane/seeds.ts";
import { WORLD_VARIABLE, World } from "../world/world.ts";

const PLUGIN = join(import.meta.dirname, "../bin/pulumi-resource-aws");

test("a plugin prints its port, and ends when its engine is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  World.create(join(folder, "world"), awsSeeds());
  const env = { ...process.env, [WORLD_VARIABLE]: join(folder, "world") };
  const engine = spawn("sh", ["-c", '"$0" & echo "$!"; wait', PLUGIN], { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(engine, "exit");
  const lines = createInterface(engine.stdout)[Symbol.asyncIterator]();
  const pid = Number((await lines.next()).value);
  try {
    expect(Number((await lines.next()).value)).toBeGreaterThan(1023);
    engine.kill("SIGKILL");
    await ended;
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  } finally {
    engine.kill("SIGKILL");
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

/** One that has ended counts as such before the system has forgotten it. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/status`, "utf8").includes("State:\tZ");
  } catch {
    return false;
  }
}
