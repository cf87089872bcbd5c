import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ECHO, PINNED, Scene } from "./support/bastion-scene.ts";
import { BASTION, type Finished, PLATFORM } from "./support/network.ts";
import { connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

const MAIN = resolve(import.meta.dirname, "../../scripts/bastion/main.ts");
const PASSPHRASE = ` it's "50 %s" of $HOME \\n correct `;

/** Notes its arguments and its environment, and becomes the program it stands before. */
const SPY = `#!/bin/sh
PATH=\${PATH#*:}
{ printf '%s\\n' "$0" "$@"; env; } >>"\${0%/*}/../spied"
exec "\${0##*/}" "$@"
`;

describeAsRoot("what the platform sets, and keys that are delivered", () => {
  let scene: Scene;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let printed = "";
  let recipient: string;

  const bastion = async (...args: readonly string[]): Promise<Finished> => {
    const finished = await scene.network.attempt("node", [MAIN, ...args], { cwd: folder, env, timeout: 120_000 });
    printed += finished.stdout + finished.stderr;
    return finished;
  };
  const modeOf = (file: string) => (statSync(join(folder, file)).mode & 0o777).toString(8);
  const publicHalf = async (file: string) => (await scene.network.run("ssh-keygen", ["-y", "-P", "", "-f", file])).stdout.trim();

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        tunnels: [
          { name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 },
          { name: "flow", destination: `127.0.0.1:${ECHO}`, bindAddress: "loopback", bindPort: 8080 },
        ],
        clients: [
          { name: "dc1", generateKey: "ed25519" },
          { name: "dr-site", publicKeys: [customer.makeKey("dr-site.key")] },
        ],
        consumers: [
          { name: "flow", generateKey: "rsa-pem", tunnels: ["flow"] },
          { name: "batch", generateKey: "ed25519", tunnels: ["flow"] },
        ],
      }),
      { site: LOCAL },
    );
    folder = scene.deployment.folder;
    mkdirSync(join(folder, "spies"));
    for (const program of ["ssh-keygen", "age", "pulumi"]) writeFileSync(join(folder, "spies", program), SPY, { mode: 0o755 });
    writeFileSync(join(folder, "passphrase"), `${PASSPHRASE}\n`, { mode: 0o600 });
    writeFileSync(join(folder, "askpass"), `#!/bin/sh\ncat ${folder}/passphrase\n`);
    chmodSync(join(folder, "askpass"), 0o755);
    const identity = await scene.network.run("age-keygen", ["-o", "identity"], { cwd: folder });
    recipient = /age1\w+/.exec(identity.stderr)?.[0] ?? "";
    env = {
      ...process.env,
      PATH: `${folder}/spies:${process.env.PATH}`,
      NO_COLOR: "1",
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  });

  afterEach(() => scene.endSessions());

  afterAll(() => scene?.remove());

  /** Opens both tunnels with a key of the customer's folder. */
  async function openTunnels(key: string): Promise<void> {
    const destination = `127.0.0.1:${ECHO}`;
    scene.open(
      `ssh ${PINNED} -N -T -o IdentitiesOnly=yes -i ${key} -p 2222 -R 0.0.0.0:15000:${destination} -R 8080:${destination} tunnel@${BASTION}`,
    );
    await waitForEcho(scene.network, BASTION, 15000);
  }

  /** Logs in with a key as a consumer does, and waits for an echo through the loopback tunnel. */
  async function reachFlow(identity: string, endpoint: string, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
    const args = ["-F", "none", "-b", PLATFORM, "-o", `UserKnownHostsFile=${scene.customer.path}/known_hosts`, "-o", "IdentitiesOnly=yes"];
    const ssh = scene.network.start("ssh", [...args, "-i", identity, "-N", "-T", "-L", "18080:localhost:8080", endpoint], {
      env: environment,
      stdio: "ignore",
    });
    try {
      await waitUntil(
        "an echo by ssh -L",
        async () => (await connectTo(scene.network, "127.0.0.1", 18080, "ping", "127.0.0.1")) === "answered ping",
      );
    } finally {
      ssh.kill();
    }
  }

  describe("the key of a client, for a recipient of age", () => {
    test("is opened by age, is the stack's, and opens the tunnels", async () => {
      expect(await bastion("key", "acme", "--client", "dc1", "--recipient", recipient, "--out", "dc1.key.age")).toEqual({
        exitCode: 0,
        stderr: "",
        stdout: `Private key of client dc1 of acme: dc1.key.age
  Encrypted with age. Whoever has the identity opens it, beside the files of the kit, as dc1.key:
  (umask 077; age -d -i IDENTITY -o dc1.key dc1.key.age)
`,
      });
      expect(modeOf("dc1.key.age")).toBe("600");
      const opened = join(scene.customer.path, "opened.key");
      await scene.network.run("sh", ["-c", `umask 077; age -d -i identity -o ${opened} dc1.key.age`], { cwd: folder });
      expect(readFileSync(opened, "utf8")).toBe(scene.outputs.clientPrivateKeys.dc1);
      await openTunnels("opened.key");
    });

    test("is opened by each of several, an SSH key too", async () => {
      const ssh = scene.customer.makeKey("operator");
      const { exitCode, stdout } = await bastion(
        ...["key", "--client", "dc1", "--recipient", recipient, "--recipient", ssh, "--out", "both/dc1.age", "--json"],
      );
      expect({ exitCode, ...(JSON.parse(stdout) as object) }).toEqual({
        exitCode: 0,
        stack: "acme",
        role: "client",
        name: "dc1",
        out: "both/dc1.age",
        protection: "recipient",
        isPem: false,
      });
      for (const identity of [join(folder, "identity"), join(scene.customer.path, "operator")])
        expect((await scene.network.run("age", ["-d", "-i", identity, "both/dc1.age"], { cwd: folder })).stdout).toBe(
          scene.outputs.clientPrivateKeys.dc1,
        );
    });
  });

  test("the key of a consumer, with a passphrase, logs in by it alone, and becomes the PEM it was", async () => {
    expect(await bastion("key", "--consumer", "flow", "--passphrase-file", "passphrase", "--out", "flow.key")).toEqual({
      exitCode: 0,
      stderr: "",
      stdout: `Private key of consumer flow of acme: flow.key
  Encrypted as ssh-keygen does; it goes as flow.key. Tell the passphrase in another way.
  What runs without a person cannot type it. This takes it off, where the key stays:
  ssh-keygen -p -m PEM -f flow.key
`,
    });
    const file = join(folder, "flow.key");
    expect(modeOf("flow.key")).toBe("600");
    await expect(publicHalf(file)).rejects.toThrow("incorrect passphrase");
    const asking = { ...process.env, SSH_ASKPASS: join(folder, "askpass"), SSH_ASKPASS_REQUIRE: "force" };
    await openTunnels("dc1.key");
    await reachFlow(file, `ssh://consumer@${BASTION}:2222`, asking);

    await scene.network.run("ssh-keygen", ["-p", "-m", "PEM", "-P", PASSPHRASE, "-N", "", "-f", file]);
    expect(readFileSync(file, "utf8")).toBe(scene.outputs.consumerPrivateKeys.flow);
    rmSync(file);
  });

  test("the configuration for Estuary Flow that is written has a key that logs in; the one that is printed has none", async () => {
    const shown = await bastion("consumer", "acme", "--consumer", "flow", "--format", "estuary");
    expect(parse(shown.stdout)).toEqual({
      networkTunnel: {
        sshForwarding: { sshEndpoint: `ssh://consumer@${BASTION}:2222`, privateKey: "PRIVATE KEY of consumer flow: RSA, in PEM" },
      },
    });
    expect(await bastion("consumer", "acme", "--consumer", "flow", "--format", "estuary", "--out", "flow.yaml")).toEqual({
      exitCode: 0,
      stdout: "flow.yaml written, with the private key of consumer flow; only you can read it\n",
      stderr: "",
    });
    expect(modeOf("flow.yaml")).toBe("600");
    const { sshEndpoint, privateKey } = parse(readFileSync(join(folder, "flow.yaml"), "utf8")).networkTunnel.sshForwarding;
    rmSync(join(folder, "flow.yaml"));
    expect(privateKey).toBe(scene.outputs.consumerPrivateKeys.flow);
    scene.customer.write("estuary.key", privateKey);
    await openTunnels("dc1.key");
    await reachFlow(join(scene.customer.path, "estuary.key"), sshEndpoint);
  });

  test("what services set is what the stack exports", async () => {
    const { sshConfig } = scene.outputs.consumers[0] ?? {};
    expect(JSON.parse((await bastion("consumer", "--json")).stdout)).toMatchObject({
      stack: "acme",
      tunnels: [
        { name: "orders", addresses: [{ host: BASTION, port: 15000 }] },
        { name: "flow", addresses: [] },
      ],
      consumers: [{ name: "flow", sshConfig, isKeyGenerated: true }, { name: "batch" }],
    });
  });

  test("what cannot be delivered is refused, and nothing is written", async () => {
    const before = readdirSync(folder).sort();
    const refusals = [
      {
        args: ["key", "--client", "dr-site", "--plain"],
        exitCode: 3,
        said: /no private key of client dr-site: its public key was imported/,
      },
      { args: ["key", "--client", "dc1", "--recipient", "age1qqqq"], exitCode: 1, said: /age did not encrypt the key: .*malformed/s },
      { args: ["consumer", "--consumer", "batch", "--format", "estuary"], exitCode: 1, said: /consumer batch is no RSA key in PEM/ },
    ];
    await Promise.all(
      refusals.map(async ({ args, exitCode, said }) =>
        expect(await bastion(...args, "--out", "refused")).toEqual({ exitCode, stdout: "", stderr: expect.stringMatching(said) }),
      ),
    );
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test("plain, it is for its owner alone", async () => {
    expect((await bastion("key", "--client", "dc1", "--plain", "--out", "plain.key")).stdout).toBe(
      "Private key of client dc1 of acme: plain.key\n  Not encrypted; only you can read it. It goes beside the files of the kit, as dc1.key.\n",
    );
    expect([modeOf("plain.key"), readFileSync(join(folder, "plain.key"), "utf8")]).toEqual(["600", scene.outputs.clientPrivateKeys.dc1]);
    rmSync(join(folder, "plain.key"));
  });

  test("in all of that, no secret was printed, in an argument, in an environment, or left on the disk", async () => {
    const spied = readFileSync(join(folder, "spied"), "utf8");
    for (const program of ["ssh-keygen", "age", "pulumi"]) expect(spied).toContain(`${folder}/spies/${program}\n`);
    const { clientPrivateKeys, consumerPrivateKeys } = scene.outputs;
    const bodies = [...Object.values(clientPrivateKeys), ...Object.values(consumerPrivateKeys)].flatMap((key) =>
      key.split("\n").slice(2, -2),
    );
    for (const secret of [...bodies, PASSPHRASE.trim()]) {
      expect(spied).not.toContain(secret);
      expect(printed).not.toContain(secret);
    }
    const patterns = join(scene.customer.path, "bodies");
    writeFileSync(patterns, bodies.map((body) => `${body}\n`).join(""), { mode: 0o600 });
    const found = await scene.network.attempt("grep", ["-rlFf", patterns, folder, "/dev/shm"]);
    expect(found.stdout).toBe("");
  });
});
