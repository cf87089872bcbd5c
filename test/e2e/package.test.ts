import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

  const run = (program: string, args: readonly string[]) =>
    network.run(program, args, {
      cwd: folder,
      timeout: 120_000,
      env: {
        ...process.env,
        NO_COLOR: "1",
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "of the test",
        XDG_STATE_HOME: join("/var/lib", "prb-package-test"),
      },
    });
  const pulumi = (...args: readonly string[]) => run("pulumi", [...args, "--non-interactive", "--color=never"]);
  /** The command line by the name that npm gives it. */
  const bastion = (...args: readonly string[]) => run(join(folder, "node_modules/.bin/bastion"), args);

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
    for (const dependency of ["@pulumi", "commander", "fflate", "yaml", "zod"])
      symlinkSync(join(ROOT, "node_modules", dependency), join(folder, "node_modules", dependency));
    // As npm does when it installs a package.
    mkdirSync(join(folder, "node_modules/.bin"));
    const main = join(folder, "node_modules/pulumi-reverse-bastion/dist/scripts/bastion/main.js");
    chmodSync(main, 0o755);
    symlinkSync(main, join(folder, "node_modules/.bin/bastion"));
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

  test("its command line takes a customer's file to a kit, with the package's own program", async () => {
    writeFileSync(join(folder, "index.js"), 'export { default } from "pulumi-reverse-bastion/customer-program";\n');
    expect((await bastion("--version")).stdout).toBe("0.1.0\n");
    const init = ["--target", "local", "--client-cidr", "198.51.100.0/24", "--consumer-cidr", "10.20.0.0/16", "--client", "dc1"];
    expect((await bastion("init", "globex", ...init, "--tunnel", "orders=db.globex.internal:5432@15000")).stdout).toContain(
      "\n  bastion up globex\n  bastion kit globex\n",
    );
    const [, schema = ""] = /\$schema=(\S+)/.exec(readFileSync(join(folder, "stacks/customers/globex.yaml"), "utf8")) ?? [];
    expect(JSON.parse(readFileSync(join(folder, "stacks/customers", schema), "utf8"))).toHaveProperty("anyOf");
    try {
      expect((await bastion("up", "globex")).stdout).toContain("\nClients dial ssh://tunnel@127.0.0.1:2222\n");
      await bastion("kit", "globex", "--out", "kit");
      expect(readFileSync(join(folder, "kit/known_hosts"), "utf8")).toMatch(/^\[127\.0\.0\.1\]:2222 ssh-ed25519 /);
      writeFileSync(join(folder, "passphrase"), "correct horse battery staple\n", { mode: 0o600 });
      await bastion("key", "globex", "--client", "dc1", "--passphrase-file", "passphrase", "--out", "dc1.key");
      expect(readFileSync(join(folder, "dc1.key"), "utf8")).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    } finally {
      await bastion("destroy", "globex", "--yes");
    }
    expect((await bastion("completion", "bash")).stdout).toContain("complete ");
  });

  test("holds what is needed to run, and nothing else", () => {
    const files = execFileSync(
      "find",
      [
        join(folder, "node_modules/pulumi-reverse-bastion"),
        "-maxdepth",
        "3",
        "-path",
        "*/dist/components/*",
        "-prune",
        "-o",
        "-path",
        "*/dist/stacks/*",
        "-prune",
        "-o",
        "-printf",
        "%P\n",
      ],
      {
        encoding: "utf8",
      },
    );
    expect(files.trim().split("\n").filter(Boolean).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist",
      "dist/components",
      "dist/scripts",
      "dist/scripts/bastion",
      "dist/stacks",
      "monitoring",
      "monitoring/alerts.yaml",
      "monitoring/dashboard.json",
      "monitoring/prometheus.yaml",
      "package.json",
      "plugin",
      "plugin/pulumi-resource-reverse-bastion",
      "stacks",
      "stacks/customer.schema.json",
    ]);
  });
});
