import { afterAll, beforeAll, expect, test } from "vitest";
import { PINNED, Scene } from "./support/bastion-scene.ts";
import type { SshSession } from "./support/customer.ts";
import { CUSTOMER, type Finished } from "./support/network.ts";
import { connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { waitUntil } from "./support/wait.ts";

/** An operator knows within this time that a tunnel is no longer good. */
const FALL_SECONDS = 30;
/** An operator knows within this time that a tunnel is good again. */
const RETURN_SECONDS = 5;

/** Where an operator's machine has the status: both ends are one machine here, where the port itself is the bastion's. */
const FORWARDED = 19422;

/** What the tests look at. */
interface Status {
  readonly tunnels: readonly { readonly name: string; readonly state: string; readonly since: string | null }[];
  readonly keys: readonly { readonly name: string; readonly lastLoginAt: string | null }[];
}

describeAsRoot("the status of a bastion", () => {
  let scene: Scene;
  let fingerprintOf: (name: string) => string | undefined;

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        tunnels: [
          { name: "orders", bindPort: 15000 },
          { name: "billing", bindPort: 15001 },
        ],
        clients: [
          { name: "dc1", publicKeys: [customer.makeKey("dc1")], tunnels: ["orders"] },
          { name: "dc2", publicKeys: [customer.makeKey("dc2")], tunnels: ["billing"] },
        ],
        consumers: [{ name: "flow", publicKeys: [customer.makeKey("flow")] }],
        operators: [
          { name: "on-call", publicKeys: [customer.makeKey("on-call")] },
          { name: "prometheus", generateKey: "ed25519" },
        ],
      }),
      { site: LOCAL },
    );
    const { clients, consumers, operators } = scene.outputs;
    fingerprintOf = (wanted) => [...clients, ...consumers, ...operators].find(({ name }) => name === wanted)?.fingerprints[0];
    scene.open(operatorCommand());
    await waitUntil("the status to be at hand", async () => (await ask("/metrics")).exitCode === 0);
  });

  afterAll(async () => scene?.remove());

  test("an operator reads it with plain ssh, and what it says of a tunnel is what there is", async () => {
    const down = {
      name: "orders",
      bindPort: 15000,
      bindAddress: "all",
      state: "down",
      client: null,
      silentSeconds: null,
      openConnections: 0,
    };
    expect(JSON.parse(await read("/status.json")).tunnels[0]).toMatchObject({ ...down, since: null });

    const before = Date.now();
    const session = scene.openTunnel("dc1", 15000);
    await waitForEcho(scene.network, scene.host, 15000);
    const status = JSON.parse(await read("/status.json"));
    expect(status.tunnels).toEqual([
      {
        name: "orders",
        bindPort: 15000,
        bindAddress: "all",
        state: "up",
        since: expect.any(String),
        client: "dc1",
        fingerprint: fingerprintOf("dc1"),
        clientAddress: CUSTOMER,
        silentSeconds: expect.any(Number),
        openConnections: 0,
        bytesReceived: expect.any(Number),
        bytesSent: expect.any(Number),
      },
      {
        ...down,
        name: "billing",
        bindPort: 15001,
        since: null,
        fingerprint: null,
        clientAddress: null,
        bytesReceived: null,
        bytesSent: null,
      },
    ]);
    const [{ since, bytesReceived, bytesSent }] = status.tunnels;
    expect(Date.parse(since)).toBeGreaterThan(before - 1000);
    expect(Math.min(bytesReceived, bytesSent)).toBeGreaterThan(1000);
    expect(status.sessions.map(({ name }: { name: string }) => name)).toEqual(["prometheus", "dc1", "on-call"]);
    expect(status.keys.map(({ name, fingerprint }: { name: string; fingerprint: string }) => [name, fingerprint])).toEqual(
      ["dc1", "dc2", "flow", "on-call", "prometheus"].map((name) => [name, fingerprintOf(name)]),
    );
    expect(status.keys.filter(({ lastLoginAt }: { lastLoginAt: string | null }) => lastLoginAt === null)).toHaveLength(2);
    expect(status).toMatchObject({ version: 1, sshd: { listening: true }, keySet: { refused: null }, statusPort: { listening: true } });

    const metrics = await read("/metrics");
    expect(metrics.split("\n").filter((line) => line.startsWith("reverse_bastion_tunnel_up{"))).toEqual([
      'reverse_bastion_tunnel_up{tunnel="orders",bind_port="15000"} 1',
      'reverse_bastion_tunnel_up{tunnel="billing",bind_port="15001"} 0',
    ]);
    await session.end();
  });

  test("an operator can do nothing else, and nobody else can do that", async () => {
    const { statusPort, consumerUser, user } = scene.outputs;
    await scene.openTunnelOnceAllowed("dc1", 15000);
    const port = `127.0.0.1:${statusPort}`;
    const prohibited = /open failed: administratively prohibited/;
    // The same words with the rights to it, so that the refusals below are no slips of the pen.
    expect(await read("/")).toBe("there is /status.json and /metrics\n");
    for (const [words, said] of [
      ["-W 127.0.0.1:15000", prohibited],
      ["-W localhost:15000", prohibited],
      [`-W localhost:${statusPort}`, prohibited],
      ["-W 127.0.0.1:22", prohibited],
      ["-N -o ExitOnForwardFailure=yes -R 127.0.0.1:15001:127.0.0.1:5678", /remote port forwarding failed for listen port 15001/],
      ["-N -o ExitOnForwardFailure=yes -R 9999:127.0.0.1:5678", /remote port forwarding failed for listen port 9999/],
      ["-T", /^channel 0: open failed: connect failed: open failed/],
      ["-tt", /channel 0: open failed: connect failed: open failed/],
    ] as const)
      expect(await type("on-call", consumerUser, words), words).toMatchObject({
        exitCode: 255,
        stdout: "",
        stderr: expect.stringMatching(said),
      });
    expect(await type("on-call", user, `-W ${port}`)).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining("Permission denied"),
    });
    expect(await type("flow", consumerUser, `-W ${port}`)).toMatchObject({ exitCode: 255, stderr: expect.stringMatching(prohibited) });
    expect(await type("dc1", user, `-W ${port}`)).toMatchObject({ exitCode: 255, stderr: expect.stringMatching(prohibited) });
    expect(await connectTo(scene.network, scene.host, statusPort), "over the network").toBe("refused");
  });

  test("it shows the fall and the return of a tunnel in time, whether anything connects to it or not", async () => {
    await scene.endSessions();
    scene.open(operatorCommand());
    await untilAll("down", FALL_SECONDS);
    let sessions = [scene.openTunnel("dc1", 15000), scene.openTunnel("dc2", 15001)];
    await untilAll("up", RETURN_SECONDS);
    const poller = connectAgainAndAgain(15001);

    for (const session of sessions) session.freeze();
    await untilAll("silent", FALL_SECONDS);
    for (const session of sessions) session.process.kill("SIGCONT");
    await untilAll("up", RETURN_SECONDS);

    const killedAt = Date.now();
    await Promise.all(sessions.map((session: SshSession) => session.end("SIGKILL")));
    const fallen = await untilAll("down", RETURN_SECONDS);
    for (const { since } of fallen) expect(Date.parse(since ?? "")).toBeGreaterThan(killedAt - 1000);
    sessions = [scene.openTunnel("dc1", 15000), scene.openTunnel("dc2", 15001)];
    await untilAll("up", RETURN_SECONDS);
    poller.kill("SIGKILL");
  });

  /** The command that an operator is given, with a port of its own at its near end. */
  function operatorCommand(): string {
    const { operators, statusPort } = scene.outputs;
    const command = operators.find(({ name }) => name === "prometheus")?.command ?? "";
    return command.replace(`-L ${statusPort}:`, `-L ${FORWARDED}:`);
  }

  /** What is at the near end of the operator's forward. */
  async function ask(path: string): Promise<Finished> {
    return scene.network.attempt("curl", ["-sS", "--max-time", "10", `http://127.0.0.1:${FORWARDED}${path}`]);
  }

  /** What `ssh -W` and a typed request give. */
  async function read(path: string): Promise<string> {
    scene.customer.write("request", `GET ${path} HTTP/1.1\r\nHost: bastion\r\nConnection: close\r\n\r\n`);
    const { statusPort, consumerUser } = scene.outputs;
    const { exitCode, stdout, stderr } = await type("on-call", consumerUser, `-W 127.0.0.1:${statusPort}`, "< request");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return stdout.slice(stdout.indexOf("\r\n\r\n") + 4);
  }

  async function type(key: string, user: string, words: string, redirection = "< /dev/null"): Promise<Finished> {
    return scene.customer.type(
      `ssh ${PINNED} -o IdentitiesOnly=yes -o BatchMode=yes -i ${key} -p 2222 ${words} ${user}@${scene.host} ${redirection}`,
    );
  }

  /** Waits until all tunnels are in a state, for as long as it may take to be told. */
  async function untilAll(state: string, limitSeconds: number): Promise<Status["tunnels"]> {
    const tell = async () => (JSON.parse((await ask("/status.json")).stdout || '{"tunnels":[{}]}') as Status).tunnels;
    const begun = Date.now();
    const tunnels = await waitUntil(
      `tunnels that are ${state}`,
      async () => {
        const all = await tell();
        return all.every((tunnel) => tunnel.state === state) && all;
      },
      limitSeconds,
    );
    expect((Date.now() - begun) / 1000).toBeLessThanOrEqual(limitSeconds);
    return tunnels;
  }

  /** Connects to a bind port every half second: what a health check does. It ends with the network. */
  function connectAgainAndAgain(port: number) {
    const script = `while :; do timeout 0.4 bash -c 'exec 3<>/dev/tcp/${scene.host}/${port}; cat <&3' 2>/dev/null; sleep 0.1; done`;
    return scene.network.start("sh", ["-c", script], { stdio: "ignore" });
  }
});
