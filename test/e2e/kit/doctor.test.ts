import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { BastionDescription } from "../../../components/core/describe-bastion.ts";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import { BASTION, type Finished, PLATFORM } from "../support/network.ts";
import { connectTo, waitForEcho } from "../support/platform.ts";
import { describeAsRoot } from "../support/root.ts";
import { LOCAL } from "../support/site.ts";
import { waitUntil } from "../support/wait.ts";
import { KitFolder } from "./kit-folder.ts";

const PROGRAMS = resolve(import.meta.dirname, "../support/programs");
const MAIN = resolve(import.meta.dirname, "../../../scripts/bastion/main.ts");
const HEALTHY_STEPS = ["files", "name", "tcp", "banner", "host key", "login", "bind", "data source"];

interface Said {
  readonly exitCode: number;
  readonly diagnosis?: string;
  readonly side?: string;
  readonly seen?: string;
  readonly note?: string;
  readonly steps: readonly { readonly step: string; readonly seen: string }[];
}

interface PlatformSaid {
  readonly exitCode: number;
  readonly checks: readonly { readonly step: string; readonly subject: string; readonly result: string; readonly diagnosis?: string }[];
  readonly faults: readonly { readonly diagnosis: string; readonly side: string }[];
}

describeAsRoot("doctor", () => {
  let scene: Scene;
  let kit: KitFolder;
  let config: string;
  const started: ChildProcess[] = [];
  const otherKits: KitFolder[] = [];

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        tunnels: [
          { name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 },
          { name: "billing", destination: `127.0.0.1:${ECHO}`, bindPort: 15001 },
          { name: "flow", destination: `127.0.0.1:${ECHO}`, bindAddress: "loopback", bindPort: 8080 },
        ],
        clients: [
          { name: "dc1", generateKey: "ed25519", tunnels: ["orders", "flow"] },
          { name: "old", generateKey: "ed25519", tunnels: ["orders"], expiresAt: "2020-01-01" },
          { name: "elsewhere", generateKey: "ed25519", tunnels: ["orders"], sourceCidrs: [`${PLATFORM}/32`] },
          { name: "signed", generateKey: "ed25519", certificateAuthorities: [customer.makeKey("ca")], tunnels: ["orders"] },
        ],
        consumers: [{ name: "reader", generateKey: "rsa-pem", tunnels: ["orders", "flow"] }],
      }),
      { site: LOCAL },
    );
    kit = new KitFolder(scene.outputs, "dc1");
    config = readFileSync(join(kit.path, "ssh_config"), "utf8");
  });

  afterEach(async () => {
    const mayHoldPorts = started.length > 0;
    for (const child of started.splice(0)) await end(child);
    for (const other of otherKits.splice(0)) other.remove();
    kit.writeKey();
    kit.write("known_hosts", scene.outputs.knownHosts);
    kit.write("ssh_config", config);
    if (mayHoldPorts) await waitUntil("the tunnels to be down", async () => (await connectTo(scene.network, BASTION, 15000)) === "refused");
  });

  afterAll(async () => {
    kit?.remove();
    await scene?.remove();
  });

  const kitOf = (client: string, outputs = scene.outputs) => {
    const other = new KitFolder(outputs, client);
    otherKits.push(other);
    return other;
  };

  const start = (command: string, folder = kit.path) => {
    const child = scene.network.start("sh", ["-c", `exec ${command}`], { cwd: folder, stdio: "ignore" });
    started.push(child);
    return child;
  };

  const startStranger = async (port: number, kind: string, host = "0.0.0.0") => {
    const child = scene.network.start("node", [join(PROGRAMS, "stranger-server.ts"), host, `${port}`, kind], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    await once(child.stdout as NodeJS.ReadableStream, "data");
  };

  const openTunnel = async () => {
    const agent = start("ssh -F ssh_config -N -T bastion");
    await waitForEcho(scene.network, BASTION, 15000);
    return agent;
  };

  describe("doctor.sh, at the customer's end", () => {
    const run = (...args: readonly string[]): Promise<Finished> =>
      scene.network.attempt("sh", [join(kit.path, "doctor.sh"), ...args], { cwd: "/", timeout: 120_000, killSignal: "SIGKILL" });

    const examine = async (folder = kit.path): Promise<Said> => {
      const { exitCode, stdout, stderr } = await scene.network.attempt("sh", [join(folder, "doctor.sh"), "--json"], { timeout: 120_000 });
      expect(stderr).toBe("");
      const said = JSON.parse(stdout) as Said;
      expect(said.exitCode).toBe(exitCode);
      return said;
    };

    const change = (from: string | RegExp, to: string) => kit.write("ssh_config", config.replace(from, to));

    const expectFault = ({ exitCode, diagnosis, side }: Said, expected: string, whose: "customer" | "platform" | "undecided") => {
      expect({ diagnosis, side, exitCode }).toEqual({
        diagnosis: expected,
        side: whose,
        exitCode: { customer: 10, platform: 11, undecided: 12 }[whose],
      });
    };

    test("has nothing to say against a healthy one, whose tunnels are down", async () => {
      const { exitCode, note, steps } = await examine();
      expect({ exitCode, note }).toEqual({ exitCode: 0, note: expect.stringContaining("no tunnel is up from this machine") });
      expect([...new Set(steps.map(({ step }) => step))]).toEqual(HEALTHY_STEPS);
      expect(await connectTo(scene.network, BASTION, 15000)).toBe("refused");
    });

    test("nor against one whose tunnels are up, and leaves them up", async () => {
      const agent = await openTunnel();
      const { exitCode, stdout } = await run();
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining("port taken by a live agent") });
      expect(stdout.trim().split("\n").at(-1)).toBe(
        `doctor.sh: healthy: everything works, and the tunnels are up: port taken by a live agent (process ${agent.pid})`,
      );
      expect(agent.exitCode).toBe(null);
      await waitForEcho(scene.network, BASTION, 15000);
    });

    test("says for a person what it means, whose side it is on and what to do, and ends with one line", async () => {
      rmSync(join(kit.path, "dc1.key"));
      expect(await run()).toEqual({
        exitCode: 10,
        stderr: "",
        stdout: `FAIL  files        there is no file ${kit.path}/dc1.key

It means:  The private key is not here. It is not part of the kit; it is delivered separately.
Whose:     your side
To do:     Put the key beside doctor.sh, as dc1.key.

doctor.sh: key-missing: your side
`,
      });
    });

    test("knows no --help, and says what it knows", async () => {
      expect(await run("--help")).toEqual({ exitCode: 2, stdout: "", stderr: "doctor.sh: usage: doctor.sh [--json]\n" });
    });

    test.each([
      { fault: "a missing known_hosts", named: "known-hosts-missing", inject: () => rmSync(join(kit.path, "known_hosts")) },
      { fault: "a missing ssh_config", named: "ssh-config-missing", inject: () => rmSync(join(kit.path, "ssh_config")) },
      { fault: "an ssh_config that is none", named: "ssh-config-invalid", inject: () => kit.write("ssh_config", "Hots bastion\n") },
      { fault: "a key that others can read", named: "key-too-open", inject: () => chmodSync(join(kit.path, "dc1.key"), 0o644) },
      { fault: "a key that is cut off", named: "key-damaged", inject: () => kit.writeKey(kit.key.slice(0, 120)) },
      {
        fault: "a key with a passphrase",
        named: "key-has-passphrase",
        inject: async () => {
          await scene.network.run("ssh-keygen", ["-q", "-p", "-P", "", "-N", "secret", "-f", join(kit.path, "dc1.key")]);
        },
      },
      { fault: "a client without -R", named: "no-forward", inject: () => change(/ {4}RemoteForward .*\n/g, "") },
      { fault: "a bind on loopback where the network was meant", named: "loopback-bind", inject: () => change("0.0.0.0:15000", "15000") },
    ])("names $fault, before it dials: $named", async ({ named, inject }) => {
      await inject();
      const said = await examine();
      expectFault(said, named, "customer");
      expect(said.steps).toEqual([]);
    });

    test.each([
      { fault: "a name that does not resolve", named: "name-unknown", side: "customer", last: "files", host: "bastion.invalid" },
      { fault: "an address without a way to it", named: "no-route", side: "customer", last: "name", host: "198.18.0.9" },
    ] as const)("names $fault: $named", async ({ named, side, last, host }) => {
      change(`HostName ${BASTION}`, `HostName ${host}`);
      const said = await examine();
      expectFault(said, named, side);
      expect(said.steps.at(-1)?.step).toBe(last);
    });

    test("names a closed port: connection-refused", async () => {
      change("Port 2222", "Port 2223");
      expectFault(await examine(), "connection-refused", "customer");
    });

    test("names a firewall that drops: connection-timeout", async () => {
      await scene.network.run("nft", ["add table inet doctor; add chain inet doctor in { type filter hook input priority 0; }"]);
      await scene.network.run("nft", ["add rule inet doctor in tcp dport 2224 drop"]);
      kit.write("ssh_config", config.replace("Port 2222", "Port 2224").replace("ConnectTimeout 10", "ConnectTimeout 1"));
      expectFault(await examine(), "connection-timeout", "undecided");
    });

    test.each([
      { fault: "an HTTP server on the SSH port", kind: "http", named: "not-ssh", side: "undecided" },
      { fault: "sshd in a penalty", kind: "penalty", named: "in-penalty", side: "customer" },
      { fault: "a load balancer with nothing behind it", kind: "silent", named: "no-banner", side: "undecided" },
      { fault: "a device that ends the connection", kind: "closing", named: "closed-before-ssh", side: "customer" },
    ] as const)("names $fault: $named", async ({ kind, named, side }) => {
      await startStranger(2225, kind);
      kit.write("ssh_config", config.replace("Port 2222", "Port 2225").replace("ConnectTimeout 10", "ConnectTimeout 1"));
      const said = await examine();
      expectFault(said, named, side);
      expect(said.steps.at(-1)?.step).toBe("tcp");
    });

    test("names another host key, with what answered: host-key-changed", async () => {
      const other = scene.customer.makeKey("other-host").split(" ").slice(0, 2).join(" ");
      kit.write("known_hosts", `[${BASTION}]:2222 ${other}\n`);
      const said = await examine();
      expectFault(said, "host-key-changed", "platform");
      const { fingerprint } = scene.outputs.hostKeys.find(({ type }) => type === "ssh-ed25519") ?? { fingerprint: "none" };
      expect(said.seen).toContain(fingerprint);
      expect(said.steps.at(-1)?.step).toBe("banner");
    });

    test("names a known_hosts of another kit: host-key-not-pinned", async () => {
      kit.write("known_hosts", scene.outputs.knownHosts.replaceAll(BASTION, "192.0.2.77"));
      expectFault(await examine(), "host-key-not-pinned", "customer");
    });

    test("names another key, by its fingerprint: key-wrong", async () => {
      scene.customer.makeKey("stranger");
      kit.writeKey(scene.customer.read("stranger"));
      const said = await examine();
      expectFault(said, "key-wrong", "customer");
      expect(said.seen).toMatch(/Permission denied .*; the key is SHA256:/);
    });

    test.each([
      { fault: "an expired key", client: "old" },
      { fault: "a key that may not be used from here", client: "elsewhere" },
    ])("names $fault: key-refused", async ({ client }) => {
      const said = await examine(kitOf(client).path);
      expectFault(said, "key-refused", "platform");
      expect(said.steps.at(-1)?.step).toBe("host key");
    });

    /** The kit of a client with a key that only a certificate lets in. */
    const kitWithCertificate = async (words: string, options = "-O clear -O permit-port-forwarding") => {
      const { customer } = scene;
      for (const key of ["own", "other-ca", "another"])
        for (const file of [key, `${key}.pub`]) rmSync(join(customer.path, file), { force: true });
      for (const key of ["own", "other-ca", "another"]) customer.makeKey(key);
      const signed = kitOf("signed");
      signed.writeKey(customer.read("own"));
      if (words === "") return signed;
      const [ca, subject] = [words.includes("other-ca") ? "other-ca" : "ca", words.includes("another") ? "another" : "own"];
      const said = words.replace(/other-ca|another/, "");
      await scene.network.run("sh", ["-c", `ssh-keygen -q -s ${ca} -I 'an id' -z 7 ${options} ${said} ${subject}.pub`], {
        cwd: customer.path,
      });
      signed.write("signed.key-cert.pub", customer.read(`${subject}-cert.pub`));
      return signed;
    };

    test.each([
      {
        fault: "no certificate",
        named: "certificate-missing",
        words: "",
        seen: /^there is no file \S+signed\.key-cert\.pub; the key is SHA256:/,
      },
      {
        fault: "one that has expired",
        named: "certificate-expired",
        words: "-n signed -V -2h:-1h",
        seen: /valid from \S+ to \S+; this machine's clock says \S+$/,
      },
      {
        fault: "one of a clock that is ahead",
        named: "certificate-not-yet-valid",
        words: "-n signed -V +1h:+2h",
        seen: /valid from \S+ to \S+; this machine's clock says \S+$/,
      },
      {
        fault: "one for somebody else",
        named: "certificate-wrong-principal",
        words: "-n dc1,x",
        seen: /^the certificate is for dc1 x and has to be for signed $/,
      },
      { fault: "one for nobody", named: "certificate-wrong-principal", words: "-z 1", seen: /is for nobody and has to be for signed $/ },
      {
        fault: "one of another authority",
        named: "certificate-wrong-authority",
        words: "other-ca -n signed",
        seen: /^the certificate is signed by SHA256:/,
      },
      {
        fault: "one of another key",
        named: "certificate-wrong-key",
        words: "another -n signed",
        seen: /^the certificate is of ED25519-CERT SHA256:/,
      },
      { fault: "one for a host", named: "certificate-damaged", words: "-h -n signed", options: "", seen: /host certificate$/ },
      {
        fault: "one that allows nothing",
        named: "certificate-no-forwarding",
        words: "-n signed",
        options: "-O clear",
        seen: /lacks permit-port-forwarding$/,
      },
    ])("of certificates it names $fault: $named", async ({ named, words, options, seen }) => {
      const said = await examine((await kitWithCertificate(words, options)).path);
      expectFault(said, named, "customer");
      expect(said.seen).toMatch(seen);
      expect(said.steps.at(-1)?.step).toBe(named === "certificate-no-forwarding" ? "login" : "host key");
    });

    test("names a certificate that is cut off: certificate-damaged", async () => {
      const signed = await kitWithCertificate("-n signed");
      signed.write("signed.key-cert.pub", readFileSync(join(signed.path, "signed.key-cert.pub"), "utf8").slice(0, 200));
      expectFault(await examine(signed.path), "certificate-damaged", "customer");
    });

    test("names a bastion whose clock is another one than this machine's, with the times: certificate-refused", async () => {
      const signed = await kitWithCertificate("-n signed -V 20200101000000:20200102000000");
      signed.write("bin/date", "#!/bin/sh\necho 2020-01-01T12:00:00\n", 0o755);
      const { stdout } = await scene.network.attempt("sh", [join(signed.path, "doctor.sh"), "--json"], {
        env: { ...process.env, PATH: `${signed.path}/bin:${process.env.PATH}` },
      });
      const said = JSON.parse(stdout) as Said;
      expectFault(said, "certificate-refused", "undecided");
      expect(said.seen).toMatch(/this machine's clock says 2020-01-01T12:00:00; serial 7, key id "an id"$/);
    });

    test("has nothing to say against a certificate that is right, whatever this machine's clock says", async () => {
      const signed = await kitWithCertificate("-n signed");
      signed.write("bin/date", "#!/bin/sh\necho 1999-01-01T00:00:00\n", 0o755);
      const { exitCode, stdout } = await scene.network.attempt("sh", [join(signed.path, "doctor.sh"), "--json"], {
        env: { ...process.env, PATH: `${signed.path}/bin:${process.env.PATH}` },
      });
      expect({ exitCode, healthy: (JSON.parse(stdout) as { healthy: boolean }).healthy }).toEqual({ exitCode: 0, healthy: true });
    });

    test("names a tunnel that has been taken away: forward-not-permitted", async () => {
      const earlier = {
        ...scene.outputs,
        clients: scene.outputs.clients.map((one) => (one.name === "dc1" ? { ...one, tunnels: ["orders", "billing"] } : one)),
      };
      const said = await examine(kitOf("dc1", earlier).path);
      expectFault(said, "forward-not-permitted", "platform");
      expect(said.seen).toContain("tunnel billing");
    });

    test("names an ssh that has the port and has been stopped: agent-frozen", async () => {
      const agent = await openTunnel();
      agent.kill("SIGSTOP");
      const said = await examine();
      agent.kill("SIGKILL");
      expectFault(said, "agent-frozen", "customer");
      expect(said.seen).toContain(`process ${agent.pid} `);
    });

    test("names a port that is taken from elsewhere: port-taken", async () => {
      await startStranger(15000, "silent");
      expectFault(await examine(), "port-taken", "undecided");
    });

    test("names an ssh that is connected and forwards nothing: no-forward", async () => {
      const typed = "ssh -v -F none -o UserKnownHostsFile=known_hosts -o IdentitiesOnly=yes -p 2222 -N -i dc1.key";
      const useless = scene.network.start("sh", ["-c", `exec ${typed} tunnel@${BASTION}`], {
        cwd: kit.path,
        stdio: ["ignore", "ignore", "pipe"],
      });
      started.push(useless);
      let printed = "";
      useless.stderr?.on("data", (data: Buffer) => {
        printed += data.toString();
      });
      await waitUntil("the login", () => printed.includes("Authenticated to"));
      const said = await examine();
      expectFault(said, "no-forward", "customer");
      expect(said.seen).toContain(`process ${useless.pid} `);
    });

    test.each([
      { fault: "no data source", named: "source-refused", destination: "127.0.0.1:1" },
      { fault: "a data source in a network without a way to it", named: "source-unreachable", destination: "198.18.0.9:5432" },
      { fault: "a data source of no known name", named: "source-name-unknown", destination: "db.invalid:5432" },
      { fault: "a data source that closes", named: "source-closes", destination: "127.0.0.1:5999" },
    ])("names $fault: $named", async ({ named, destination }) => {
      await startStranger(5999, "closing", "127.0.0.1");
      change(`127.0.0.1:${ECHO}`, destination);
      const said = await examine();
      expectFault(said, named, "customer");
      expect(said.steps.at(-1)?.step).toBe("bind");
    });
  });

  describe("bastion doctor, at the platform's end", () => {
    const examine = async (description: BastionDescription = scene.outputs, ...identity: readonly string[]): Promise<PlatformSaid> => {
      const file = join(kit.path, "description.json");
      writeFileSync(file, JSON.stringify(description));
      const { stdout } = await scene.network.run("node", [join(PROGRAMS, "examine.ts"), file, ...identity], { cwd: scene.customer.path });
      return JSON.parse(stdout) as PlatformSaid;
    };

    const only = (...names: readonly string[]): BastionDescription => ({
      ...scene.outputs,
      tunnels: scene.outputs.tunnels.filter(({ name }) => names.includes(name)),
    });

    const namedBy = ({ faults, exitCode }: PlatformSaid) => ({
      named: faults.map(({ diagnosis, side }) => `${diagnosis}: ${side}`),
      exitCode,
    });

    test("has nothing to say against a healthy one, also where it reaches loopback as a consumer, and leaves it up", async () => {
      const agent = await openTunnel();
      const { checks, ...said } = await examine(only("orders", "flow"));
      expect(namedBy({ checks, ...said })).toEqual({ named: [], exitCode: 0 });
      expect(checks.map(({ step, result }) => `${step} ${result}`)).toEqual([
        "name ok",
        "tcp ok",
        "banner ok",
        "host key ok",
        "tunnel ok",
        "tunnel skipped",
      ]);
      expect(namedBy(await examine(only("flow"), "reader.key"))).toEqual({ named: [], exitCode: 0 });
      expect(agent.exitCode).toBe(null);
    });

    test("names a tunnel that is down, on the network and on loopback", async () => {
      const said = await examine(only("orders", "flow"), "reader.key");
      expect(namedBy(said)).toEqual({ named: ["tunnel-down: customer"], exitCode: 10 });
      expect(said.checks.filter(({ diagnosis }) => diagnosis !== undefined).map(({ subject }) => subject)).toEqual([
        `orders at ${BASTION}:15000`,
        "flow by ssh -L",
      ]);
    });

    test("names a data source that is down, on the network and on loopback", async () => {
      kit.write("ssh_config", config.replaceAll(`127.0.0.1:${ECHO}`, "127.0.0.1:1"));
      start("ssh -F ssh_config -N -T bastion");
      await waitUntil("the tunnel", async () => (await connectTo(scene.network, BASTION, 15000)) !== "refused");
      const said = await examine(only("orders", "flow"), "reader.key");
      expect(namedBy(said)).toEqual({ named: ["data-source-down: customer"], exitCode: 10 });
      expect(said.checks.filter(({ result }) => result === "failed")).toHaveLength(2);
    });

    test("names a tunnel on loopback that was meant for the network", async () => {
      const consumers = scene.outputs.tunnels.map((one) =>
        one.name === "flow" ? { ...one, consumerAddresses: [`${BASTION}:8080`] } : one,
      );
      await openTunnel();
      const meant = { ...scene.outputs, tunnels: consumers.filter(({ name }) => name === "flow") };
      expect(namedBy(await examine(meant, "reader.key"))).toEqual({ named: ["tunnel-on-loopback: customer"], exitCode: 10 });
    });

    test("names a consumer's key that is none, and a tunnel that is not its", async () => {
      expect(namedBy(await examine(only("flow"), "dc1.key"))).toEqual({ named: ["identity-refused: platform"], exitCode: 11 });
      const onLoopback = only("billing").tunnels.map((one) => ({ ...one, consumerAddresses: [] }));
      expect(namedBy(await examine({ ...scene.outputs, tunnels: onLoopback }, "reader.key"))).toEqual({
        named: ["tunnel-not-permitted: platform"],
        exitCode: 11,
      });
    });

    test("names other host keys", async () => {
      const knownHosts = scene.outputs.knownHosts.replaceAll(/(AAAA\S{20}).{4}/g, "$1AAAA");
      expect(namedBy(await examine({ ...only(), knownHosts }))).toEqual({ named: ["host-key-changed: platform"], exitCode: 11 });
    });

    test.each([
      { fault: "an HTTP server on the SSH port", kind: "http", named: "not-ssh" },
      { fault: "sshd in a penalty", kind: "penalty", named: "in-penalty" },
      { fault: "a server that closes", kind: "closing", named: "no-banner" },
    ])("names $fault", async ({ kind, named }) => {
      await startStranger(2225, kind);
      expect(namedBy(await examine({ ...only(), sshPort: 2225 }))).toEqual({ named: [`${named}: platform`], exitCode: 11 });
    });

    test("names a closed port and a name that does not resolve", async () => {
      expect(namedBy(await examine({ ...only(), sshPort: 2223 }))).toEqual({ named: ["connection-refused: platform"], exitCode: 11 });
      expect(namedBy(await examine({ ...only(), host: "bastion.invalid" }))).toEqual({ named: ["name-unknown: platform"], exitCode: 11 });
    });

    test("ends as it says, with a checklist for a person", async () => {
      const env = {
        ...process.env,
        NO_COLOR: "1",
        PULUMI_BACKEND_URL: `file://${scene.deployment.folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      };
      const { exitCode, stdout, stderr } = await scene.network.attempt("node", [MAIN, "doctor", "acme"], {
        cwd: scene.deployment.folder,
        env,
        timeout: 120_000,
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 10, stderr: "" });
      expect(stdout).toContain(`FAIL  tunnel    orders at ${BASTION}:15000`);
      expect(stdout.trim().split("\n").at(-1)).toBe("acme: tunnel-down (the customer's side)");
    });
  });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await waitUntil("a program to end", () => child.exitCode !== null || child.signalCode !== null);
}
