import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Network } from "./support/network.ts";
import { describeAsRoot } from "./support/root.ts";

const ROOT = resolve(import.meta.dirname, "../..");

describeAsRoot("npm start", () => {
  let network: Network;

  beforeAll(async () => {
    network = await Network.create();
  });

  afterAll(async () => network?.remove());

  test("ends with rows that were read through the tunnel, and removes what it started", async () => {
    const { exitCode, stdout } = await network.attempt("node", ["dist/scripts/start.js"], { cwd: ROOT, timeout: 120_000 });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/│ 'Ada'\s+│ '120.50'/) });
    expect(stdout).toMatch(
      /ssh -N -T -i \.\/dc1\.key .* -R 0\.0\.0\.0:15000:127\.0\.0\.1:54320 -R 0\.0\.0\.0:15001:127\.0\.0\.1:33060 tunnel@127\.0\.0\.1/,
    );
    expect(existsSync(join(ROOT, "Pulumi.acme.yaml"))).toBe(false);
    expect((await network.run("ss", ["-Hltn"])).stdout).toBe("");
  });

  test("answers --help, and refuses an option it does not know", async () => {
    const help = await network.attempt("node", ["dist/scripts/start.js", "--help"], { cwd: ROOT });
    expect(help).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^Usage: npm start \[-- --keep\]/), stderr: "" });
    const unknown = await network.attempt("node", ["dist/scripts/start.js", "--kep"], { cwd: ROOT });
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain("Unknown option '--kep'");
    expect(unknown.stderr).not.toContain("    at ");
  });
});
