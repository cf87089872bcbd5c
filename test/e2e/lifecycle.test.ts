import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Scene } from "./support/bastion-scene.ts";
import { customerFile, Deployment } from "./support/deployment.ts";
import { BASTION, Network } from "./support/network.ts";
import { ChecksummedStream, connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

const TUNNELS = [{ name: "orders", bindPort: 15000 }, { name: "billing" }, { name: "flow", bindAddress: "loopback" }];

describeAsRoot("the life of a bastion", () => {
  let scene: Scene;
  const file = {
    tunnels: TUNNELS,
    clients: [{ name: "dc1", generateKey: "ed25519" as const }],
  };
  let directory: string;

  beforeAll(async () => {
    scene = await Scene.set(() => file, { site: LOCAL });
    directory = scene.deployment.bastionFolder;
  });

  afterAll(async () => scene?.remove());

  test("a second up changes nothing, and neither does a refresh", async () => {
    for (const command of [
      ["preview", "--expect-no-changes"],
      ["refresh", "--yes", "--expect-no-changes"],
      ["up", "--yes", "--expect-no-changes"],
    ]) {
      await scene.deployment.pulumi(...command, "--stack", "acme");
    }
  });

  test("adding, removing and reordering tunnels moves nobody's port, also after a refresh and with a new working copy", async () => {
    const ports = () => Object.fromEntries(scene.outputs.tunnels.map(({ name, bindPort }) => [name, bindPort]));
    expect(ports()).toEqual({ orders: 15000, billing: 15001, flow: 15002 });
    await scene.up({ ...file, tunnels: [{ name: "new" }, ...TUNNELS.toReversed()] });
    expect(ports()).toEqual({ new: 15003, flow: 15002, billing: 15001, orders: 15000 });
    await scene.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    await scene.up({ ...file, tunnels: TUNNELS.filter(({ name }) => name !== "billing").concat({ name: "another" }) });
    expect(ports()).toEqual({ orders: 15000, flow: 15002, another: 15004 });
    await scene.deployment.loseWorkingCopy();
    const { knownHosts } = scene.outputs;
    await scene.up({ ...file, tunnels: [{ name: "billing" }, { name: "another" }, ...TUNNELS.filter(({ name }) => name !== "billing")] });
    expect(ports()).toEqual({ billing: 15001, another: 15004, orders: 15000, flow: 15002 });
    expect(scene.outputs.knownHosts).toBe(knownHosts);
    await scene.up(file);
  });

  test("sshd is back after it was killed, and open tunnels do not notice", async () => {
    const session = scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const before = sshdPid();
    process.kill(before, "SIGKILL");
    await waitUntil(
      "another sshd",
      async () => sshdPid() !== before && (await connectTo(scene.network, BASTION, 2222)).startsWith("answered SSH-2.0-"),
    );
    const second = scene.openTunnel("dc1.key", 15001);
    await waitForEcho(scene.network, BASTION, 15001);
    expect({ first: session.isRunning, second: second.isRunning }).toEqual({ first: true, second: true });
    await scene.endSessions();
  });

  test("a change of sshd's own settings is in force when up returns, and open tunnels do not notice", async () => {
    const session = scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    const stream = await ChecksummedStream.start(scene.network, BASTION, 15000);
    await scene.up({ ...file, sshPort: 2223, legacyCiphers: true });
    expect(scene.outputs.endpoint).toBe(`ssh://tunnel@${BASTION}:2223`);
    expect(await connectTo(scene.network, BASTION, 2223)).toMatch(/^answered SSH-2\.0-/);
    expect(await connectTo(scene.network, BASTION, 2222)).toBe("refused");
    const { stderr } = await scene.network.attempt("ssh", ["-vv", "-p", "2223", "-o", "StrictHostKeyChecking=yes", BASTION]);
    expect(stderr).toContain("ciphers stoc: aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr");
    // Left to itself, an OpenSSH client before 10.0 would take AES-CTR here.
    const printed = scene.open(`${scene.outputs.clients[0]?.command}`.replace("ssh ", "ssh -v ").replaceAll(/ -R \S+/g, ""));
    await waitUntil("ssh to say its cipher", () => printed.said.includes("kex: client->server cipher: "));
    expect(printed.said).toContain("kex: client->server cipher: aes128-gcm@openssh.com");
    await scene.up(file);
    const result = await stream.finish();
    expect(result).toEqual({ sent: result.sent, received: result.sent, identical: true });
    expect(session.isRunning).toBe(true);
    await scene.endSessions();
  });

  test("up repairs a bastion whose processes are gone, with the same host keys and ports", async () => {
    const { knownHosts, tunnels } = scene.outputs;
    const supervisor = Number(readFileSync(join(directory, "run/supervisor.pid"), "utf8"));
    const sshd = sshdPid();
    process.kill(supervisor, "SIGKILL");
    await waitUntil("sshd to follow its supervisor", () => !existsSync(`/proc/${sshd}`));
    const { stdout } = await scene.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    expect(stdout).toMatch(/acme-sshd\s+updated/);
    await scene.up(file);
    expect({ knownHosts: scene.outputs.knownHosts, tunnels: scene.outputs.tunnels }).toEqual({ knownHosts, tunnels });
    scene.openTunnel("dc1.key", 15000);
    await waitForEcho(scene.network, BASTION, 15000);
    await scene.endSessions();
  });

  test("nothing secret is readable by others, in plain state, in logs or in process arguments", async () => {
    const secrets = [
      ...Object.values(scene.outputs.clientPrivateKeys),
      readFileSync(join(directory, "etc/ssh_host_ed25519_key"), "utf8"),
      readFileSync(join(directory, "etc/ssh_host_ecdsa_key"), "utf8"),
    ];
    const needles = secrets.map((key) => key.split("\n")[3] ?? "").filter((line) => line.length > 20);
    expect(needles).toHaveLength(3);

    const state = filesBelow(join(scene.deployment.folder, "state"));
    expect(state.length).toBeGreaterThan(0);
    for (const path of state) for (const needle of needles) expect(readFileSync(path, "utf8").includes(needle), path).toBe(false);
    for (const path of filesBelow(directory)) {
      const text = readFileSync(path, "utf8");
      const isSecret = needles.some((needle) => text.includes(needle));
      if (isSecret) expect({ path, mode: (statSync(path).mode & 0o777).toString(8) }).toEqual({ path, mode: "600" });
      if (isSecret) expect(path).toMatch(/\/etc\/ssh_host_\w+_key$|\/live\/host-keys\/[0-9a-f]{64}$/);
    }
    const { stdout: shown } = await scene.deployment.pulumi("preview", "--diff", "--stack", "acme");
    const { stdout: outputs } = await scene.deployment.pulumi("stack", "output", "--json", "--stack", "acme");
    const processes = readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid))
      .map((pid) => readArguments(pid))
      .join("\n");
    for (const needle of needles) for (const text of [shown, outputs, processes]) expect(text.includes(needle)).toBe(false);
  });

  test("the login users have no shell and no password", () => {
    const [tunnel, consumer] = ["tunnel", "consumer"].map((user) =>
      execFileSync("getent", ["passwd", user], { encoding: "utf8" }).trim().split(":"),
    );
    expect(tunnel?.[6]).toBe("/usr/sbin/nologin");
    expect(consumer?.slice(2, 4)).toEqual(tunnel?.slice(2, 4));
    expect(execFileSync("getent", ["shadow", "tunnel"], { encoding: "utf8" }).split(":")[1]).toBe("*");
  });

  function sshdPid(): number {
    return (JSON.parse(readFileSync(join(directory, "run/status.json"), "utf8")) as { sshd: { pid: number } }).sshd.pid;
  }
});

