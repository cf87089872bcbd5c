import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASTION, type Finished, Network } from "./support/network.ts";
import { connectTo } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const MAIN = join(ROOT, "scripts/bastion/main.ts");
const ON_TERMINAL = join(import.meta.dirname, "support/programs/on_terminal.py");
const CTRL_C = "\u0003";

describeAsRoot("the bastion command line, from a new customer to none", () => {
  const folder = mkdtempSync(join(tmpdir(), "bastion-deploy-"));
  const bastions = join("/var/lib", basename(folder));
  const env = {
    ...process.env,
    NO_COLOR: "1",
    TERM: "xterm",
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    XDG_STATE_HOME: bastions,
  };
  let network: Network;

  const bastion = (...args: readonly string[]): Promise<Finished> => network.attempt("node", [MAIN, ...args], { cwd: folder, env });

  /** Types a command on a terminal, and then one thing after each text that it shows. */
  const typeOnTerminal = async (steps: readonly (readonly [string, string])[], ...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await network.attempt("python3", [ON_TERMINAL, JSON.stringify(steps), "node", MAIN, ...args], {
      cwd: folder,
      env,
    });
    // What was written over is not seen any more.
    const shown = stripVTControlCharacters(stdout)
      .replaceAll("\r\n", "\n")
      .replaceAll(/[^\n]*\r/g, "");
    return { exitCode, stderr, shown };
  };

  const listeners = async () => (await network.run("ss", ["-Hltn"])).stdout;

  beforeAll(async () => {
    network = await Network.create();
    for (const inner of ["state", "stacks/customers"]) mkdirSync(join(folder, inner), { recursive: true });
    for (const file of ["Pulumi.yaml", "package.json"]) cpSync(join(ROOT, file), join(folder, file));
    // The program looks for the customer's file above itself.
    cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
    for (const part of ["plugin", "node_modules"]) symlinkSync(join(ROOT, part), join(folder, part));
  });

  afterAll(async () => {
    await network?.remove();
    for (const made of [folder, bastions]) rmSync(made, { recursive: true, force: true });
  });

  test("a mistyped name makes no stack", async () => {
    expect(await bastion("up", "globx")).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: 'error: there is no stack "globx", and no stacks/customers/globx.yaml to make one of; write it with: bastion init globx\n',
    });
    expect(existsSync(join(folder, "Pulumi.globx.yaml"))).toBe(false);
  });

  test("init, preview, an up that is interrupted, up, up again, destroy", async () => {
    const written = await bastion(
      ...["init", "globex", "--target", "local", "--host", BASTION, "--client-cidr", "198.51.100.0/24", "--client-cidr", "192.0.2.0/24"],
      ...["--consumer-cidr", "203.0.113.0/24", "--tunnel", "orders=127.0.0.1:5432@15000", "--client", "dc1", "--json"],
    );
    expect({ ...written, stdout: JSON.parse(written.stdout) }).toEqual({
      exitCode: 0,
      stderr: "",
      stdout: {
        customer: "globex",
        target: "local",
        file: "stacks/customers/globex.yaml",
        next: ["bastion up globex", "bastion kit globex"],
      },
    });

    const preview = await bastion("preview", "globex", "--json");
    expect({ exitCode: preview.exitCode, error: preview.stderr.match(/^.*error.*$/m) }).toEqual({ exitCode: 0, error: null });
    const planned = JSON.parse(preview.stdout) as { changes: { create: number } };
    expect(planned).toMatchObject({ operation: "preview", stack: "globex", isNew: true });
    expect(preview.stderr.match(/^ {2}to create /gm)).toHaveLength(planned.changes.create);
    expect(await listeners()).toBe("");

    // Twice at once, as npm hands it on: the step that runs is still let to its end.
    const interrupted = await typeOnTerminal([["(1 done", `${CTRL_C}${CTRL_C}`]], "up", "globex");
    expect(interrupted).toEqual({
      exitCode: 130,
      stderr: "",
      shown: expect.stringContaining("stopping: the step that runs is let to its end; Ctrl-C again cuts it off\n"),
    });
    expect(interrupted.shown).toMatch(
      /\nerror: interrupted by SIGINT; \d+ changes? (is|are) made and recorded; to go on from there: bastion up globex\n$/,
    );
    expect(await listeners()).toBe("");

    const up = await bastion("up", "globex");
    expect({ exitCode: up.exitCode, stderr: up.stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringMatching(/^ {2}creating Sshd globex-sshd$/m),
    });
    expect(up.stderr).toMatch(/^ {2}created Sshd globex-sshd \(\d+ done, [\d.]+ s\)$/m);
    expect(up.stdout.replace(/: .*, in [\d.]+ s/, "")).toBe(
      `globex is up\nClients dial ssh://tunnel@${BASTION}:2222\nNext:\n  bastion kit globex --client dc1\n`,
    );
    expect(await connectTo(network, BASTION, 2222)).toMatch(/^answered SSH-2\.0-/);

    const again = await bastion("up", "--json");
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({
      operation: "up",
      stack: "globex",
      isNew: false,
      changes: { same: planned.changes.create },
      durationSeconds: expect.any(Number),
      outputs: expect.arrayContaining(["clientPrivateKeys", "endpoint", "knownHosts"]),
      endpoint: `ssh://tunnel@${BASTION}:2222`,
    });
    expect(`${up.stdout}${up.stderr}${again.stdout}${again.stderr}`).not.toContain("PRIVATE KEY");

    expect(await bastion("destroy", "globex")).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "error: destroy asks for the stack's name, and here is no terminal; say --yes\n",
    });
    const kept = await typeOnTerminal([["to destroy it: ", "acme\r"]], "destroy", "globex");
    expect({ exitCode: kept.exitCode, end: kept.shown.split("\n").at(-2) }).toEqual({
      exitCode: 1,
      end: "error: that is not its name; globex is left as it is",
    });
    expect(await connectTo(network, BASTION, 2222)).toMatch(/^answered SSH-2\.0-/);
    const destroyed = await typeOnTerminal([["to destroy it: ", "globex\r"]], "destroy", "globex");
    expect({ exitCode: destroyed.exitCode, shown: destroyed.shown }).toEqual({
      exitCode: 0,
      shown: expect.stringContaining(`globex is destroyed: ${planned.changes.create} deleted, in `),
    });
    expect(await listeners()).toBe("");
  });

  test("what the engine finds wrong is shown whole", async () => {
    const { exitCode, stdout, stderr } = await network.attempt("node", [MAIN, "up", "globex"], {
      cwd: folder,
      env: { ...env, XDG_STATE_HOME: join(folder, "Pulumi.yaml") },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^ {2}error: Sshd globex-sshd: ENOTDIR: not a directory, /m);
    expect(stderr).toMatch(
      /\nerror: up of globex has failed, for the reason above; \d+ changes are made and recorded; to go on from there: bastion up globex\n$/,
    );
  });

  test("init asks on a terminal, explains what will not do, and asks again", async () => {
    const { exitCode, stderr, shown } = await typeOnTerminal(
      [
        ["Name of the customer: ", "Initech!\r"],
        ["a name is 1–40", "initech\r"],
        ["[local]: ", "moon\r"],
        ["allowed is local, aws", "\r"],
        ["[none]: ", "bastion.example.com\r"],
        ["reach sshd, such as 198.51.100.0/24: ", "10.0.0.5/24\r"],
        ["host bits", "198.51.100.0/24, 192.0.2.0/24\r"],
        ["reach bind ports, such as 10.20.0.0/16: ", "10.20.0.0/16\r"],
        ["[orders]: ", "\r"],
        ["Data source of orders", "nowhere\r"],
        ["got ", "orders-db.internal:5432\r"],
        ["[allocated]: ", "22\r"],
        ["got 22", "15000\r"],
        ["Another tunnel [none]: ", "\r"],
        ["[dc1]: ", "\r"],
        ["[have a key made]: ", "missing.pub\r"],
        ["cannot be read", "\r"],
        ["Another client [none]: ", "\r"],
      ],
      "init",
    );
    expect({ exitCode, stderr, shown }).toEqual({
      exitCode: 0,
      stderr: "",
      shown: expect.stringMatching(/stacks\/customers\/initech\.yaml written\n[\s\S]*bastion up initech\n {2}bastion kit initech\n$/),
    });
    expect(
      readFileSync(join(folder, "stacks/customers/initech.yaml"), "utf8"),
    ).toBe(`# yaml-language-server: $schema=../../node_modules/pulumi-reverse-bastion/stacks/customer.schema.json
customer: initech
target: local
local: { host: bastion.example.com }

clientCidrs: [198.51.100.0/24, 192.0.2.0/24] # who may reach sshd
consumerCidrs: [10.20.0.0/16] # who may reach bind ports that are not on loopback

# One for each data source. A bindPort that is left out is allocated, and kept.
tunnels:
  - { name: orders, destination: orders-db.internal:5432, bindPort: 15000 }

# Who opens tunnels: the customer's agents. publicKeys are theirs; generateKey has a key pair made.
clients:
  - { name: dc1, generateKey: ed25519 }
`);
  });

  test.each([
    { how: "Ctrl-C", typed: CTRL_C, exitCode: 130, said: "error: interrupted by SIGINT" },
    {
      how: "the end of the input",
      typed: "\u0004",
      exitCode: 1,
      said: "error: the input has ended before every question was answered; nothing was done",
    },
  ])("$how at a question leaves nothing", async ({ typed, exitCode, said }) => {
    const ended = await typeOnTerminal([["[local]: ", typed]], "init", "hooli");
    expect({ exitCode: ended.exitCode, end: ended.shown.trimEnd().split("\n").at(-1) }).toEqual({ exitCode, end: said });
    expect(readdirSync(join(folder, "stacks/customers")).filter((file) => file.includes("hooli"))).toEqual([]);
  });
});
