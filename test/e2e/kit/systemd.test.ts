import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderKit } from "../../../components/kit/kit.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { Scene } from "../support/bastion-scene.ts";
import { describeWithMachines } from "../support/cloud.ts";
import { BASTION, PLATFORM } from "../support/network.ts";
import { connectTo, waitForEcho } from "../support/platform.ts";
import { LOCAL } from "../support/site.ts";
import { waitUntil } from "../support/wait.ts";
import { CustomerMachine } from "./customer-machine.ts";

const SERVICE = "reverse-bastion-tunnel-acme-dc1";
const USER = "reverse-bastion-tunnel";
const ETC = `/etc/${SERVICE}`;
const KIT = `/usr/local/share/${SERVICE}`;
const INSTALL = ["sh", `${KIT}/systemd/install.sh`] as const;
const OPEN = `The tunnels are open, and are kept open: systemctl status ${SERVICE}\n`;

const LEARNED = `/var/lib/${SERVICE}/known_hosts`;
const FILE: Partial<CustomerFile> = {
  clientCidrs: [`${CustomerMachine.ADDRESS}/32`],
  consumerCidrs: [`${PLATFORM}/32`],
  tunnels: [{ name: "orders", destination: `127.0.0.1:${CustomerMachine.ECHO}`, bindPort: 15000 }],
  clients: [{ name: "dc1", generateKey: "ed25519" }],
};

