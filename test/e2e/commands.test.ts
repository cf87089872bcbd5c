import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CustomerFolder, type SshSession } from "./support/customer.ts";
import { customerFile, Deployment, type StackOutputs } from "./support/deployment.ts";
import { BASTION, Network, OTHER_INTERFACE } from "./support/network.ts";
import { connectTo, query, startEchoServer, waitForEcho } from "./support/platform.ts";
import { Postgres } from "./support/postgres.ts";
import { describeAsRoot } from "./support/root.ts";
import { waitUntil } from "./support/wait.ts";

const PINNED = "-o UserKnownHostsFile=known_hosts -o StrictHostKeyChecking=yes";
const POSTGRES = 5432;
const ECHO = 5678;

describeAsRoot("the commands that people know", () => {
  let network: Network;
  let postgres: Postgres;
  let deployment: Deployment;
  let outputs: StackOutputs;
  let customer: CustomerFolder;
  const sessions: SshSession[] = [];

  const open = (command: string) => {
    const session = customer.open(command);
    sessions.push(session);
    return session;
  };

  beforeAll(async () => {
    network = await Network.create();
    postgres = await Postgres.start(network, POSTGRES);
    await startEchoServer(network, "127.0.0.1", ECHO);
    customer = new CustomerFolder(network);
    deployment = await Deployment.create(
      network,
      customerFile({
        tunnels: [
          { name: "orders", destination: `127.0.0.1:${POSTGRES}`, bindPort: 15000 },
          { name: "billing", destination: `127.0.0.1:${ECHO}` },
          { name: "flow", destination: `127.0.0.1:${ECHO}`, bindAddress: "loopback", bindPort: 8080 },
          { name: "host", destination: `127.0.0.1:${ECHO}`, bindAddress: OTHER_INTERFACE, bindPort: 12345 },
        ],
        clients: [
          { name: "dc1", publicKeys: [customer.makeKey("customer")] },
          { name: "bastion", generateKey: "ed25519" },
        ],
        consumers: [{ name: "platform", generateKey: "rsa-pem", tunnels: ["flow", "orders"] }],
      }),
    );
    outputs = await deployment.up();
    customer.take(outputs);
  });

  afterEach(async () => {
    for (const session of sessions.splice(0)) if (session.isRunning) await session.end();
  });

  afterAll(async () => {
    customer?.remove();
    await deployment?.remove();
    postgres?.remove();
    await network?.remove();
  });

  test("-R 0.0.0.0:15000 carries a real PostgreSQL conversation to the platform", async () => {
    open(
      `ssh ${PINNED} -N -i customer -p 2222 -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o TCPKeepAlive=yes -R 0.0.0.0:15000:localhost:5432 tunnel@${BASTION}`,
    );
    await waitUntil("the tunnel", async () => (await query(network, BASTION, 15000, "select 1")) !== "ECONNREFUSED");
    expect(await query(network, BASTION, 15000, "select 6 * 7 as answer, current_setting('server_version') <> '' as real")).toEqual([
      { answer: 42, real: true },
    ]);
  });

  test("a bare -R 8080 in the ssh:// form opens on the bastion's loopback and nowhere else", async () => {
    open(
      `ssh ${PINNED} -o ConnectTimeout=5s -o ServerAliveInterval=30 -i bastion.key -N -T -R 8080:127.0.0.1:5678 ssh://tunnel@${BASTION}:2222`,
    );
    await waitForEcho(network, "127.0.0.1", 8080);
    expect(await connectTo(network, BASTION, 8080)).toBe("refused");
  });

  test("two -R on one connection reach two data sources", async () => {
    open(`ssh ${PINNED} -N -i customer -p 2222 -R 0.0.0.0:15000:127.0.0.1:5432 -R 0.0.0.0:15001:127.0.0.1:5678 tunnel@${BASTION}`);
    await waitForEcho(network, BASTION, 15001);
    expect(await query(network, BASTION, 15000, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("a bind to one interface's address opens there and nowhere else", async () => {
    open(`ssh ${PINNED} -nNT -i customer -p 2222 -R ${OTHER_INTERFACE}:12345:localhost:5678 tunnel@${BASTION}`);
    await waitForEcho(network, OTHER_INTERFACE, 12345);
    expect(await connectTo(network, BASTION, 12345)).toBe("refused");
    expect(await connectTo(network, "127.0.0.1", 12345, "", "127.0.0.1")).toBe("refused");
  });

  test.each(["", "*", "0.0.0.0"])("a tunnel on all interfaces can be asked for as '%s'", async (bindAddress) => {
    open(`ssh ${PINNED} -N -o ExitOnForwardFailure=yes -i customer -p 2222 -R '${bindAddress}:15001:127.0.0.1:5678' tunnel@${BASTION}`);
    await waitForEcho(network, BASTION, 15001);
  });

  test.each(["0.0.0.0", "*", "", OTHER_INTERFACE])("a loopback tunnel cannot be opened at '%s'", async (bindAddress) => {
    const { exitCode, stderr } = await customer.type(
      `ssh ${PINNED} -N -o ExitOnForwardFailure=yes -i customer -p 2222 -R '${bindAddress}:8080:127.0.0.1:5678' tunnel@${BASTION}`,
    );
    expect({ exitCode, stderr: stderr.trim() }).toEqual({
      exitCode: 255,
      stderr: "Error: remote port forwarding failed for listen port 8080",
    });
  });

  test("a consumer's RSA key in PEM reaches a loopback tunnel with the printed ssh -L", async () => {
    expect(outputs.consumerPrivateKeys.platform).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    open(`ssh ${PINNED} -N -i bastion.key -p 2222 -R 8080:127.0.0.1:5678 tunnel@${BASTION}`);
    await waitForEcho(network, "127.0.0.1", 8080);

    const [consumer] = outputs.consumers;
    expect(consumer?.command).toContain(`-L 15000:localhost:15000 -L 8080:localhost:8080 consumer@${BASTION}`);
    // Bastion and platform are one machine here, so the platform's own end takes another port.
    open(`${consumer?.command}`.replace("-L 15000:", "-L 25000:").replace("-L 8080:", "-L 28080:"));
    await waitForEcho(network, "127.0.0.1", 28080);
  });

  test("each printed command works as it is printed, and each printed ssh_config does", async () => {
    const dc1 = outputs.clients.find(({ name }) => name === "dc1");
    customer.write("dc1.key", customer.read("customer"));
    open(`${dc1?.command}`);
    await waitForEcho(network, BASTION, 15001);
    expect(await query(network, BASTION, 15000, "select 1 as one")).toEqual([{ one: 1 }]);
    for (const session of sessions.splice(0)) await session.end();

    customer.write("ssh_config", `${dc1?.sshConfig}`);
    sessions.push(customer.open("ssh -F ssh_config -N bastion-dc1"));
    await waitForEcho(network, BASTION, 15001);

    for (const { commands } of outputs.tunnels) expect(commands.map(({ client }) => client)).toEqual(["dc1", "bastion"]);
  });

  test("an OpenSSH client with its default settings ends up with AES-GCM", async () => {
    const session = open(`ssh -v ${PINNED} -N -i customer -p 2222 tunnel@${BASTION}`);
    await waitUntil("the log-in", () => session.said.includes("Authenticated to"));
    expect(session.said.match(/kex: \S+ cipher: (\S+)/g)).toEqual([
      "kex: server->client cipher: aes128-gcm@openssh.com",
      "kex: client->server cipher: aes128-gcm@openssh.com",
    ]);
  });

  test("the bastion has an Ed25519 and an ECDSA host key, and the outputs pin both", async () => {
    const { stdout } = await network.run("ssh-keyscan", ["-p", "2222", BASTION]);
    expect(stdout.trim().split("\n").sort()).toEqual(outputs.knownHosts.trim().split("\n").sort());
    expect(outputs.hostKeys.map(({ type }) => type)).toEqual(["ssh-ed25519", "ecdsa-sha2-nistp256"]);
  });

  test("a pinned client refuses a bastion with another host key", async () => {
    customer.write(
      "other_hosts",
      outputs.knownHosts
        .replace(/ssh-ed25519 \S+/, customer.makeKey("impostor").split(" ").slice(0, 2).join(" "))
        .split("\n")
        .slice(0, 1)
        .join("\n"),
    );
    const { exitCode, stderr } = await customer.type(
      `ssh -o UserKnownHostsFile=other_hosts -o StrictHostKeyChecking=yes -o HostKeyAlgorithms=ssh-ed25519 -N -i customer -p 2222 tunnel@${BASTION}`,
    );
    expect(exitCode).toBe(255);
    expect(stderr).toContain("Host key verification failed");
  });
});
