import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ECHO, PINNED, Scene } from "./support/bastion-scene.ts";
import { BASTION, OTHER_INTERFACE } from "./support/network.ts";
import { connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

/** An account that every Debian has, with a password that matches nothing: it stands for a developer. */
const DEVELOPER = "games";
/** A returning client has its bind port again within this time. */
const BACK_SECONDS = 10;
const LOGIN = `${PINNED} -o IdentitiesOnly=yes -o BatchMode=yes -o ExitOnForwardFailure=yes -p 2222`;

const destination = `127.0.0.1:${ECHO}`;

describeAsRoot("a bastion of somebody who is not root", () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set(
      () => ({
        tunnels: [
          { name: "orders", destination, bindPort: 15000 },
          { name: "billing", destination, bindPort: 15001 },
          { name: "flow", destination, bindPort: 8080, bindAddress: "loopback" },
        ],
        clients: [
          { name: "dc1", generateKey: "ed25519", tunnels: ["orders", "flow"] },
          { name: "dc2", generateKey: "ed25519", tunnels: ["billing"] },
        ],
        consumers: [{ name: "platform", generateKey: "rsa-pem", tunnels: ["flow"] }],
      }),
      { site: LOCAL, user: DEVELOPER },
    );
  });

  afterAll(async () => scene?.remove());

  test("the outputs name the user that works, and everything runs as that user", async () => {
    expect({ user: scene.outputs.user, endpoint: scene.outputs.endpoint }).toEqual({
      user: DEVELOPER,
      endpoint: `ssh://${DEVELOPER}@${BASTION}:2222`,
    });
    const { stdout } = await scene.network.run("sh", [
      "-c",
      `ip netns pids ${scene.network.name} | xargs ps -o user=,comm= -p | grep -E 'python3|sshd'`,
    ]);
    const owners = new Set(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/\s+/)[0]),
    );
    expect(owners).toEqual(new Set([DEVELOPER]));
  });

  test("the printed commands carry traffic", async () => {
    for (const { command } of scene.outputs.clients) scene.open(command);
    await waitForEcho(scene.network, BASTION, 15000);
    await waitForEcho(scene.network, BASTION, 15001);
    expect(await connectTo(scene.network, BASTION, 8080)).toBe("refused");
    const consumer = scene.open(`ssh ${LOGIN} -N -i platform.key -L ${OTHER_INTERFACE}:28080:localhost:8080 ${DEVELOPER}@${BASTION}`);
    await waitForEcho(scene.network, OTHER_INTERFACE, 28080);
    expect(consumer.isRunning).toBe(true);
    await scene.endSessions();
  });

  test("clients and consumers share a user, and their keys keep them apart", async () => {
    const refused = async (words: string) => (await scene.customer.type(`ssh ${LOGIN} -N ${words} ${DEVELOPER}@${BASTION}`)).stderr;
    expect(await refused(`-i dc1.key -R 15001:127.0.0.1:${ECHO}`)).toContain("remote port forwarding failed for listen port 15001");
    expect(await refused(`-i dc2.key -R 15000:127.0.0.1:${ECHO}`)).toContain("remote port forwarding failed for listen port 15000");
    expect(await refused(`-i platform.key -R 15000:127.0.0.1:${ECHO}`)).toContain("remote port forwarding failed for listen port 15000");
    expect((await scene.customer.type(`ssh ${LOGIN} -i dc1.key ${DEVELOPER}@${BASTION} id`)).stdout).toBe("");

    scene.openTunnel("dc1.key", 8080, "", DEVELOPER);
    await waitForEcho(scene.network, "127.0.0.1", 8080);
    scene.open(`ssh ${LOGIN} -N -i dc1.key -L ${OTHER_INTERFACE}:9001:localhost:8080 ${DEVELOPER}@${BASTION}`);
    scene.open(
      `ssh ${LOGIN} -N -i platform.key -L ${OTHER_INTERFACE}:9002:localhost:8080 -L ${OTHER_INTERFACE}:9003:localhost:2222 ${DEVELOPER}@${BASTION}`,
    );
    await waitForEcho(scene.network, OTHER_INTERFACE, 9002);
    await waitUntil("the other ssh -L", async () => (await connectTo(scene.network, OTHER_INTERFACE, 9001, "x")) !== "refused");
    for (const port of [9001, 9003]) expect(["closed", "reset"]).toContain(await connectTo(scene.network, OTHER_INTERFACE, port, "x"));
    await scene.endSessions();
  });

  test("a frozen client has its bind port again at its next login", async () => {
    const frozen = scene.openTunnel("dc2.key", 15001, "0.0.0.0:", DEVELOPER);
    await waitForEcho(scene.network, BASTION, 15001);
    frozen.freeze();
    const back = scene.openTunnel("dc2.key", 15001, "0.0.0.0:", DEVELOPER);
    await waitForEcho(scene.network, BASTION, 15001, BACK_SECONDS);
    expect(back.isRunning).toBe(true);
    await scene.endSessions();
  });

  test("destroy ends it", async () => {
    const folder = scene.deployment.bastionFolder;
    await scene.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(existsSync(folder)).toBe(false);
    expect(await connectTo(scene.network, BASTION, 2222)).toBe("refused");
  });
});
