import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import { BASTION } from "../support/network.ts";
import { connectTo, waitForEcho } from "../support/platform.ts";
import { describeAsRoot } from "../support/root.ts";
import { LOCAL } from "../support/site.ts";
import { waitUntil } from "../support/wait.ts";
import { KitFolder } from "./kit-folder.ts";
import { StandInMac } from "./mac/mac.ts";

const LABEL = "reverse-bastion-tunnel-acme-dc1";
const ACCOUNT = "_reversebastion";
const DIRECTORY = `/Library/Application Support/${LABEL}`;
const LOG = `/var/log/${LABEL}.log`;
const PLIST = `/Library/LaunchDaemons/${LABEL}.plist`;
const ROTATION = `/etc/newsyslog.d/${LABEL}.conf`;
const OPEN = `The tunnels are open, and are kept open: launchctl print system/${LABEL}\n`;

describeAsRoot("the kit's installer for macOS, with stand-ins for launchd and dscl", () => {
  let scene: Scene;
  let kit: KitFolder;
  let mac: StandInMac;
  let before: readonly string[];

  beforeAll(async () => {
    scene = await Scene.set(
      () => ({
        tunnels: [{ name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 }],
        clients: [{ name: "dc1", generateKey: "ed25519" }],
      }),
      { site: LOCAL },
    );
    kit = new KitFolder(scene.outputs, "dc1");
    mac = await StandInMac.start(scene.network);
    before = await mac.written();
  });

  afterAll(async () => {
    await mac?.remove();
    kit?.remove();
    await scene?.remove();
  });

  const install = (...args: readonly string[]) => mac.attempt("sh", join(kit.path, "macos/install.sh"), ...args);
  const pid = async () => /"PID" = (\d+);/.exec(await mac.inside("launchctl", "list", LABEL))?.[1];

  test("says what is wrong with the call, and where it does not belong", async () => {
    const usage = "install.sh: usage: install.sh [--uninstall]\n";
    expect(await install("--unistall")).toEqual({ exitCode: 2, stdout: "", stderr: usage });
    const script = join(kit.path, "macos/install.sh");
    const asNobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups sh -s <"$1"';
    expect(await mac.attempt("sh", "-c", asNobody, "sh", script)).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: "install.sh: This needs root: sudo sh install.sh\n",
    });
    expect(await scene.network.attempt("sh", [script])).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: "install.sh: This machine does not run macOS. Use systemd/install.sh or autossh.sh.\n",
    });
    expect(await mac.written()).toEqual(before);
  });

  test("opens the tunnel, with ssh under an account that can read the key and change nothing", async () => {
    const { exitCode, stdout, stderr } = await install();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(
      `${OPEN}The service has its own copy of the key, in ${DIRECTORY}. ${kit.path}/dc1.key is only for the doctor and connect.sh.\n`,
    );
    await waitForEcho(scene.network, BASTION, 15000);

    expect(await mac.inside("getent", "passwd", ACCOUNT)).toBe(`${ACCOUNT}:*:451:451::/var/empty:/usr/bin/false`);
    expect(await mac.inside("ps", "-o", "user:32=,group:32=,args=", "-p", `${await pid()}`)).toMatch(
      new RegExp(`^${ACCOUNT} +${ACCOUNT} +/usr/bin/ssh -F ./ssh_config -N -T bastion$`),
    );
    const files = [...["", "/dc1.key", "/known_hosts", "/ssh_config"].map((file) => `${DIRECTORY}${file}`), PLIST, ROTATION, LOG];
    expect((await mac.inside("stat", "-c", "%a %U %g %n", ...files)).split("\n")).toEqual([
      `750 root 451 ${DIRECTORY}`,
      ...["dc1.key", "known_hosts", "ssh_config"].map((file) => `440 root 451 ${DIRECTORY}/${file}`),
      `644 root 0 ${PLIST}`,
      `644 root 0 ${ROTATION}`,
      `640 ${ACCOUNT} 80 ${LOG}`,
    ]);
  });

  test("is left alone by an installation that changes nothing, and needs the kit's copy of the key no longer", async () => {
    const first = await pid();
    rmSync(join(kit.path, kit.keyFile));
    expect(await install()).toEqual({ exitCode: 0, stdout: OPEN, stderr: "" });
    expect(await pid()).toBe(first);
  });

  test("has the tunnel back after its ssh was killed", async () => {
    const first = await pid();
    await mac.inside("kill", "-KILL", `${first}`);
    await waitUntil("another ssh", async () => ![first, undefined].includes(await pid()));
    await waitForEcho(scene.network, BASTION, 15000);
  });

  test("says why the tunnels do not open with another key", async () => {
    scene.customer.makeKey("stranger");
    kit.writeKey(scene.customer.read("stranger"));
    const { exitCode, stderr } = await install();
    expect(exitCode).toBe(1);
    expect(stderr.trim().split(/\r?\n/).slice(-2)).toEqual([
      `tunnel@${BASTION}: Permission denied (publickey).`,
      `install.sh: The tunnels did not open; ssh's reason is above. launchd tries again every 10 s: tail -F ${LOG}`,
    ]);
  });

  test("leaves nothing behind when it is uninstalled, and can be uninstalled again", async () => {
    const gone = "The tunnels are closed, and nothing of them is left on this machine beside the kit itself.\n";
    expect(await install("--uninstall")).toEqual({ exitCode: 0, stdout: gone, stderr: "" });
    expect(await mac.written()).toEqual([...before, "./etc/passwd", "./var", "./var/log"].sort());
    expect((await mac.attempt("launchctl", "print", `system/${LABEL}`)).exitCode).toBe(113);
    expect((await mac.attempt("getent", "passwd", ACCOUNT)).exitCode).toBe(2);
    expect((await mac.attempt("getent", "group", ACCOUNT)).exitCode).toBe(2);
    expect(await connectTo(scene.network, BASTION, 15000)).toBe("refused");
    expect(await install("--uninstall")).toEqual({ exitCode: 0, stdout: gone, stderr: "" });
  });
});
