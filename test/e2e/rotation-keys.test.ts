import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../stacks/customer-file.ts";
import { ECHO, PINNED, Scene } from "./support/bastion-scene.ts";
import { BASTION, type Finished, PLATFORM } from "./support/network.ts";
import { ChecksummedStream, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

const MAIN = resolve(import.meta.dirname, "../../scripts/bastion/main.ts");

describeAsRoot("keys that are changed while everything stays up", () => {
  let scene: Scene;
  let env: NodeJS.ProcessEnv;
  let steadyKey: string;
  let oldKey: string;

  const customer = (parts: Partial<CustomerFile> = {}): Partial<CustomerFile> => ({
    tunnels: [
      { name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 },
      { name: "billing", destination: `127.0.0.1:${ECHO}`, bindPort: 15001 },
      { name: "audit", destination: `127.0.0.1:${ECHO}`, bindPort: 15002 },
      { name: "flow", destination: `127.0.0.1:${ECHO}`, bindAddress: "loopback", bindPort: 8080 },
    ],
    clients: [
      { name: "dc1", generateKey: "ed25519", tunnels: ["orders"] },
      { name: "dr-site", publicKeys: [oldKey], tunnels: ["billing"] },
      { name: "steady", publicKeys: [steadyKey], tunnels: ["audit", "flow"] },
    ],
    consumers: [{ name: "batch", generateKey: "rsa-pem", tunnels: ["flow"] }],
    operators: [{ name: "ops", generateKey: "ed25519" }],
    ...parts,
  });

  const command = (...args: readonly string[]) => [MAIN, "rotate", "acme", ...args];
  const rotate = (...args: readonly string[]): Promise<Finished> =>
    scene.network.attempt("node", command(...args), { cwd: scene.deployment.folder, env, timeout: 120_000 });
  const rotateJson = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await rotate(...args, "--yes", "--json");
    expect(stdout, stderr).not.toBe("");
    const { outcome, reasons } = JSON.parse(stdout) as { outcome: string; reasons: string[] };
    return { exitCode, outcome, reasons };
  };
  const readFile = () => readFileSync(join(scene.deployment.folder, "acme.yaml"), "utf8");

  /** Starts the command; the caller ends it, or waits for its end. */
  const start = (...args: readonly string[]) => {
    const child = scene.network.start("node", command(...args), { cwd: scene.deployment.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream]?.on("data", (data: Buffer) => {
        printed[stream] += data.toString();
      });
    const ended = once(child, "close").then(([exitCode]) => exitCode as number | null);
    return { child, printed, ended };
  };

  /** Cuts the command off as a power cut does, as soon as the customer's file says something, and before it is deployed. */
  const cutOffOnceFileSays = async (isWritten: (text: string) => boolean, ...args: readonly string[]) => {
    const { child, printed, ended } = start(...args, "--yes");
    await waitUntil("the customer's file to be changed", () => isWritten(readFile()) || child.exitCode !== null);
    child.kill("SIGKILL");
    expect(await ended, printed.stderr).toBe(null);
  };

  const logInFails = async (key: string) => {
    const { stderr } = await scene.customer.type(
      `ssh ${PINNED} -N -o IdentitiesOnly=yes -o BatchMode=yes -o ExitOnForwardFailure=yes -i ${key} -p 2222 -R 0.0.0.0:15999:127.0.0.1:1 tunnel@${BASTION}`,
    );
    return stderr.includes("Permission denied (publickey)");
  };

  const openConsumer = (key: string, localPort: number) =>
    scene.open(
      `ssh ${PINNED} -N -T -o IdentitiesOnly=yes -o ExitOnForwardFailure=yes -i ${key} -p 2222 -L ${PLATFORM}:${localPort}:localhost:8080 consumer@${BASTION}`,
    );

  const expectWhole = async (stream: ChecksummedStream) => {
    const result = await stream.finish();
    expect(result).toEqual({ sent: result.sent, received: result.sent, identical: true });
    expect(result.sent).toBeGreaterThan(1_000_000);
  };

  beforeAll(async () => {
    scene = await Scene.set(
      (folder) => {
        steadyKey = folder.makeKey("steady");
        oldKey = folder.makeKey("dr-site-old");
        return customer();
      },
      { site: LOCAL },
    );
    env = {
      ...process.env,
      NO_COLOR: "1",
      PULUMI_BACKEND_URL: `file://${scene.deployment.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    scene.open(
      `ssh ${PINNED} -N -T -o IdentitiesOnly=yes -i steady -p 2222 -R 0.0.0.0:15002:127.0.0.1:${ECHO} -R 8080:127.0.0.1:${ECHO} tunnel@${BASTION}`,
    );
    await waitForEcho(scene.network, BASTION, 15002);
  });

  afterAll(() => scene?.remove());

  test("a generated key of a client: begun, waited for, finished when its owner has changed over", async () => {
    const before = readFile();
    scene.customer.write("dc1-old.key", `${scene.outputs.clientPrivateKeys.dc1}`);
    const old = scene.openTunnel("dc1-old.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const [ownStream, othersStream] = [
      await ChecksummedStream.start(scene.network, BASTION, 15000),
      await ChecksummedStream.start(scene.network, BASTION, 15002),
    ];

    expect(await rotate("--client", "dc1")).toEqual({
      exitCode: 2,
      stdout: "",
      stderr:
        "error: This has client dc1 get new keys, beside those that are in use, and deploys it. That is asked about first, and here is no terminal; say --yes\n",
    });
    expect(readFile()).toBe(before);
    expect(await rotateJson("--client", "dc1")).toEqual({ exitCode: 4, outcome: "begun", reasons: [] });
    const begun = readFile();
    expect(begun.split("\n").filter((line) => !before.split("\n").includes(line))).toEqual([
      "    keyGeneration: 2",
      "    keepPreviousKey: true",
    ]);
    const { clients, clientPrivateKeys } = await scene.deployment.outputs();
    scene.customer.write("dc1-new.key", `${clientPrivateKeys.dc1}`);
    expect(scene.customer.read("dc1-new.key")).not.toBe(scene.customer.read("dc1-old.key"));
    expect(clients[0]?.keyGenerations).toEqual([2, 1]);
    expect(clients[0]?.fingerprints[1]).toBe(scene.outputs.clients[0]?.fingerprints[0]);

    const held = expect.stringMatching(/^the old key holds a session from 198\.51\.100\.7, since 20\d\d-/);
    const interrupted = start("--client", "dc1", "--wait", "--yes");
    const [waiting, refused] = await Promise.all([rotateJson("--client", "dc1"), rotate("--client", "dc1", "--finish", "--yes")]);
    expect(waiting).toEqual({ exitCode: 4, outcome: "waiting", reasons: [held, "the new key has not logged in yet"] });
    expect({ exitCode: refused.exitCode, stdout: refused.stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^error: client dc1: the old key holds a session .*; with --force it is done all the same\n$/);

    await waitUntil("it to wait", () => interrupted.printed.stderr.includes("waiting: the old key holds a session"));
    interrupted.child.kill("SIGINT");
    expect(await interrupted.ended).toBe(130);
    expect(interrupted.printed.stderr).toContain("error: interrupted by SIGINT; nothing is lost, and the same command goes on waiting\n");
    expect(readFile()).toBe(begun);

    const finishing = start("--client", "dc1", "--wait", "--yes", "--json");
    await waitUntil("it to wait", () => finishing.printed.stderr.includes("waiting: the old key holds a session"));
    expect(old.isRunning).toBe(true);
    await expectWhole(ownStream);
    await old.end();
    await scene.openTunnelOnceAllowed("dc1-new.key", 15000);
    expect(await finishing.ended, finishing.printed.stderr).toBe(0);
    expect(JSON.parse(finishing.printed.stdout)).toEqual({
      stack: "acme",
      kind: "client",
      name: "dc1",
      outcome: "finished",
      reasons: [],
      next: [],
    });
    expect(readFile()).toBe(begun.replace("    keepPreviousKey: true\n", ""));
    await waitUntil("the old key to be refused", () => logInFails("dc1-old.key"));
    await waitForEcho(scene.network, BASTION, 15000);
    await expectWhole(othersStream);
  });

  test("a generated key of a consumer, with its stream open until it changes over", async () => {
    scene.customer.write("batch-old.key", `${scene.outputs.consumerPrivateKeys.batch}`);
    const old = openConsumer("batch-old.key", 18080);
    await waitForEcho(scene.network, PLATFORM, 18080);
    const stream = await ChecksummedStream.start(scene.network, PLATFORM, 18080);
    expect(await rotateJson("--consumer", "batch")).toMatchObject({ exitCode: 4, outcome: "begun" });
    scene.customer.write("batch-new.key", `${(await scene.deployment.outputs()).consumerPrivateKeys.batch}`);

    const replacement = openConsumer("batch-new.key", 18081);
    await waitForEcho(scene.network, PLATFORM, 18081);
    const newStream = await ChecksummedStream.start(scene.network, PLATFORM, 18081);
    const [waiting, refused] = await Promise.all([rotateJson("--consumer", "batch"), rotate("--consumer", "batch", "--abandon", "--yes")]);
    expect(waiting).toEqual({ exitCode: 4, outcome: "waiting", reasons: [expect.stringContaining("the old key holds a session")] });
    expect(refused.stderr).toMatch(/^error: consumer batch: the new key holds a session /);
    await expectWhole(stream);
    await old.end();
    expect(await rotateJson("--consumer", "batch")).toMatchObject({ exitCode: 0, outcome: "finished" });
    expect(replacement.isRunning).toBe(true);
    await expectWhole(newStream);
  });

  test("the host keys: announced, those who have not logged in since are named, and nobody's session ends when they change", async () => {
    const before = await scene.deployment.outputs();
    expect(await rotateJson("--host-key")).toEqual({ exitCode: 4, outcome: "begun", reasons: [] });
    const [waiting, refused] = await Promise.all([rotateJson("--host-key"), rotate("--host-key", "--finish", "--yes")]);
    const older = (who: string) => expect.stringContaining(`${who} has not logged in since they are announced: its session is from `);
    expect(waiting).toEqual({
      exitCode: 4,
      outcome: "waiting",
      reasons: [
        older("client dc1"),
        "client dr-site has not logged in since they are announced",
        older("client steady"),
        older("consumer batch"),
      ],
    });
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: the host keys: client dc1 has not .*; with --force/),
    });

    const stream = await ChecksummedStream.start(scene.network, BASTION, 15002);
    expect(await rotateJson("--host-key", "--finish", "--force")).toEqual({ exitCode: 0, outcome: "finished", reasons: [] });
    scene.outputs = await scene.deployment.outputs();
    scene.customer.take(scene.outputs);
    expect(scene.outputs.hostKeys.map(({ generation, announcedOnly }) => [generation, announcedOnly])).toEqual([
      [2, false],
      [2, false],
    ]);
    expect(scene.outputs.hostKeys.some(({ fingerprint }) => before.hostKeys.some((key) => key.fingerprint === fingerprint))).toBe(false);
    expect(readFile()).toContain("\nhostKeyGeneration: 2\n");
    expect(readFile()).not.toContain("announceNextHostKeys");
    await expectWhole(stream);
  });

  test("an imported key, without an operator, cut off between the file and what is deployed, at each step", async () => {
    const clients = customer().clients?.slice(1) ?? [];
    await scene.up(customer({ clients, consumers: [], operators: [], hostKeyGeneration: 2 }));
    const newKey = scene.customer.makeKey("dr-site-new");
    const args = ["--client", "dr-site", "--public-key", join(scene.customer.path, "dr-site-new.pub")];
    const before = readFile();
    const old = await scene.openTunnelOnceAllowed("dr-site-old", 15001);
    const stream = await ChecksummedStream.start(scene.network, BASTION, 15001);

    const same = ["--client", "dr-site", "--public-key", join(scene.customer.path, "dr-site-old.pub")];
    const [nothing, refused] = await Promise.all([rotate(...same, "--finish", "--force", "--yes"), rotate(...same, "--force", "--yes")]);
    expect(nothing).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("nothing to do") });
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is the only key of client dr-site already") });
    expect(readFile()).toBe(before);

    await cutOffOnceFileSays((text) => text.includes(newKey), ...args);
    expect(await logInFails("dr-site-new")).toBe(true);
    expect(await rotateJson(...args, "--abandon")).toMatchObject({ exitCode: 0, outcome: "abandoned" });
    expect(readFile()).toBe(before);

    await cutOffOnceFileSays((text) => text.includes(newKey), ...args);
    expect(await rotateJson(...args)).toMatchObject({ exitCode: 4, outcome: "begun" });
    expect(await rotateJson(...args)).toMatchObject({
      exitCode: 4,
      outcome: "waiting",
      reasons: [expect.stringContaining("stack acme has no operator")],
    });
    expect(old.isRunning).toBe(true);
    await expectWhole(stream);
    await old.end();
    await scene.openTunnelOnceAllowed("dr-site-new", 15001);
    const newStream = await ChecksummedStream.start(scene.network, BASTION, 15001);

    const [type = "", blob = ""] = oldKey.split(" ");
    await cutOffOnceFileSays((text) => !text.includes(blob), ...args, "--finish");
    // The file of the test has its keys on several lines.
    expect(readFile()).toBe(
      before.replace(new RegExp(`- ${type}\\n +${blob.replaceAll("+", "\\+")}\\n +dr-site-old\\n`), `- "${newKey}"\n`),
    );
    expect(await rotateJson(...args)).toMatchObject({ exitCode: 0, outcome: "finished" });
    await waitUntil("the old key to be refused", () => logInFails("dr-site-old"));
    await expectWhole(newStream);
  });
});
