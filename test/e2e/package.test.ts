import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Network } from "./support/network.ts";
import { describeAsRoot } from "./support/root.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The program of the README. */
const PROGRAM = `import { LocalBastion } from "pulumi-reverse-bastion/local";

const bastion = new LocalBastion("globex", {
  clientCidrs: ["198.51.100.0/24"],
  consumerCidrs: ["10.20.0.0/16"],
  tunnels: [{ name: "orders", destination: "orders-db.globex.internal:5432" }],
  clients: [{ name: "dc1", generateKey: "ed25519" }],
});
export const endpoint = bastion.endpoint;
`;

const PROJECT = `name: platform
runtime: { name: nodejs, options: { typescript: false } }
main: index.js
plugins:
  providers:
    - { name: reverse-bastion, path: node_modules/pulumi-reverse-bastion/plugin }
`;

describeAsRoot("the package in somebody else's project", () => {
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  let network: Network;

  const pulumi = (...args: readonly string[]) =>
    network.run("pulumi", [...args, "--non-interactive", "--color=never"], {
      cwd: folder,
      timeout: 120_000,
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "of the test",
        XDG_STATE_HOME: join("/var/lib", "prb-package-test"),
      },
    });

  /** Compiles the program; what the compiler has to say. */
  const compile = () => {
    const options = { module: "nodenext", target: "es2023", strict: true, types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["index.ts"] }));
    return spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" }).stdout;
  };

  beforeAll(async () => {
    network = await Network.create();
    for (const inner of ["state", "node_modules/pulumi-reverse-bastion", "packed"]) mkdirSync(join(folder, inner), { recursive: true });
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", join(folder, "packed")], {
        cwd: ROOT,
        encoding: "utf8",
      }),
    ) as { filename: string }[];
    execFileSync("tar", [
      "xzf",
      join(folder, "packed", `${packed?.filename}`),
      "--strip-components=1",
      "-C",
      join(folder, "node_modules/pulumi-reverse-bastion"),
    ]);
    symlinkSync(join(ROOT, "node_modules/@pulumi"), join(folder, "node_modules/@pulumi"));
    writeFileSync(join(folder, "Pulumi.yaml"), PROJECT);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  });

  afterAll(async () => {
    await network?.remove();
    rmSync(folder, { recursive: true, force: true });
    rmSync("/var/lib/prb-package-test", { recursive: true, force: true });
  });

  test("the README's program type-checks against the published types, and deploys", async () => {
    writeFileSync(join(folder, "index.ts"), PROGRAM.replace("tunnels: [{ name:", "tunnels: [{ nam:"));
    expect(compile()).toContain("'nam' does not exist in type 'TunnelSpec'");
    writeFileSync(join(folder, "index.ts"), PROGRAM);
    expect(compile()).toBe("");
    await pulumi("stack", "init", "production");
    try {
      await pulumi("up", "--yes", "--skip-preview", "--stack", "production");
      expect((await pulumi("stack", "output", "endpoint", "--stack", "production")).stdout.trim()).toBe("ssh://tunnel@127.0.0.1:2222");
    } finally {
      await pulumi("destroy", "--yes", "--skip-preview", "--stack", "production");
    }
  });

  test("holds what is needed to run, and nothing else", () => {
    const files = execFileSync("find", [join(folder, "node_modules/pulumi-reverse-bastion"), "-maxdepth", "2", "-printf", "%P\n"], {
      encoding: "utf8",
    });
    expect(files.trim().split("\n").filter(Boolean).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist",
      "dist/components",
      "package.json",
      "plugin",
      "plugin/pulumi-resource-reverse-bastion",
    ]);
  });
});