describeWithMachines("a customer's machine that was made from the kit's cloud-config", () => {
  let scene: Scene;
  let machine: CustomerMachine;
  let key: string;

  beforeAll(async () => {
    scene = await Scene.set(() => FILE, { site: LOCAL });
    key = scene.outputs.clientPrivateKeys.dc1 ?? "";
    const kit = renderKit({ customer: "acme", description: scene.outputs, client: "dc1" });
    const cloudConfig = kit.find(({ path }) => path === "cloud-init.yaml")?.content ?? "";
    machine = await CustomerMachine.boot(scene.network, cloudConfig, { keyPath: `${KIT}/dc1.key`, key });
  }, 600_000);

  afterAll(async () => {
    await machine?.remove();
    await scene?.remove();
  });

  const waitForTunnel = () => waitForEcho(scene.network, BASTION, 15000);
  const waitForRefusal = () =>
    waitUntil("the port to be closed", async () => (await connectTo(scene.network, BASTION, 15000)) === "refused");
  const properties = (...names: readonly string[]) =>
    machine.inside("systemctl", "show", "--value", ...names.map((name) => `--property=${name}`), SERVICE);
  const mainProcess = () => properties("MainPID");
  const putKey = (content: string) => machine.inside("sh", "-c", 'umask 077; printf %s "$1" >"$2"', "sh", content, `${KIT}/dc1.key`);

  /** Ends its supervisor, which would start sshd anew, and then sshd with all of its sessions. */
  const killBastion = async () => {
    process.kill(Number(readFileSync(join(scene.deployment.bastionFolder, "run/supervisor.pid"), "utf8")), "SIGKILL");
    const { stdout } = await scene.network.run("ip", ["netns", "pids", scene.network.name]);
    const isSshd = (pid: string) => existsSync(`/proc/${pid}/comm`) && readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("sshd");
    for (const pid of stdout.split("\n").filter(Boolean).filter(isSshd)) process.kill(Number(pid), "SIGKILL");
  };

  test("opens the tunnel at its first start, and cloud-init has nothing to complain of", async () => {
    await waitForTunnel();
    const { errors, recoverable_errors } = JSON.parse(await machine.inside("cloud-init", "status", "--wait", "--format=json")) as Record<
      string,
      unknown
    >;
    expect({ errors, recoverable_errors }).toEqual({ errors: [], recoverable_errors: {} });
    expect(await machine.inside("systemctl", "is-active", SERVICE)).toBe("active");
    expect(await machine.inside("systemctl", "--failed", "--plain", "--no-legend")).toBe("");
  });

  test("runs ssh as a user of its own that can read the key, and can change nothing", async () => {
    expect(await machine.inside("ps", "-o", "user:32=,comm=", "-p", await mainProcess())).toMatch(new RegExp(`^${USER} +ssh$`));
    const modes = await machine.inside("sh", "-c", 'cd "$1" && stat -c "%n %a %U %G" . *', "sh", ETC);
    expect(modes.split("\n")).toEqual([
      `. 750 root ${USER}`,
      ...["dc1.key", "known_hosts", "ssh_config"].map((file) => `${file} 440 root ${USER}`),
    ]);
    expect(await machine.inside("getent", "passwd", USER)).toMatch(/:\/nonexistent:\/usr\/sbin\/nologin$/);
  });

  test("is left alone by an installation that changes nothing", async () => {
    const before = await mainProcess();
    const { exitCode, stdout, stderr } = await machine.attempt(...INSTALL);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(
      `${OPEN}The service has its own copy of the key, in ${ETC}. ${KIT}/dc1.key is only for the doctor and connect.sh.\n`,
    );
    expect(await mainProcess()).toBe(before);
  });

  test("needs the kit's copy of the key no longer", async () => {
    await machine.inside("rm", `${KIT}/dc1.key`);
    expect(await machine.attempt(...INSTALL)).toEqual({ exitCode: 0, stdout: OPEN, stderr: "" });
  });

  test("learns the bastion's next host keys, and an installation of the same kit leaves it what it has learned", async () => {
    expect(await machine.inside("stat", "-c", "%a %U", LEARNED)).toBe(`600 ${USER}`);
    await scene.up({ ...FILE, announceNextHostKeys: true });
    await machine.inside("systemctl", "restart", SERVICE);
    const linesOf = (text: string) => text.trim().split("\n").sort();
    const known = linesOf(scene.outputs.knownHosts);
    await waitUntil("four host keys", async () => linesOf(await machine.inside("cat", LEARNED)).join() === known.join());
    expect(await machine.attempt(...INSTALL)).toEqual({ exitCode: 0, stdout: OPEN, stderr: "" });
    expect(linesOf(await machine.inside("cat", LEARNED))).toEqual(known);
    await waitForTunnel();
  });

  test("has the tunnel back after its ssh was killed", async () => {
    const before = await mainProcess();
    await machine.inside("kill", "-KILL", before);
    await waitUntil("another ssh", async () => !["0", before].includes(await mainProcess()));
    await waitForTunnel();
  });

  test("has the tunnel back after a reboot", async () => {
    await machine.reboot();
    await waitForRefusal();
    await waitForTunnel();
  });

  test("has the tunnel back after a minute without a network, however often it has tried", async () => {
    const restarts = Number(await properties("NRestarts"));
    await scene.network.run("nft", ["add table inet partition; add chain inet partition out { type filter hook output priority 0; }"]);
    await scene.network.run("nft", [`add chain inet partition in { type filter hook input priority 0; }`]);
    await scene.network.run("nft", [`add rule inet partition out ip daddr ${CustomerMachine.ADDRESS} drop`]);
    await scene.network.run("nft", [`add rule inet partition in ip saddr ${CustomerMachine.ADDRESS} drop`]);
    await waitUntil("ssh to have noticed, and to have tried again", async () => Number(await properties("NRestarts")) >= restarts + 2);
    expect(await machine.attempt("systemctl", "is-active", SERVICE)).toMatchObject({ stdout: expect.stringMatching(/^activating$/m) });
    await scene.network.run("nft", ["delete table inet partition"]);
    await waitForTunnel();
    await waitUntil("the unit to say so", async () => (await properties("ActiveState")) === "active");
  });

  test("has the tunnel back after the bastion was down", async () => {
    const restarts = Number(await properties("NRestarts"));
    await killBastion();
    await waitUntil("some tries that fail", async () => Number(await properties("NRestarts")) >= restarts + 2);
    expect(await connectTo(scene.network, BASTION, 2222)).toBe("refused");
    await scene.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    await scene.deployment.up();
    await waitForTunnel();
  });

  test("says at the installation why the tunnel does not open, and goes on trying", async () => {
    scene.customer.makeKey("stranger");
    await putKey(scene.customer.read("stranger"));
    const { exitCode, stdout, stderr } = await machine.attempt(...INSTALL);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(`tunnel@${BASTION}: Permission denied (publickey)`);
    expect(stderr).toContain("install.sh: The tunnels did not open; ssh's reason is above.");
    await waitUntil("a further try", async () => Number(await properties("NRestarts")) >= 2);
    await putKey(key);
    expect((await machine.attempt(...INSTALL)).exitCode).toBe(0);
    await waitForTunnel();
  });

  test.each([
    ["is no key", "not a key\n"],
    ["has a passphrase", undefined],
  ])("refuses a key that %s, and leaves the tunnel as it is", async (_what, content) => {
    const before = await mainProcess();
    if (content !== undefined) await putKey(content);
    else {
      await machine.inside("rm", "-f", `${KIT}/dc1.key`);
      await machine.inside("ssh-keygen", "-q", "-t", "ed25519", "-N", "a passphrase", "-f", `${KIT}/dc1.key`);
    }
    const { exitCode, stderr } = await machine.attempt(...INSTALL);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringContaining("install.sh: dc1.key is not a private key that OpenSSH can read, or it has a passphrase"),
    });
    expect(await mainProcess()).toBe(before);
  });

  test("leaves nothing behind when it is uninstalled, also a second time, and says where a key belongs", async () => {
    for (const _time of [1, 2]) expect((await machine.attempt(...INSTALL, "--uninstall")).exitCode).toBe(0);
    await waitForRefusal();
    await machine.inside("rm", "-rf", `${KIT}/dc1.key`, `${KIT}/dc1.key.pub`);
    expect((await machine.attempt("getent", "passwd", USER)).stdout).toBe("");
    expect((await machine.attempt("getent", "group", USER)).stdout).toBe("");
    const left = await machine.inside(
      "sh",
      "-c",
      `find /etc /run /var /tmp -name '*${USER}*' ! -path '/var/lib/cloud/*'; systemctl list-units --all --plain --no-legend '${USER}*'`,
    );
    expect(left).toBe("");
    const { exitCode, stderr } = await machine.attempt(...INSTALL);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: `install.sh: The key is not here. You get it separately from the other files; put it at ${KIT}/dc1.key.\n`,
    });
    expect((await machine.attempt("getent", "passwd", USER)).stdout).toBe("");
  });

  test("says what is wrong with the call", async () => {
    expect(await machine.attempt(...INSTALL, "--unistall")).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "install.sh: usage: install.sh [--uninstall]\n",
    });
    expect(await machine.attempt("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", ...INSTALL)).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: "install.sh: This needs root: sudo sh install.sh\n",
    });
  });
});
