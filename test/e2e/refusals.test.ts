import { once } from "node:events";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ECHO, PINNED, Scene } from "./support/bastion-scene.ts";
import type { SshSession } from "./support/customer.ts";
import { BASTION, CUSTOMER, OTHER_INTERFACE, STRANGER } from "./support/network.ts";
import { connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { PATIENCE_SECONDS } from "./support/wait.ts";

const LOGIN = `${PINNED} -o IdentitiesOnly=yes -o BatchMode=yes -p 2222`;

/** Asks a SOCKS server for a connection to a bind port of the bastion (RFC 1928), and waits for its answer. */
const SOCKS_CONNECT = `import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
s.sendall(bytes([5, 1, 0])); s.recv(2)
s.sendall(bytes([5, 1, 0, 1, 127, 0, 0, 1]) + (15000).to_bytes(2, "big")); s.recv(64)`;

/** A server on a Unix socket that every user may connect to. */
const UNIX_SERVER = `import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777); s.listen(); print("ready", flush=True)
while True: s.accept()[0].sendall(b"leaked")`;

const UNIX_CLIENT = `import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(64).decode())`;

describeAsRoot("what the bastion refuses", () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        clientCidrs: ["192.0.2.0/24", "198.51.100.0/24"],
        // So many refused logins, one after the other, would shut the address out (OpenSSH ≥ 9.8).
        penaltyExemptCidrs: [`${CUSTOMER}/32`],
        tunnels: [
          { name: "orders", bindPort: 15000 },
          { name: "billing", bindPort: 15001 },
          { name: "flow", bindPort: 8080, bindAddress: "loopback" },
        ],
        clients: [
          { name: "dc1", publicKeys: [customer.makeKey("dc1")], tunnels: ["orders"] },
          { name: "dc2", publicKeys: [customer.makeKey("dc2")], tunnels: ["billing", "flow"], sourceCidrs: ["198.51.100.7/32"] },
          { name: "old", publicKeys: [customer.makeKey("old")], expiresAt: "2020-01-01" },
        ],
        consumers: [{ name: "platform", publicKeys: [customer.makeKey("platform")], tunnels: ["flow"] }],
      }),
      { site: LOCAL },
    );
    scene.customer.makeKey("unknown");
  });

  afterAll(async () => scene?.remove());

  test.each([
    ["another client's port", "0.0.0.0:15001"],
    ["a port nobody owns", "0.0.0.0:15002"],
    ["sshd's own port", "0.0.0.0:2222"],
    ["a port of the system's choice", "0"],
  ])("a client cannot listen on %s", async (_what, forward) => {
    const { exitCode, stderr } = await scene.customer.type(
      `ssh ${LOGIN} -N -o ExitOnForwardFailure=yes -i dc1 -R ${forward}:127.0.0.1:${ECHO} tunnel@${BASTION}`,
    );
    expect(exitCode).toBe(255);
    expect(stderr).toContain("remote port forwarding failed for listen port");
  });

  test.each([
    ["its own bind port", 9001, "127.0.0.1:15000"],
    ["the bastion's network", 9002, `${BASTION}:2222`],
    ["the dead end of its key line", 9003, "127.0.0.1:1"],
  ])("a client cannot forward outwards with -L to %s", async (_what, port, destination) => {
    const session = await logIn(`-i dc1 -L ${OTHER_INTERFACE}:${port}:${destination} tunnel@${BASTION}`);
    expect(["closed", "reset"]).toContain(await connectTo(scene.network, OTHER_INTERFACE, port, "x"));
    await expect.poll(() => session.said, { timeout: PATIENCE_SECONDS * 1000 }).toContain("administratively prohibited");
    await session.end();
  });

  test("a client cannot forward outwards with -D", async () => {
    const session = await logIn(`-i dc1 -D ${OTHER_INTERFACE}:9004 tunnel@${BASTION}`);
    await scene.network.attempt("python3", ["-c", SOCKS_CONNECT, OTHER_INTERFACE, "9004"]);
    await expect.poll(() => session.said, { timeout: PATIENCE_SECONDS * 1000 }).toContain("administratively prohibited");
    await session.end();
  });

  test.each([
    ["a shell", `-i dc1 tunnel@${BASTION}`],
    ["a command", `-i dc1 tunnel@${BASTION} id`],
    ["a pty", `-tt -i dc1 tunnel@${BASTION}`],
    ["its agent forwarded", `-A -i dc1 tunnel@${BASTION}`],
    ["a subsystem", `-i dc1 tunnel@${BASTION} -s sftp`],
  ])("a client cannot get %s", async (_what, words) => {
    const { exitCode, stdout, stderr } = await scene.customer.type(`ssh ${LOGIN} ${words}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 255, stdout: "" });
    expect(stderr).toContain("open failed");
  });

  test("a client cannot copy files", async () => {
    const { exitCode } = await scene.network.attempt(
      "scp",
      [
        ...LOGIN.replace("-p 2222", "-P 2222").split(" "),
        "-F",
        "none",
        "-o",
        "BindAddress=198.51.100.7",
        "-i",
        "dc1",
        `tunnel@${BASTION}:/etc/passwd`,
        "stolen",
      ],
      {
        cwd: scene.customer.path,
      },
    );
    expect(exitCode).not.toBe(0);
    expect(() => scene.customer.read("stolen")).toThrow("ENOENT");
  });

  test.each([
    ["a Unix socket on the bastion", `-R /tmp/prb-${process.pid}.sock:127.0.0.1:${ECHO}`, "remote port forwarding failed"],
    ["a tun device", "-w any:any", "unnel"],
  ])("a client cannot have %s", async (_what, forward, complaint) => {
    const { exitCode, stderr } = await scene.customer.type(
      `ssh ${LOGIN} -N -o ExitOnForwardFailure=yes -i dc1 ${forward} tunnel@${BASTION}`,
    );
    expect(exitCode).toBe(255);
    expect(stderr).toContain(complaint);
  });

  test("a client cannot reach a Unix socket of the bastion", async () => {
    const socket = `/tmp/prb-${process.pid}-server.sock`;
    const server = scene.network.start("python3", ["-c", UNIX_SERVER, socket], { stdio: ["ignore", "pipe", "inherit"] });
    await once(server.stdout as NodeJS.ReadableStream, "data");
    expect((await scene.network.run("python3", ["-c", UNIX_CLIENT, socket])).stdout).toBe("leaked\n");

    const session = await logIn(`-i dc1 -L ${OTHER_INTERFACE}:9005:${socket} tunnel@${BASTION}`);
    expect(["closed", "reset"]).toContain(await connectTo(scene.network, OTHER_INTERFACE, 9005, "x"));
    await session.end();
    server.kill();
    rmSync(socket);
  });

  test("a consumer cannot reach a tunnel that is not its own, nor the bastion's network, nor listen", async () => {
    scene.openTunnel("dc1", 15000);
    scene.openTunnel("dc2", 8080, "");
    await waitForEcho(scene.network, BASTION, 15000);
    await waitForEcho(scene.network, "127.0.0.1", 8080);

    scene.open(
      `ssh -v ${LOGIN} -N -i platform -L ${OTHER_INTERFACE}:9006:localhost:8080 -L ${OTHER_INTERFACE}:9007:localhost:15000 -L ${OTHER_INTERFACE}:9008:${BASTION}:2222 consumer@${BASTION}`,
    );
    await waitForEcho(scene.network, OTHER_INTERFACE, 9006);
    for (const port of [9007, 9008]) expect(["closed", "reset"]).toContain(await connectTo(scene.network, OTHER_INTERFACE, port, "x"));

    const listener = await scene.customer.type(
      `ssh ${LOGIN} -N -o ExitOnForwardFailure=yes -i platform -R 127.0.0.1:15005:127.0.0.1:${ECHO} consumer@${BASTION}`,
    );
    expect(listener.exitCode).toBe(255);
    await scene.endSessions();
  });

  test.each([
    ["a wrong key", "unknown", "tunnel"],
    ["an expired key", "old", "tunnel"],
    ["a client's key as a consumer", "dc1", "consumer"],
    ["a consumer's key as a client", "platform", "tunnel"],
    ["a good key as root", "dc1", "root"],
    ["a good key as another user of the machine", "dc1", "daemon"],
  ])("nobody logs in with %s", async (_what, key, user) => {
    const { exitCode, stderr } = await scene.customer.type(`ssh ${LOGIN} -N -i ${key} ${user}@${BASTION}`);
    expect(exitCode).toBe(255);
    expect(stderr).toContain(`${user}@${BASTION}: Permission denied (publickey).`);
  });

  test("nobody logs in with a password, and none is asked for", async () => {
    const { exitCode, stderr } = await scene.customer.type(
      `ssh ${PINNED} -p 2222 -o PubkeyAuthentication=no -o PreferredAuthentications=password,keyboard-interactive,none -N tunnel@${BASTION}`,
    );
    expect(exitCode).toBe(255);
    expect(stderr).toContain("Permission denied (publickey).");
  });

  test("a key does not work from outside its sourceCidrs, nor any key from outside clientCidrs", async () => {
    const elsewhere = await scene.customer.type(`ssh ${LOGIN} -N -i dc2 tunnel@${BASTION}`, STRANGER);
    expect(elsewhere.stderr).toContain("Permission denied (publickey).");
    const platform = await scene.customer.type(`ssh ${LOGIN} -N -i dc1 tunnel@${BASTION}`, "203.0.113.5");
    expect(platform.stderr).toContain("Permission denied (publickey).");
    const home = scene.openTunnel("dc2", 15001);
    await waitForEcho(scene.network, BASTION, 15001);
    await home.end();
  });

  /** Logs in without a session, and waits until forwards can be tried. */
  async function logIn(words: string): Promise<SshSession> {
    const session = scene.open(`ssh -v ${LOGIN} -N ${words}`);
    await expect.poll(() => session.said, { timeout: PATIENCE_SECONDS * 1000 }).toContain("Entering interactive session");
    return session;
  }
});
