import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Network } from "./support/network.ts";
import { describeAsRoot } from "./support/root.ts";
import { PATIENCE_SECONDS } from "./support/wait.ts";

const ROOT = resolve(import.meta.dirname, "../..");

describeAsRoot("npm start", () => {
  /** A project of the test's own: a bastion that somebody keeps on this machine is not to be touched. */
  const folder = mkdtempSync(join(tmpdir(), "npm-start-"));
  const bastions = join("/var/lib", basename(folder));
  let network: Network;

  const start = (...args: readonly string[]) =>
    network.attempt("node", [join(ROOT, "dist/scripts/start.js"), ...args], {
      cwd: folder,
      timeout: 120_000,
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "of the test",
        XDG_STATE_HOME: bastions,
      },
    });

  beforeAll(async () => {
    network = await Network.create();
    mkdirSync(join(folder, "state"));
    cpSync(join(ROOT, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    for (const part of ["dist", "plugin", "node_modules"]) symlinkSync(join(ROOT, part), join(folder, part));
  });

  afterAll(async () => {
    await network?.remove();
    for (const made of [folder, bastions]) rmSync(made, { recursive: true, force: true });
  });

  test("ends with rows that were read through the tunnel, and removes what it started", async () => {
    const { exitCode, stdout, stderr } = await start();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/│ 'Ada'\s+│ '120.50'/);
    expect(stdout).toMatch(
      /ssh -N -T -i \.\/dc1\.key .* -R 0\.0\.0\.0:15000:127\.0\.0\.1:54320 -R 0\.0\.0\.0:15001:127\.0\.0\.1:33060 tunnel@127\.0\.0\.1/,
    );
    expect(readdirSync(folder)).not.toContain("Pulumi.acme.yaml");
    expect((await network.run("ss", ["-Hltn"])).stdout).toBe("");
  });

  test("leaves nothing behind when it is interrupted", async () => {
    const child = network.start("node", [join(ROOT, "dist/scripts/start.js")], {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "of the test",
        XDG_STATE_HOME: bastions,
      },
    });
    let printed = "";
    child.stdout?.on("data", (data: Buffer) => {
      printed += data.toString();
    });
    await expect.poll(() => printed, { timeout: PATIENCE_SECONDS * 1000 }).toContain("==> The customer");
    child.kill("SIGINT");
    await expect.poll(() => child.exitCode, { timeout: PATIENCE_SECONDS * 1000 }).toBe(1);
    expect((await network.run("ss", ["-Hltn"])).stdout).toBe("");
    expect(readdirSync(folder)).not.toContain("Pulumi.acme.yaml");
  });

  test("answers --help, and refuses an option it does not know", async () => {
    expect(await start("--help")).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^Usage: npm start \[-- --keep\]/), stderr: "" });
    const unknown = await start("--kep");
    expect({ exitCode: unknown.exitCode, stdout: unknown.stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(unknown.stderr).toMatch(/^Unknown option '--kep'/);
  });
});
