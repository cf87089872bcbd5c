import { type ChildProcess, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import { BASTION, type Finished } from "../support/network.ts";
import { connectTo, waitForEcho } from "../support/platform.ts";
import { describeAsRoot } from "../support/root.ts";
import { LOCAL } from "../support/site.ts";
import { waitUntil } from "../support/wait.ts";
import { KitFolder } from "./kit-folder.ts";

const hasAutossh = spawnSync("autossh", ["-V"]).status === 0;

describeAsRoot("what a kit's customer runs in a shell", () => {
  let scene: Scene;
  let kit: KitFolder;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    scene = await Scene.set(
      () => ({
        tunnels: [
          { name: "orders", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 },
          { name: "billing", destination: `127.0.0.1:${ECHO}`, bindPort: 15001 },
        ],
        clients: [
          { name: "dc1", generateKey: "ed25519" },
          { name: "dc2", generateKey: "rsa-pem" },
        ],
      }),
      { site: LOCAL },
    );
    kit = new KitFolder(scene.outputs, "dc1");
  });

  afterEach(async () => {
    for (const child of started.splice(0)) await end(child);
    kit.writeKey();
    kit.write("known_hosts", scene.outputs.knownHosts);
  });

  afterAll(async () => {
    kit?.remove();
    await scene?.remove();
  });

  const run = (...command: readonly [string, ...string[]]): Promise<Finished> =>
    scene.network.attempt(command[0], command.slice(1), { cwd: kit.path, timeout: 60_000, killSignal: "SIGKILL" });

  const start = (...command: readonly [string, ...string[]]) => {
    const child = scene.network.start(command[0], command.slice(1), { cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
    started.push(child);
    let said = "";
    child.stderr?.on("data", (data: Buffer) => {
      said += data.toString();
    });
    return { child, said: () => said };
  };

  describe("connect.sh", () => {
    test("opens every tunnel, from whatever folder it is started, and takes them down with it", async () => {
      const { child, said } = start(join(kit.path, "connect.sh"));
      await waitForEcho(scene.network, BASTION, 15000);
      await waitForEcho(scene.network, BASTION, 15001);
      await end(child);
      expect({ exitCode: child.exitCode, said: said() }).toEqual({ exitCode: 143, said: "" });
      await waitUntil("the port to be closed", async () => (await connectTo(scene.network, BASTION, 15000)) === "refused");
    });

    test("says with --test what ssh does", async () => {
      const { said } = start(join(kit.path, "connect.sh"), "--test");
      const success = `debug1: remote forward success for: listen 0.0.0.0:15000, connect 127.0.0.1:${ECHO}`;
      await waitUntil("ssh to say so", () => said().includes(success));
      for (const { fingerprint } of scene.outputs.hostKeys.filter(({ type }) => type === "ssh-ed25519"))
        expect(said()).toContain(fingerprint);
      await waitForEcho(scene.network, BASTION, 15000);
    });

    test("looks with --check, and leaves it at that", async () => {
      expect(await run("./connect.sh", "--check")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
      expect(await connectTo(scene.network, BASTION, 15000)).toBe("refused");
    });

    test("closes a key that others can read, and says so", async () => {
      kit.writeKey(kit.key, 0o644);
      const { exitCode, stderr } = await run("./connect.sh", "--check");
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "connect.sh: others could read dc1.key; now only you can.\n" });
      expect((statSync(join(kit.path, "dc1.key")).mode & 0o777).toString(8)).toBe("600");
    });

    test("says where a key that is missing belongs", async () => {
      rmSync(join(kit.path, "dc1.key"));
      expect(await run("./connect.sh")).toEqual({
        exitCode: 3,
        stdout: "",
        stderr: `connect.sh: The key is not here. You get it separately from the other files; put it at ${kit.path}/dc1.key.\n`,
      });
    });

    test("says what to install where there is no ssh", async () => {
      const { exitCode, stderr } = await run("env", "PATH=/nonexistent", "/bin/sh", "-c", "PATH=; dirname() { echo .; }; . ./connect.sh");
      expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining("connect.sh: ssh was not found. Install") });
    });

    test.each(["--tset", "--help"])("knows no %s", async (option) => {
      const usage = "connect.sh: usage: connect.sh [--test | --check]\n";
      expect(await run("./connect.sh", option)).toEqual({ exitCode: 2, stdout: "", stderr: usage });
    });

    test("says of a key that the bastion does not take which one it is", async () => {
      scene.customer.makeKey("stranger");
      kit.writeKey(scene.customer.read("stranger"));
      const { exitCode, stderr } = await run("./connect.sh");
      const { stdout } = await run("ssh-keygen", "-lf", "dc1.key");
      expect(exitCode).toBe(255);
      expect(stderr).toContain("Permission denied (publickey)");
      expect(stderr).toContain(`connect.sh: The bastion does not take this key`);
      expect(stderr).toContain(`its fingerprint: ${stdout}`);
    });

    test("does not go on when another host answers", async () => {
      const publicKey = scene.customer.makeKey("other-host").split(" ").slice(0, 2).join(" ");
      kit.write("known_hosts", `[${BASTION}]:2222 ${publicKey}\n`);
      const { exitCode, stderr } = await run("./connect.sh");
      expect(exitCode).toBe(255);
      expect(stderr).toContain(`connect.sh: What answered at ${BASTION} port 2222 is not the bastion that this kit was made for.`);
    });

    test("says that a bind port is taken", async () => {
      const other = new KitFolder(scene.outputs, "dc2");
      try {
        start(join(other.path, "connect.sh"));
        await waitForEcho(scene.network, BASTION, 15001);
        const { exitCode, stderr } = await run("./connect.sh");
        expect(exitCode).toBe(255);
        expect(stderr).toContain("remote port forwarding failed for listen port 15000");
        expect(stderr).toContain("connect.sh: You are connected, but a bind port is taken");
      } finally {
        other.remove();
      }
    });

    test("says whose side it is on when nothing answers", async () => {
      const config = readFileSync(join(kit.path, "ssh_config"), "utf8");
      try {
        kit.write("ssh_config", config.replace("Port 2222", "Port 2223"));
        const { exitCode, stderr } = await run("./connect.sh");
        expect(exitCode).toBe(255);
        expect(stderr).toContain("Connection refused");
        expect(stderr).toContain("connect.sh: Nothing answers at");
      } finally {
        kit.write("ssh_config", config);
      }
    });
  });

  describe.skipIf(!hasAutossh)("autossh.sh", () => {
    test("keeps the tunnels up when their ssh is killed, and takes them down with it", async () => {
      const { child } = start("sh", join(kit.path, "autossh.sh"));
      await waitForEcho(scene.network, BASTION, 15000);
      const first = await sshOf(child);
      process.kill(first, "SIGKILL");
      await waitUntil("another ssh", async () => (await sshOf(child)) !== first);
      await waitForEcho(scene.network, BASTION, 15000);
      await end(child);
      await waitUntil("the port to be closed", async () => (await connectTo(scene.network, BASTION, 15000)) === "refused");
    });

    test("makes the same checks as connect.sh first, also where nothing may be run", async () => {
      chmodSync(join(kit.path, "connect.sh"), 0o644);
      rmSync(join(kit.path, "dc1.key"));
      const { exitCode, stderr } = await run("sh", "autossh.sh");
      expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining("The key is not here.") });
    });
  });
});

/** The one child of a running autossh. */
async function sshOf({ pid }: ChildProcess): Promise<number> {
  const children = () => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return waitUntil("autossh to have an ssh", () => children()[0]);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await waitUntil("a program to end", () => child.exitCode !== null || child.signalCode !== null);
}
