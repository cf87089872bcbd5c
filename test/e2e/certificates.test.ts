import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CustomerFile } from "../../stacks/customer-file.ts";
import { ECHO, PINNED, Scene } from "./support/bastion-scene.ts";
import type { CustomerFolder } from "./support/customer.ts";
import { BASTION, CUSTOMER, OTHER_INTERFACE, PLATFORM } from "./support/network.ts";
import { ChecksummedStream, connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

const MAIN = resolve(import.meta.dirname, "../../scripts/bastion/main.ts");
const LOGIN = `${PINNED} -o IdentitiesOnly=yes -o BatchMode=yes -p 2222`;

/** A client has its bind port back within this time. */
const BACK_SECONDS = 10;

const TUNNELS = [
  { name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 },
  { name: "billing", destination: `127.0.0.1:${ECHO}`, bindPort: 15001 },
];

interface Status {
  readonly sessions: readonly {
    readonly user: string;
    readonly name: string;
    readonly certificate: { readonly authority: string; readonly keyId: string; readonly serial: string } | null;
  }[];
}

/** Clients and consumers of these authorities. */
function peers(authorities: string[], ofDc1 = authorities): Partial<CustomerFile> {
  const clients = [
    { name: "dc1", certificateAuthorities: ofDc1, tunnels: ["orders"] },
    { name: "dc2", certificateAuthorities: authorities, certificatePrincipals: ["second-site"], tunnels: ["billing"] },
    { name: "elsewhere", certificateAuthorities: authorities, sourceCidrs: [`${PLATFORM}/32`] },
    { name: "old", certificateAuthorities: authorities, expiresAt: "2020-01-01" },
  ];
  const consumers = [{ name: "reader", certificateAuthorities: authorities, tunnels: ["orders"] }];
  return { tunnels: TUNNELS, clients, consumers, penaltyExemptCidrs: [`${CUSTOMER}/32`] };
}

describeAsRoot("logging in with a certificate", () => {
  let scene: Scene;
  let authorities: string[] = [];
  const streams: ChecksummedStream[] = [];

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => {
        authorities = [customer.makeKey("ca"), customer.makeKey("rsa-ca", "-t", "rsa", "-b", "3072")];
        customer.makeKey("other-ca");
        return peers(authorities);
      },
      { site: LOCAL },
    );
  });

  afterEach(async () => {
    for (const stream of streams.splice(0)) await stream.finish();
    await scene.endSessions();
    for (const { bindPort } of TUNNELS)
      await waitUntil(`bind port ${bindPort} to be free`, async () => (await connectTo(scene.network, BASTION, bindPort)) === "refused");
  });

  afterAll(async () => scene?.remove());

  describe.each(["ca", "rsa-ca"])("that %s has signed", (ca) => {
    test("gives the port of its client, and of no other", async () => {
      await certify(scene.customer, ca, "mine", "-n dc1");
      const tunnel = scene.openTunnel("mine", 15000);
      await waitForEcho(scene.network, BASTION, 15000);
      const other = scene.openTunnel("mine", 15001);
      await other.ended();
      expect(other.said).toContain("remote port forwarding failed for listen port 15001");
      expect(tunnel.isRunning).toBe(true);
    });

    test("gives a consumer its tunnel by ssh -L", async () => {
      await certify(scene.customer, ca, "mine", "-n dc1");
      await certify(scene.customer, ca, "reading", "-n reader");
      scene.openTunnel("mine", 15000);
      scene.open(`ssh ${LOGIN} -N -i reading -L ${OTHER_INTERFACE}:9006:localhost:15000 consumer@${BASTION}`);
      await waitForEcho(scene.network, OTHER_INTERFACE, 9006);
    });

    test.each([
      ["a shell", (host: string) => `-i wide tunnel@${host}`],
      ["a pty", (host: string) => `-tt -i wide tunnel@${host}`],
      ["its agent forwarded", (host: string) => `-A -i wide tunnel@${host}`],
      ["a command of the certificate's", (host: string) => `-i forced tunnel@${host}`],
    ])("does not give %s, though it says so itself", async (_what, words) => {
      // Without -O clear it has every extension there is.
      await certify(scene.customer, ca, "wide", "-n dc1", "");
      await certify(scene.customer, ca, "forced", "-n dc1 -O force-command=id", "");
      const { exitCode, stdout, stderr } = await scene.customer.type(`ssh ${LOGIN} ${words(BASTION)}`);
      expect({ exitCode, stdout }).toEqual({ exitCode: 255, stdout: "" });
      expect(stderr).toContain("open failed");
    });

    test.each([
      ["has expired", "-n dc1 -V -2h:-1h"],
      ["is not valid yet", "-n dc1 -V +1h:+2h"],
      ["names another principal", "-n nobody"],
      ["names the other client's name, which is not its principal", "-n dc2"],
      ["names no principal", ""],
      ["names two clients", "-n dc1,second-site"],
      ["is for a host", "-h -n dc1"],
      ["is for another address", `-n dc1 -O source-address=${PLATFORM}/32`],
      ["is of a client who may not come from here", "-n elsewhere"],
      ["is of a client who has expired", "-n old"],
      ["is a consumer's", "-n reader"],
    ])("lets nobody in when it %s", async (_what, words) => {
      await certify(scene.customer, ca, "refused", words, words.includes("-h ") ? "" : undefined);
      await expectRefusal("refused");
    });

    test("obeys its own address, and lets in from there", async () => {
      await certify(scene.customer, ca, "from-here", `-n dc1 -O source-address=${CUSTOMER}/32`);
      scene.openTunnel("from-here", 15000);
      await waitForEcho(scene.network, BASTION, 15000);
    });

    test("tells two clients apart, with the certificate of each", async () => {
      await certify(scene.customer, ca, "first", "-n dc1 -z 18446744073709551615");
      await certify(scene.customer, ca, "second", "-n other,second-site -z 8");
      scene.openTunnel("first", 15000);
      scene.openTunnel("second", 15001);
      await waitForEcho(scene.network, BASTION, 15000);
      await waitForEcho(scene.network, BASTION, 15001);
      const authority = await fingerprintOf(ca);
      await waitUntil("both in the status", () => sessions().length === 2);
      const byName = sessions().toSorted((a, b) => (a.name < b.name ? -1 : 1));
      expect(byName.map(({ user, name, certificate }) => ({ user, name, certificate }))).toEqual([
        { user: "tunnel", name: "dc1", certificate: { authority, keyId: "id of first", serial: "18446744073709551615" } },
        { user: "tunnel", name: "dc2", certificate: { authority, keyId: "id of second", serial: "8" } },
      ]);
    });
  });

  test("another authority's, and one that is signed with SHA-1, let nobody in", async () => {
    await certify(scene.customer, "other-ca", "refused", "-n dc1");
    await expectRefusal("refused");
    await certify(scene.customer, "rsa-ca", "refused", "-n dc1 -t ssh-rsa");
    await expectRefusal("refused");
  });

  test("an authority's own key lets nobody in", async () => {
    await expectRefusal("ca");
  });

  test("the session of an expired one goes on, and a new one over a new key takes the bind port back from a dead session", async () => {
    const end = Date.now() + 8000;
    await certify(scene.customer, "ca", "short", `-n dc1 -V -5m:${localTime(end)}`);
    const session = scene.openTunnel("short", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const stream = await ChecksummedStream.start(scene.network, BASTION, 15000);
    await waitUntil("the certificate to expire", () => Date.now() > end);
    await expectRefusal("short");
    await certify(scene.customer, "ca", "renewed", "-n dc1");
    const duplicate = scene.openTunnel("renewed", 15000);
    await duplicate.ended();
    expect(duplicate.said, "a live session keeps its port").toContain("remote port forwarding failed for listen port 15000");
    const result = await stream.finish();
    expect(result).toEqual({ sent: result.sent, received: result.sent, identical: true });
    expect(result.sent).toBeGreaterThan(0);

    session.freeze();
    const back = scene.openTunnel("renewed", 15000);
    await waitForEcho(scene.network, BASTION, 15000, BACK_SECONDS);
    expect(back.isRunning).toBe(true);
  });

  test("bastion certificate signs what the client's own command logs in with, also through an agent", async () => {
    scene.customer.makeKey("dc1.key");
    const signed = await bastion("--client", "dc1", "--ca", "ca", "--public-key", "dc1.key.pub", "--serial", "7", "--json");
    expect(signed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(signed.stdout)).toMatchObject({
      out: join(scene.customer.path, "dc1.key-cert.pub"),
      keyId: "acme/dc1/7",
      principals: ["dc1"],
      serial: "7",
    });
    scene.open((scene.outputs.clients.find(({ name }) => name === "dc1")?.command ?? "").replace(/\s*\\?\n\s*/g, " "));
    await waitForEcho(scene.network, BASTION, 15000);
    await waitUntil("its session in the status", () => sessions().some(({ certificate }) => certificate?.keyId === "acme/dc1/7"));
    const { stdout: described } = await scene.network.run("ssh-keygen", ["-L", "-f", "dc1.key-cert.pub"], { cwd: scene.customer.path });
    expect(described).toMatch(/Critical Options: \(none\)\s+Extensions: \s+permit-port-forwarding\s*$/);

    expect(await bastion("--client", "dc2", "--ca", "other-ca", "--public-key", "dc1.key.pub")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: SHA256:\S+ is no authority of client dc2; there is: SHA256:\S+, SHA256:\S+\n$/),
    });
    rmSync(join(scene.customer.path, "dc1.key-cert.pub"));
    const command = `node ${MAIN} certificate acme --client dc1 --ca $C/rsa-ca.pub --public-key $C/dc1.key.pub`;
    const throughAgent = await scene.network.attempt(
      "ssh-agent",
      ["sh", "-c", `ssh-add -q $C/rsa-ca && mv $C/rsa-ca $C/hidden && ${command}`],
      {
        cwd: scene.deployment.folder,
        env: { ...env(), C: scene.customer.path },
        timeout: 60_000,
      },
    );
    await scene.network.run("mv", ["hidden", "rsa-ca"], { cwd: scene.customer.path });
    expect(throughAgent).toMatchObject({ exitCode: 0 });
    expect(scene.customer.read("dc1.key-cert.pub")).toMatch(/^ssh-ed25519-cert-v01@openssh\.com /);
  });

  test("an authority that is taken out ends the sessions of its certificates, and no other", async () => {
    await certify(scene.customer, "ca", "mine", "-n dc1");
    await certify(scene.customer, "ca", "theirs", "-n second-site");
    const mine = scene.openTunnel("mine", 15000);
    const theirs = scene.openTunnel("theirs", 15001);
    await waitForEcho(scene.network, BASTION, 15000);
    await waitForEcho(scene.network, BASTION, 15001);
    const stream = await ChecksummedStream.start(scene.network, BASTION, 15001);
    streams.push(stream);
    await scene.up(peers(authorities, authorities.slice(1)));
    await mine.ended();
    await expectRefusal("mine");
    await certify(scene.customer, "rsa-ca", "mine", "-n dc1");
    scene.openTunnel("mine", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    streams.splice(0);
    const result = await stream.finish();
    expect(result).toEqual({ sent: result.sent, received: result.sent, identical: true });
    expect(theirs.isRunning).toBe(true);
  });

  test("an authority gives way to the next one, and no stream loses a byte", async () => {
    const next = scene.customer.makeKey("next-ca");
    const expectWhole = async (stream: ChecksummedStream) => {
      const result = await stream.finish();
      expect(result).toEqual({ sent: result.sent, received: result.sent, identical: true });
      expect(result.sent).toBeGreaterThan(0);
    };
    const open = async (key: string, port: number) => {
      const session = scene.openTunnel(key, port);
      await waitForEcho(scene.network, BASTION, port);
      return { session, stream: await ChecksummedStream.start(scene.network, BASTION, port) };
    };
    await scene.up(peers(authorities));
    await certify(scene.customer, "ca", "mine", "-n dc1");
    await certify(scene.customer, "ca", "theirs", "-n second-site");
    const [mine, theirs] = [await open("mine", 15000), await open("theirs", 15001)];

    await scene.up(peers([...authorities, next]));
    const moved = [];
    for (const { old, key, port, principal } of [
      { old: mine, key: "mine-next", port: 15000, principal: "dc1" },
      { old: theirs, key: "theirs-next", port: 15001, principal: "second-site" },
    ]) {
      await certify(scene.customer, "next-ca", key, `-n ${principal}`);
      await expectWhole(old.stream);
      await old.session.end();
      moved.push(await open(key, port));
    }

    await scene.up(peers([next]));
    await expectRefusal("mine");
    for (const { session, stream } of moved) {
      await expectWhole(stream);
      expect(session.isRunning).toBe(true);
    }
  });

  /** Makes a key pair, and has an authority sign it. */
  async function certify(customer: CustomerFolder, ca: string, key: string, words: string, options = "-O clear -O permit-port-forwarding") {
    for (const file of [key, `${key}.pub`, `${key}-cert.pub`]) rmSync(join(customer.path, file), { force: true });
    customer.makeKey(key);
    await scene.network.run("sh", ["-c", `ssh-keygen -q -s ${ca} -I 'id of ${key}' ${options} ${words} ${key}.pub`], {
      cwd: customer.path,
    });
  }

  async function expectRefusal(key: string): Promise<void> {
    const { exitCode, stderr } = await scene.customer.type(`ssh ${LOGIN} -N -i ${key} tunnel@${BASTION}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 255, stderr: expect.stringContaining("Permission denied (publickey).") });
  }

  async function fingerprintOf(key: string): Promise<string> {
    return (await scene.network.run("ssh-keygen", ["-l", "-f", `${key}.pub`], { cwd: scene.customer.path })).stdout.split(" ")[1] ?? "";
  }

  function sessions(): Status["sessions"] {
    return (JSON.parse(readFileSync(join(scene.deployment.bastionFolder, "run/status.json"), "utf8")) as Status).sessions;
  }

  /** Runs `bastion certificate` with the files of the customer's folder. */
  function bastion(...args: readonly string[]) {
    const paths = args.map((word, index) =>
      ["--ca", "--public-key"].includes(args[index - 1] ?? "") ? join(scene.customer.path, word) : word,
    );
    return scene.network.attempt("node", [MAIN, "certificate", "acme", ...paths], {
      cwd: scene.deployment.folder,
      env: env(),
      timeout: 60_000,
    });
  }

  function env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      NO_COLOR: "1",
      PULUMI_BACKEND_URL: `file://${scene.deployment.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  }
});

/** A moment as `ssh-keygen -V` has it, in the time zone of this machine. */
function localTime(moment: number): string {
  const local = new Date(moment - new Date(moment).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "");
}
