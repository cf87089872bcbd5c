import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const folder = temporaryFolder();

/** Types a command in a folder that is no project. */
function bastion(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/bastion/main.ts"), ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { exitCode: status, stdout, stderr };
}

test("--version is the package's", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(bastion("--version")).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
});

test("--help names every command, and what the exit codes mean", () => {
  const { exitCode, stdout, stderr } = bastion("--help");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect([...stdout.matchAll(/^ {2}(\w+) \[?[<o]/gm)].map(([, command]) => command)).toEqual([
    "init",
    "up",
    "preview",
    "destroy",
    "outputs",
    "ports",
    "kit",
    "key",
    "certificate",
    "consumer",
    "status",
    "doctor",
    "rotate",
    "completion",
  ]);
  expect([...stdout.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => Number(code))).toEqual([0, 1, 2, 3, 4, 5, 10, 11, 12, 130]);
});

test("docs/cli.md says the same of the exit codes", () => {
  const documented = [...readFileSync(join(ROOT, "docs/cli.md"), "utf8").matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(documented).toEqual([0, 1, 2, 3, 4, 5, 10, 11, 12, 130]);
});

test.each([
  "init",
  "up",
  "preview",
  "destroy",
  "outputs",
  "ports",
  "kit",
  "key",
  "certificate",
  "consumer",
  "status",
  "doctor",
  "rotate",
  "completion",
])("%s --help ends with an example", (command) => {
  const { exitCode, stdout, stderr } = bastion(command, "--help");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^Usage: bastion ${command} `));
  expect(stdout).toMatch(new RegExp(`\\nExample:\\n  bastion ${command} .+\\n$`));
});

test.each([
  { args: ["kti"], said: "error: unknown command 'kti'\n(Did you mean kit?)\n" },
  { args: ["kit", "--clinet", "dc1"], said: "error: unknown option '--clinet'\n(Did you mean --client?)\n" },
  { args: ["outputs", "--jsno"], said: "error: unknown option '--jsno'\n(Did you mean --json?)\n" },
  { args: ["kit", "--client"], said: "error: option '--client <name>' argument missing\n" },
  { args: ["ports", "acme", "globex"], said: "error: too many arguments for 'ports'. Expected 1 argument but got 2: acme, globex.\n" },
  {
    args: ["completion", "tcsh"],
    said: "error: command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.\n",
  },
  {
    args: ["status", "--watch", "--interval", "0.5"],
    said: "error: option '--interval <seconds>' argument '0.5' is invalid. It is a number of seconds, 1–30.\n",
  },
  { args: ["completion"], said: "error: missing required argument 'shell'\n" },
])("bastion $args is wrong usage, and says how it may have been meant", ({ args, said }) => {
  expect(bastion(...args)).toEqual({ exitCode: 2, stdout: "", stderr: `${said}(add --help for what there is)\n` });
});

test("without a word it is wrong usage, and the help is printed", () => {
  const { exitCode, stdout, stderr } = bastion();
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toBe(bastion("--help").stdout);
});

test("what init cannot write is said all at once, at the options it comes from", () => {
  const project = join(folder, "new-project");
  mkdirSync(project);
  writeFileSync(join(project, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
  const init = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/bastion/main.ts"), "init", ...args], {
      cwd: project,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    return { exitCode: status, stdout, stderr };
  };
  expect(init("globex", "--target", "gcp", "--client-cidr", "10.0.0.5/24", "--tunnel", "orders")).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: `error: the customer cannot be written:
  --consumer-cidr: is missing; name the CIDR blocks that may reach bind ports, such as "10.20.0.0/16"
  --client: is missing; name who opens the tunnels, such as dc1
  --zone: is missing; the target gcp needs it, such as europe-west3-a
  --tunnel: got "orders"; expected name=host:port, or name=host:port@bindPort
  --client-cidr: "10.0.0.5/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.5/32" for the one address
`,
  });
  expect(existsSync(join(project, "stacks"))).toBe(false);

  const right = [
    "globex",
    "--target",
    "aws",
    "--client-cidr",
    "198.51.100.0/24",
    "--consumer-cidr",
    "10.20.0.0/16",
    "--tunnel",
    "orders=db:5432",
  ];
  expect(init(...right, "--client", "dc1", "--client", "dc2")).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: `stacks/customers/globex.yaml written

Deploy the bastion, then write what the customer connects with:
  bastion up globex
  bastion kit globex --client dc1
`,
  });
  const file = join(project, "stacks/customers/globex.yaml");
  const written = readFileSync(file, "utf8");
  expect(init(...right, "--client", "other")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "error: stacks/customers/globex.yaml is there already; change it in an editor, or write it anew with --force\n",
  });
  expect(readFileSync(file, "utf8")).toBe(written);
  expect(init(...right, "--client", "other", "--force").exitCode).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(written.replace("dc1", "other").replace("  - { name: dc2, generateKey: ed25519 }\n", ""));
  expect(readdirSync(join(project, "stacks/customers"))).toEqual(["globex.yaml"]);
});

test.each([
  [{}, "bastion"],
  [{ npm_command: "exec" }, "npx bastion"],
  [{ npm_command: "run-script", BASTION_COMMAND: "npm run bastion --" }, "npm run bastion --"],
])("in %j the next step is typed as %s", (environment, command) => {
  const project = join(folder, command);
  mkdirSync(project);
  writeFileSync(join(project, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
  const blocks = ["--client-cidr", "198.51.100.0/24", "--consumer-cidr", "10.20.0.0/16"];
  const init = ["init", "globex", "--json", "--target", "local", ...blocks, "--tunnel", "orders=db:5432", "--client", "dc1"];
  const { stdout } = spawnSync(process.execPath, [join(ROOT, "scripts/bastion/main.ts"), ...init], {
    cwd: project,
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...environment },
  });
  expect((JSON.parse(stdout) as { next: string[] }).next).toEqual([`${command} up globex`, `${command} kit globex`]);
});

test("where there is no project, that is said", () => {
  expect(bastion("outputs")).toEqual({
    exitCode: 3,
    stdout: "",
    stderr: "error: there is no Pulumi.yaml in this folder, nor above it; go to the project of your customers' bastions\n",
  });
});

test("where there is a project and no engine, the engine is what is missing", () => {
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/bastion/main.ts"), "ports"], {
    cwd: project,
    encoding: "utf8",
    env: { PATH: folder, HOME: folder },
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr: "error: the Pulumi CLI is not on the PATH; install it, or let the project's own script find it\n",
  });
});
