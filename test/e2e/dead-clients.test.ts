import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Scene } from "./support/bastion-scene.ts";
import { connectTo, waitForEcho } from "./support/platform.ts";
import { describeOnEverySite } from "./support/sites.ts";
import { waitUntil } from "./support/wait.ts";

/** A returning client has its bind port again within this time. */
const BACK_SECONDS = 10;
/** Consumers of a client that never returns are refused within this time. */
const GONE_SECONDS = 60;

describeOnEverySite("clients that die", (site) => {
  let scene: Scene;
  const pollers: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        tunnels: [
          { name: "orders", bindPort: 15000 },
          { name: "billing", bindPort: 15001 },
          { name: "stock", bindPort: 15002 },
          { name: "flow", bindPort: 15003 },
        ],
        clients: [
          { name: "dc1", publicKeys: [customer.makeKey("dc1")] },
          { name: "dc2", publicKeys: [customer.makeKey("dc2")] },
        ],
      }),
      { site },
    );
  });

  afterEach(async () => {
    for (const poller of pollers.splice(0)) await poller.stop();
    await scene.endSessions();
    for (const port of [15000, 15001, 15002, 15003])
      await waitUntil(`bind port ${port} to be free`, async () => (await connectTo(scene.network, scene.host, port)) === "refused");
  });

  afterAll(async () => scene?.remove());

  test("a killed client has its bind port again at its next login", async () => {
    const first = scene.openTunnel("dc1", 15000);
    await waitForEcho(scene.network, scene.host, 15000);
    await first.end("SIGKILL");
    const second = scene.openTunnel("dc1", 15000);
    await waitForEcho(scene.network, scene.host, 15000, BACK_SECONDS);
    expect(second.isRunning).toBe(true);
  });

  test.each([
    ["a quiet bind port", false],
    ["a consumer that connects every half second", true],
  ])("a frozen client has its bind port again at its next login, with %s", async (_what, isPolled) => {
    const frozen = scene.openTunnel("dc1", 15000);
    const sibling = scene.openTunnel("dc1", 15001);
    await waitForEcho(scene.network, scene.host, 15000);
    await waitForEcho(scene.network, scene.host, 15001);
    if (isPolled) poll(15000);
    await settle(4);
    frozen.freeze();
    await settle(2);

    const back = scene.openTunnel("dc1", 15000);
    await waitForEcho(scene.network, scene.host, 15000, BACK_SECONDS);
    expect({ back: back.isRunning, sibling: sibling.isRunning }).toEqual({ back: true, sibling: true });
    expect(await connectTo(scene.network, scene.host, 15001, "ping")).toBe("answered ping");
  });

  test("two live agents of one client do not disturb each other, nor does a third that asks for a port that is taken", async () => {
    const first = scene.openTunnel("dc1", 15000);
    const second = scene.openTunnel("dc1", 15001);
    await waitForEcho(scene.network, scene.host, 15000);
    await waitForEcho(scene.network, scene.host, 15001);
    // Longer than an idle session goes without a byte from its client.
    await settle(20);
    const duplicate = scene.openTunnel("dc1", 15000);
    await duplicate.ended();
    expect(duplicate.said).toContain("remote port forwarding failed for listen port 15000");
    expect({ first: first.isRunning, second: second.isRunning }).toEqual({ first: true, second: true });
    expect(await connectTo(scene.network, scene.host, 15000, "ping")).toBe("answered ping");
    expect(await connectTo(scene.network, scene.host, 15001, "ping")).toBe("answered ping");
  });

  test("four agents of one client that log in at the same moment are all left alone", async () => {
    const ports = [15000, 15001, 15002, 15003];
    const agents = ports.map((port) => scene.openTunnel("dc2", port));
    for (const port of ports) await waitForEcho(scene.network, scene.host, port);
    expect(agents.map((agent) => agent.isRunning)).toEqual([true, true, true, true]);
  });

  test.each([
    ["no traffic", false],
    ["a consumer that connects every half second", true],
  ])("consumers of a frozen client that never returns are refused, with %s", async (_what, isPolled) => {
    scene.openTunnel("dc1", 15001);
    const frozen = scene.openTunnel("dc2", 15000);
    await waitForEcho(scene.network, scene.host, 15000);
    await waitForEcho(scene.network, scene.host, 15001);
    if (isPolled) poll(15000);
    frozen.freeze();
    const frozenAt = Date.now();
    await waitUntil(
      "connection refused",
      async () => (isPolled ? (await connectTo(scene.network, scene.host, 15000)) === "refused" : !(await isListening(15000))),
      GONE_SECONDS,
    );
    expect((Date.now() - frozenAt) / 1000).toBeLessThan(GONE_SECONDS);
    expect(await connectTo(scene.network, scene.host, 15001, "ping"), "the other client's tunnel").toBe("answered ping");
  });

  /** Connects to a bind port every half second, until the test ends: what a health check does. */
  function poll(port: number): void {
    const child = scene.network.start(
      "sh",
      ["-c", `while :; do timeout 0.4 bash -c 'exec 3<>/dev/tcp/${scene.host}/${port}; cat <&3' 2>/dev/null; sleep 0.1; done`],
      { stdio: "ignore" },
    );
    pollers.push({
      stop: async () => {
        child.kill("SIGKILL");
        await waitUntil("the poller to end", () => child.exitCode !== null || child.signalCode !== null);
      },
    });
  }

  /** Asks the kernel, so that nothing touches the port. */
  async function isListening(port: number): Promise<boolean> {
    const { stdout } = await scene.site.run("ss", "-Hltn", `sport = :${port}`);
    return stdout.trim() !== "";
  }

  /** Lets real time pass: what is tested is what sshd and TCP do in it. */
  async function settle(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    await waitUntil(`${seconds} s to pass`, () => Date.now() >= end);
  }
});
