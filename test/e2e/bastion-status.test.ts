import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { metricsIn, servedMetrics } from "../monitoring/metric-names.ts";
import { findPromtool } from "../monitoring/promtool.ts";
import { Scene } from "./support/bastion-scene.ts";
import { BASTION, CUSTOMER, type Finished } from "./support/network.ts";
import { waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

const MAIN = resolve(import.meta.dirname, "../../scripts/bastion/main.ts");
const ON_TERMINAL = join(import.meta.dirname, "support/programs/on_terminal.py");
const ALERTS = resolve(import.meta.dirname, "../../monitoring/alerts.yaml");
const CTRL_C = "\u0003";

/** A tunnel's fall is told within this time. */
const FALL_SECONDS = 30;
/** Its return is told within this time. */
const RETURN_SECONDS = 5;

/** What a backend keeps of a stack that has these outputs. */
function checkpointOf(stack: string, outputs: object): string {
  const urn = `urn:pulumi:${stack}::reverse-bastion::pulumi:pulumi:Stack::reverse-bastion-${stack}`;
  const resource = { urn, custom: false, type: "pulumi:pulumi:Stack", outputs };
  const latest = { manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" }, resources: [resource] };
  return JSON.stringify({ version: 3, checkpoint: { stack: `organization/reverse-bastion/${stack}`, latest } });
}

describeAsRoot("bastion status, on a bastion that is deployed", () => {
  let scene: Scene;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  const bastion = (...args: readonly string[]): Promise<Finished> => scene.network.attempt("node", [MAIN, ...args], { cwd: folder, env });

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        tunnels: [
          { name: "orders", bindPort: 15000 },
          { name: "billing", bindPort: 15001 },
        ],
        clients: [{ name: "dc1", publicKeys: [customer.makeKey("dc1.key")] }],
        consumers: [{ name: "flow", generateKey: "ed25519" }],
        operators: [
          { name: "oncall", publicKeys: [customer.makeKey("oncall.key")], expiresAt: "2126-06-30" },
          { name: "ops", generateKey: "ed25519" },
        ],
      }),
      { site: LOCAL },
    );
    folder = scene.deployment.folder;
    env = {
      ...process.env,
      NO_COLOR: "1",
      TERM: "xterm",
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  });

  afterEach(() => scene.endSessions());

  afterAll(() => scene?.remove());

  test("the table says which tunnels are up, by whom, and the exit code whether all are", async () => {
    scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const one = await bastion("status", "acme");
    expect({ exitCode: one.exitCode, stderr: one.stderr }).toEqual({ exitCode: 5, stderr: "" });
    expect(one.stdout.replaceAll(/\b\d+ s\b|\b[\d.]+ k?B\b/g, "N").replaceAll(/ {2,}/g, "  ")).toBe(
      `acme
  tunnel  port  state  since  client  from  connections  received  sent
  orders  15000  up  N  dc1  ${CUSTOMER}  0  N  N
  billing  15001  down  –  –  –  0  –  –
`,
    );
    scene.openTunnel("dc1.key", 15001);
    await waitForEcho(scene.network, BASTION, 15001);
    const all = await bastion("status");
    expect({ exitCode: all.exitCode, stdout: all.stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^ {2}billing +15001 +up /m),
    });
  });

  test("--json is what the bastion says of itself", async () => {
    scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const { exitCode, stdout, stderr } = await bastion("status", "acme", "--json", "--identity", join(scene.customer.path, "oncall.key"));
    expect({ exitCode, stderr }).toEqual({ exitCode: 5, stderr: "" });
    const own = JSON.parse(readFileSync(join(scene.deployment.bastionFolder, "run/status.json"), "utf8")) as Record<string, unknown>;
    expect(JSON.parse(stdout)).toEqual({
      bastions: [
        {
          stack: "acme",
          problem: null,
          status: {
            ...own,
            at: expect.any(String),
            tunnels: [
              expect.objectContaining({
                name: "orders",
                bindPort: 15000,
                bindAddress: "all",
                state: "up",
                client: "dc1",
                clientAddress: CUSTOMER,
              }),
              expect.objectContaining({ name: "billing", state: "down", client: null, bytesReceived: null }),
            ],
            sessions: expect.arrayContaining([
              expect.objectContaining({ user: "tunnel", name: "dc1" }),
              expect.objectContaining({ name: "oncall" }),
            ]),
            keys: expect.arrayContaining([expect.objectContaining({ name: "oncall", expiresAt: "2126-06-30T23:59:59Z" })]),
          },
        },
      ],
    });
  });

  test.skipIf(findPromtool() === undefined)("promtool has nothing to say about its metrics, which alerts can ask for", async () => {
    scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const { command } = scene.outputs.operators.find(({ name }) => name === "ops") ?? {};
    // The bastion's own loopback is this machine's.
    scene.open(`${command}`.replace("-L 9422:", "-L 19422:"));
    const metrics = await waitUntil("metrics", async () => {
      const { exitCode, stdout } = await scene.network.attempt("curl", ["-sf", "http://127.0.0.1:19422/metrics"]);
      return exitCode === 0 && stdout;
    });
    writeFileSync(join(folder, "metrics"), metrics);
    const judged = await scene.network.attempt("sh", ["-c", `"$1" check metrics <metrics 2>&1`, "sh", `${findPromtool()}`], {
      cwd: folder,
    });
    expect(judged).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const asked = metricsIn([readFileSync(ALERTS, "utf8")]).filter((name) => name.startsWith("reverse_") && !name.includes("_mailbox_"));
    expect(servedMetrics(metrics)).toEqual(expect.arrayContaining(asked));
  });

  test("who watches sees a killed client's tunnel fall and return, over one connection", async () => {
    const first = scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const watch = watchInPipe("acme");
    await watch.until(/acme: tunnel orders is up \(dc1 from /);
    expect(watch.lines).toHaveLength(2);
    const dialled = await operatorSsh();

    await first.end("SIGKILL");
    await watch.until(/acme: tunnel orders is down$/m, FALL_SECONDS);
    scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    await watch.until(/orders is down\n.*acme: tunnel orders is up \(dc1 from /, RETURN_SECONDS);
    expect(watch.lines).toHaveLength(4);
    expect(await operatorSsh()).toEqual(dialled);
    expect(existsSync(dialled.identityFile)).toBe(true);

    expect(await watch.interrupt()).toEqual({ code: 130, stderr: "error: interrupted by SIGINT\n" });
    expect({ ssh: await findOperatorSsh(), hasKey: existsSync(dialled.identityFile) }).toEqual({ ssh: undefined, hasKey: false });
  });

  test("with --json each change is a document on a line", async () => {
    const watch = watchInPipe("acme", "--json", "--interval", "1");
    await watch.until(/billing/);
    await watch.interrupt();
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const down = { at, stack: "acme", subject: "tunnel", state: "down", client: null, clientAddress: null, reason: null };
    expect(watch.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...down, name: "orders" },
      { ...down, name: "billing" },
    ]);
  });

  test("on a terminal the table is redrawn in place, until Ctrl-C", async () => {
    scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const steps = [["orders   15000  up     ", CTRL_C]];
    const { exitCode, stdout } = await scene.network.attempt(
      "python3",
      [ON_TERMINAL, JSON.stringify(steps), "node", MAIN, "status", "acme", "--watch"],
      { cwd: folder, env },
    );
    expect(exitCode).toBe(130);
    // What was written over is not seen any more.
    const shown = stripVTControlCharacters(stdout)
      .replaceAll("\r\n", "\n")
      .replaceAll(/[^\n]*\r/g, "");
    expect(shown).toMatch(/^acme\n {2}tunnel {3}port {3}state {2}since /);
    expect(shown).toMatch(/\nerror: interrupted by SIGINT\n$/);
    // The terminal is as it was: lines wrap, and the cursor is seen.
    expect(stdout).toContain("\u001b[?7h\u001b[?25h");
    expect(await findOperatorSsh()).toBeUndefined();
  });

  test("a stack that cannot be asked does not keep the others from it", async () => {
    const { clientPrivateKeys: _clients, consumerPrivateKeys: _consumers, ...described } = scene.outputs;
    const outputs = { ...described, clientPrivateKeys: {}, consumerPrivateKeys: {}, operatorPrivateKeys: {} };
    const others = { globex: { ...outputs, operators: [] }, initech: { ...scene.outputs, sshPort: 2299 } };
    for (const [stack, its] of Object.entries(others))
      writeFileSync(join(folder, `state/.pulumi/stacks/reverse-bastion/${stack}.json`), checkpointOf(stack, its));

    const { exitCode, stdout, stderr } = await bastion("status");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(stdout.split("\n\n").map((group) => group.split("\n").slice(0, 2))).toEqual([
      ["acme", expect.stringMatching(/^ {2}tunnel {3}port /)],
      [
        "globex",
        "  cannot be asked: the bastion has no operator, who may read its status; write one into the customer's file, and deploy it with: bastion up globex",
      ],
      ["initech", `  cannot be asked: ssh: connect to host ${BASTION} port 2299: Connection refused`],
    ]);
    expect(await bastion("status", "globex")).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: expect.stringMatching(
        /^error: the bastion has no operator, .* up globex\n {2}operators:\n {4}- \{ name: ops, generateKey: ed25519 \}\n$/,
      ),
    });
    const watch = watchInPipe("globex", "acme");
    await watch.until(/acme: tunnel billing is down/);
    expect(watch.said).toMatch(/ globex: bastion is out of reach: the bastion has no operator, /);
    await watch.interrupt();
  });

  test("a key that may not read the status is told from one that is unknown", async () => {
    scene.customer.makeKey("stranger.key");
    const reasons = await Promise.all(
      ["flow.key", "stranger.key"].map(async (file) => {
        const { exitCode, stdout } = await bastion("status", "acme", "--identity", join(scene.customer.path, file));
        return [exitCode, stdout];
      }),
    );
    expect(reasons).toEqual([
      [1, "acme\n  cannot be asked: the key may not read the status: it is not an operator's\n"],
      [1, "acme\n  cannot be asked: it does not take the operator's key: not one of its operators, expired, or refused for this address\n"],
    ]);
    expect(await bastion("status", "acme", "--identity", "none.key")).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: `error: the private key cannot be read: ${join(folder, "none.key")}\n`,
    });
  });

  test("who watches is told when the bastion is gone", async () => {
    const watch = watchInPipe("acme");
    await watch.until(/tunnel billing is down/);
    process.kill(Number(readFileSync(join(scene.deployment.bastionFolder, "run/supervisor.pid"), "utf8")), "SIGTERM");
    await watch.until(/ acme: bastion is out of reach: /);
    expect((await watch.interrupt()).code).toBe(130);
    expect(await findOperatorSsh()).toBeUndefined();
    const { exitCode, stdout } = await bastion("status", "acme");
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: `acme\n  cannot be asked: ssh: connect to host ${BASTION} port 2222: Connection refused\n`,
    });
  });

  /** Starts to watch, with nobody's terminal. */
  function watchInPipe(...args: readonly string[]) {
    const child: ChildProcess = scene.network.start("node", [MAIN, "status", "--watch", ...args], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const closed = once(child, "close");
    let [said, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      said += piece;
    });
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      stderr += piece;
    });
    return {
      get said() {
        return said;
      },
      get lines() {
        return said.split("\n").filter(Boolean);
      },
      async until(text: RegExp, limitSeconds?: number): Promise<void> {
        await waitUntil(
          `the watcher to say ${text}`,
          () => text.test(said) || (child.exitCode !== null && Promise.reject(new Error(stderr))),
          limitSeconds,
        );
      },
      async interrupt() {
        child.kill("SIGINT");
        const [code] = (await closed) as [number | null];
        return { code, stderr };
      },
    };
  }

  /** The ssh that reads the status, and where its key is. */
  async function findOperatorSsh() {
    const { stdout } = await scene.network.run("ip", ["netns", "pids", scene.network.name]);
    for (const pid of stdout.split("\n").filter(Boolean)) {
      const words = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") : [];
      const [, identityFile] = words.find((word) => word.startsWith("IdentityFile="))?.split("=") ?? [];
      if (words.includes("-W") && identityFile !== undefined) return { pid, identityFile };
    }
    return undefined;
  }

  async function operatorSsh() {
    const found = await findOperatorSsh();
    if (found === undefined) throw new Error("no ssh reads the status");
    return found;
  }
});
