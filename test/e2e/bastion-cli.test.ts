import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ECHO, Scene } from "./support/bastion-scene.ts";
import { BASTION, type Finished } from "./support/network.ts";
import { connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

const MAIN = resolve(import.meta.dirname, "../../scripts/bastion/main.ts");

/** What a terminal's commands begin with. */
const ESCAPE = "\u001b";

/** A state that some other program has left: a stack with one output. */
function stateOfAnotherProgram(stack: string): string {
  const urn = `urn:pulumi:${stack}::reverse-bastion::pulumi:pulumi:Stack::reverse-bastion-${stack}`;
  const resource = { urn, custom: false, type: "pulumi:pulumi:Stack", outputs: { url: "https://www.example.com" } };
  return JSON.stringify({
    version: 3,
    deployment: { manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" }, resources: [resource] },
  });
}

describeAsRoot("the bastion command line, on a bastion that is deployed", () => {
  let scene: Scene;
  let env: NodeJS.ProcessEnv;

  const bastion = (...args: readonly string[]): Promise<Finished> =>
    scene.network.attempt("node", [MAIN, ...args], { cwd: scene.deployment.folder, env, timeout: 120_000 });

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        tunnels: [
          { name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 },
          { name: "billing", destination: `127.0.0.1:${ECHO}` },
          { name: "flow", destination: `127.0.0.1:${ECHO}`, bindAddress: "loopback", bindPort: 8080 },
        ],
        clients: [
          { name: "dc1", generateKey: "ed25519", tunnels: ["orders", "billing"] },
          { name: "dr-site", publicKeys: [customer.makeKey("dr-site.key")] },
        ],
        consumers: [{ name: "flow", generateKey: "rsa-pem", tunnels: ["flow"] }],
      }),
      { site: LOCAL },
    );
    env = {
      ...process.env,
      NO_COLOR: "1",
      PULUMI_BACKEND_URL: `file://${scene.deployment.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  });

  afterEach(() => scene.endSessions());

  afterAll(() => scene?.remove());

  test("outputs --json is what the stack exports, with the names of private keys in place of the keys", async () => {
    const { clientPrivateKeys, consumerPrivateKeys, operatorPrivateKeys, ...description } = scene.outputs;
    const { exitCode, stdout, stderr } = await bastion("outputs", "acme", "--json");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      stack: "acme",
      ...description,
      generatedKeys: { clients: ["dc1"], consumers: ["flow"], operators: [] },
    });
    expect(Object.keys({ ...clientPrivateKeys, ...consumerPrivateKeys, ...operatorPrivateKeys })).toEqual(["dc1", "flow"]);
  });

  test("outputs for a person are of the selected stack, and have each command on a line of its own", async () => {
    const { exitCode, stdout, stderr } = await bastion("outputs");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(`Bastion of acme\n  host           ${BASTION}\n  port           2222\n`);
    for (const { fingerprint } of scene.outputs.hostKeys) expect(stdout).toContain(fingerprint);
    for (const { command } of [...scene.outputs.clients, ...scene.outputs.consumers])
      expect(stdout.split("\n")).toContain(`    ${command}`);
    expect(stdout).not.toContain("PRIVATE KEY");
    expect(stdout).not.toContain(ESCAPE);
  });

  test("ports is a table of who may open and reach what", async () => {
    expect(await bastion("ports", "acme")).toEqual({
      exitCode: 0,
      stderr: "",
      stdout: `tunnel   bind port  bind address  opened by     ssh -L by  consumer addresses
flow     8080       loopback      dr-site       flow       –
orders   15000      all           dc1, dr-site  –          ${BASTION}:15000
billing  15001      all           dc1, dr-site  –          ${BASTION}:15001
`,
    });
    const { stdout } = await bastion("ports", "--json");
    expect((JSON.parse(stdout) as { bindPort: number }[]).map(({ bindPort }) => bindPort)).toEqual([8080, 15000, 15001]);
  });

  test("with the kit that is written, its key beside it, connect.sh opens the tunnels", async () => {
    const written = await bastion("kit", "acme", "--client", "dc1");
    expect({ exitCode: written.exitCode, stderr: written.stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(written.stdout).toMatch(/^Kit for dc1 of acme: \.\/acme-dc1 written\n {2}index\.html +644 /);
    const kit = join(scene.deployment.folder, "acme-dc1");
    writeFileSync(join(kit, "dc1.key"), `${scene.outputs.clientPrivateKeys.dc1}`, { mode: 0o600 });
    expect((await bastion("kit", "--client", "dc1")).stdout).toMatch(/^Kit for dc1 of acme: \.\/acme-dc1 unchanged\n/);

    const client = scene.network.start(join(kit, "connect.sh"), [], { stdio: "ignore" });
    await waitForEcho(scene.network, BASTION, 15000);
    await waitForEcho(scene.network, BASTION, 15001);
    client.kill();
    await waitUntil("the tunnel to be gone", async () => (await connectTo(scene.network, BASTION, 15000)) === "refused");
    rmSync(kit, { recursive: true });
  });

  test("the kit's files are listed as plain data, and none of them has a private key", async () => {
    const { stdout } = await bastion("kit", "--client", "dr-site", "--out", "kits/one", "--customer", "acme-inc", "--json");
    const kit = join(scene.deployment.folder, "kits/one");
    const written = JSON.parse(stdout) as { files: { path: string; mode: string; bytes: number }[] };
    expect(written).toMatchObject({
      stack: "acme",
      customer: "acme-inc",
      client: "dr-site",
      out: "kits/one",
      outcome: "written",
      keyFile: "dr-site.key",
      isKeyGenerated: false,
    });
    const paths = readdirSync(kit, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(kit.length + 1));
    expect(written.files.map(({ path }) => path).sort()).toEqual(paths.sort());
    for (const { path, bytes } of written.files) {
      const content = readFileSync(join(kit, path));
      expect(content.length).toBe(bytes);
      expect(content.toString()).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n[A-Za-z0-9+/=]{20}/);
    }
    expect((await scene.network.run("sha256sum", ["--check", "--quiet", "kit.sha256"], { cwd: kit })).stdout).toBe("");
    rmSync(join(scene.deployment.folder, "kits"), { recursive: true });
  });

  test("a kit as an archive unpacks into the same folder", async () => {
    const { folder } = scene.deployment;
    expect((await bastion("kit", "--client", "dc1", "--zip")).exitCode).toBe(0);
    expect((await bastion("kit", "--client", "dc1")).exitCode).toBe(0);
    mkdirSync(join(folder, "unpacked"));
    await scene.network.run("python3", ["-m", "zipfile", "-e", "acme-dc1.zip", "unpacked"], { cwd: folder });
    expect((await scene.network.attempt("diff", ["-r", "acme-dc1", "unpacked/acme-dc1"], { cwd: folder })).stdout).toBe("");
    expect((await bastion("kit", "--client", "dc1", "--zip")).stdout).toMatch(/^Kit for dc1 of acme: \.\/acme-dc1\.zip unchanged\n/);
    for (const made of ["acme-dc1.zip", "acme-dc1", "unpacked"]) rmSync(join(folder, made), { recursive: true });
  });

  test("what is not there is said, with what there is", async () => {
    const { deployment } = scene;
    await deployment.pulumi("stack", "init", "empty", "--no-select");
    await deployment.pulumi("stack", "init", "other", "--no-select");
    writeFileSync(join(deployment.folder, "other.json"), stateOfAnotherProgram("other"));
    await deployment.pulumi("stack", "import", "--stack", "other", "--file", join(deployment.folder, "other.json"));

    const failure = async (...args: readonly string[]) => {
      const { exitCode, stdout, stderr } = await bastion(...args);
      return { exitCode, stdout, stderr };
    };
    expect(await failure("outputs", "globex")).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: 'error: there is no stack "globex"; there is: acme, empty, other\n',
    });
    expect(await failure("ports", "empty")).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: "error: stack empty has no outputs: it was never deployed, or has been destroyed; deploy it with: bastion up empty\n",
    });
    const other = await failure("kit", "other");
    expect({ exitCode: other.exitCode, stdout: other.stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(other.stderr).toMatch(
      /^error: the outputs of stack other are not those of a bastion of this version:\n {2}host: is missing\n {2}sshPort: is missing\n/,
    );
    expect(await failure("kit", "--client", "dc2")).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: 'error: there is no client "dc2"; there is: dc1, dr-site\n',
    });
    expect(await failure("kit")).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "error: the bastion has several clients; choose one with --client: dc1, dr-site\n",
    });
    const { stdout } = await deployment.pulumi("stack", "ls", "--json");
    expect((JSON.parse(stdout) as { name: string; current: boolean }[]).find(({ current }) => current)?.name).toBe("acme");
  });

  test("what the engine cannot do is said in the engine's words, in one line", async () => {
    const { exitCode, stdout, stderr } = await scene.network.attempt("node", [MAIN, "outputs", "acme"], {
      cwd: scene.deployment.folder,
      env: { ...env, PULUMI_CONFIG_PASSPHRASE: "another passphrase" },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^error: the outputs cannot be read: .*incorrect passphrase.*\n$/);
  });

  test("Ctrl-C while the outputs are read ends it, and nothing is written", async () => {
    const { ended, left } = await interruptKit(async (child, interrupt) => {
      const children = `/proc/${child.pid}/task/${child.pid}/children`;
      await waitUntil("the engine to be asked", () => readFileSync(children, "utf8").trim() !== "");
      interrupt();
    });
    expect({ ended, left }).toEqual({ ended: { code: 130, stderr: "error: interrupted by SIGINT\n" }, left: [] });
  });

  test("Ctrl-C as soon as something is written leaves all of the kit or nothing", async () => {
    const { ended, left } = await interruptKit(async (_, interrupt, place) => {
      const watcher = watch(place);
      await once(watcher, "change");
      interrupt();
      watcher.close();
    });
    if (ended.code === 130) expect({ ended, left }).toEqual({ ended: { code: 130, stderr: "error: interrupted by SIGINT\n" }, left: [] });
    else {
      expect({ ended, top: left.filter((path) => !path.includes("/")) }).toEqual({ ended: { code: 0, stderr: "" }, top: ["kit"] });
      expect(left).toEqual(expect.arrayContaining(["kit/index.html", "kit/kit.sha256"]));
    }
  });

  test("a terminal sees colours, unless somebody wants none", async () => {
    const typed = `node ${MAIN} ports acme`;
    // A person's terminal has none of what Node takes for a wish about colours (`CI`, `FORCE_COLOR`, `NO_COLOR`, …).
    const colourful = Object.fromEntries(Object.entries(env).filter(([name]) => /^(PATH|HOME|PULUMI_.*)$/.test(name)));
    const inTerminal = async (environment: NodeJS.ProcessEnv) =>
      (
        await scene.network.run("script", ["-qec", typed, "/dev/null"], {
          cwd: scene.deployment.folder,
          env: { ...environment, TERM: "xterm-256color" },
        })
      ).stdout;
    expect(await inTerminal(colourful)).toMatch(new RegExp(`^${ESCAPE}\\[2mtunnel .*${ESCAPE}\\[22m\r\nflow `));
    expect(await inTerminal({ ...colourful, NO_COLOR: "1" })).toMatch(/^tunnel .*\r\nflow /);
  });

  /** Starts to write a kit, interrupts it once, and tells how it ended and what it left. */
  async function interruptKit(when: (child: ChildProcess, interrupt: () => void, place: string) => Promise<void>) {
    const place = mkdtempSync(join(scene.deployment.folder, "interrupted-"));
    const child = scene.network.start("node", [MAIN, "kit", "acme", "--client", "dc1", "--out", join(place, "kit")], {
      cwd: scene.deployment.folder,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr?.on("data", (data: Buffer) => {
      stderr += data.toString();
    });
    const closed = once(child, "close");
    await when(child, () => child.kill("SIGINT"), place);
    const [code] = await closed;
    const left = readdirSync(place, { recursive: true, encoding: "utf8" }).sort();
    return { ended: { code: code as number | null, stderr }, left };
  }
});