describeAsRoot("the end of a bastion", () => {
  test("destroy ends every process, and removes the folder and the stack's resources", async () => {
    const scene = await Scene.set(
      () => ({
        clients: [{ name: "dc1", generateKey: "ed25519" }],
      }),
      { site: LOCAL },
    );
    try {
      const session = scene.openTunnel("dc1.key", 15000);
      await waitForEcho(scene.network, BASTION, 15000);
      await scene.deployment.pulumi("destroy", "--yes", "--stack", "acme");
      await session.ended();
      const { stdout: pids } = await scene.network.run("sh", [
        "-c",
        `ip netns pids ${scene.network.name} | xargs -r ps -o comm= -p | grep -E 'sshd|python' || true`,
      ]);
      expect(pids).toBe("");
      expect(existsSync(scene.deployment.bastionFolder)).toBe(false);
      const { stdout } = await scene.deployment.pulumi("stack", "export", "--stack", "acme");
      const { deployment } = JSON.parse(stdout) as { deployment: { resources?: { type: string }[] } };
      expect((deployment.resources ?? []).map(({ type }) => type).filter((type) => type.startsWith("reverse-bastion"))).toEqual([]);
    } finally {
      await scene.remove();
    }
  });
});

describeAsRoot("bad input", () => {
  test("is refused with file, line and path before anything is created, all of it at once, and no key is repeated", async () => {
    const network = await Network.create();
    const deployment = await Deployment.create(network, customerFile({}));
    try {
      const key = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";
      deployment.describe(
        [
          "customer: acme",
          "target: local",
          "clientCidrs: []",
          "consumerCidrs: [10.0.0.5/24]",
          "colour: red",
          "tunnels:",
          "  - { name: orders, bindPort: 2222 }",
          "clients:",
          "  - name: dc1",
          "    publicKeys:",
          `      - "-----BEGIN OPENSSH PRIVATE KEY----- ${key}"`,
          "",
        ].join("\n"),
      );
      const { exitCode, stdout, stderr } = await deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme");
      const printed = stdout + stderr;
      expect(exitCode).not.toBe(0);
      for (const place of [
        "acme.yaml:3 clientCidrs: is empty",
        'acme.yaml:4 consumerCidrs[0]: "10.0.0.5/24" has host bits set',
        "acme.yaml:5 colour: is no field here",
        "acme.yaml:7 tunnels[0].bindPort: got 2222, which is reserved",
        "acme.yaml:11 clients[0].publicKeys[0]: is a PRIVATE key",
      ])
        expect(printed).toContain(place);
      expect(printed).not.toContain(key.slice(0, 20));
      expect(printed).not.toContain("unhandled");
      expect(existsSync(deployment.bastionFolder)).toBe(false);
    } finally {
      await deployment.remove();
      await network.remove();
    }
  });

  test("a folder in which another stack's bastion runs is left alone", async () => {
    const scene = await Scene.set(() => ({ clients: [{ name: "dc1", generateKey: "ed25519" }] }), { site: LOCAL });
    const local = { host: BASTION, directory: scene.deployment.bastionFolder };
    const other = await Deployment.create(scene.network, customerFile({ local }));
    try {
      const { exitCode, stdout } = await other.attempt("up", "--yes", "--skip-preview", "--stack", "acme");
      expect(exitCode).not.toBe(0);
      expect(stdout).toContain(
        `the bastion of another stack is running in ${local.directory}; destroy it there, or give this one a folder`,
      );
      scene.openTunnel("dc1.key", 15000);
      await waitForEcho(scene.network, BASTION, 15000);
    } finally {
      await other.remove();
      expect(existsSync(local.directory)).toBe(true);
      await scene.remove();
    }
  });

  test("a taken SSH port is named, with what to do", async () => {
    const network = await Network.create();
    const deployment = await Deployment.create(network, customerFile({}));
    try {
      const other = network.start("python3", ["-m", "http.server", "2222"], { stdio: "ignore" });
      await waitUntil("the other program", async () => (await network.run("ss", ["-Hltn", "sport = :2222"])).stdout.trim() !== "");
      const { exitCode, stdout } = await deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme");
      expect(exitCode).not.toBe(0);
      expect(stdout).toContain(
        "port 2222 of 127.0.0.1 is taken by another program of this machine; set sshPort to a free one, or end that program",
      );
      other.kill();
    } finally {
      await deployment.remove();
      await network.remove();
    }
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function readArguments(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
