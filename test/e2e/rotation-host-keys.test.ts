import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../stacks/customer-file.ts";
import { ECHO, Scene } from "./support/bastion-scene.ts";
import type { SshSession } from "./support/customer.ts";
import { ChecksummedStream, connectTo, waitForEcho } from "./support/platform.ts";
import { describeAsRoot } from "./support/root.ts";
import { LOCAL } from "./support/site.ts";
import { describeOnEverySite } from "./support/sites.ts";
import { waitUntil } from "./support/wait.ts";

/** Names of keys in the customer's folder; each client has a `known_hosts` of its own, `<name>_hosts`. */
const CLIENTS = ["steady", "learner", "other"] as const;
type Client = (typeof CLIENTS)[number];
const BIND_PORTS: Readonly<Record<Client, number>> = { steady: 15000, learner: 15001, other: 15002 };

function ssh(scene: Scene, client: Client, bindPort: number, options: readonly string[] = []): string {
  const pinned = [`UserKnownHostsFile=${client}_hosts`, "StrictHostKeyChecking=yes", "UpdateHostKeys=yes"];
  const all = [...options, ...pinned, "IdentitiesOnly=yes", "BatchMode=yes", "ExitOnForwardFailure=yes"];
  return `ssh ${all.map((option) => `-o ${option}`).join(" ")} -N -T -i ${client} -p 2222 -R 0.0.0.0:${bindPort}:127.0.0.1:${ECHO} tunnel@${scene.host}`;
}

const linesOf = (knownHosts: string) => knownHosts.trim().split("\n").sort();

describeOnEverySite("a rotation of the host keys", (site) => {
  let scene: Scene;
  let publicKeys: Record<Client, string>;

  const file = (parts: Partial<CustomerFile> = {}): Partial<CustomerFile> => ({
    tunnels: CLIENTS.map((name) => ({ name, bindPort: BIND_PORTS[name] })),
    clients: CLIENTS.map((name) => ({ name, publicKeys: [publicKeys[name]], tunnels: [name] })),
    ...parts,
  });

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => {
        publicKeys = { steady: customer.makeKey("steady"), learner: customer.makeKey("learner"), other: customer.makeKey("other") };
        return file();
      },
      { site },
    );
    for (const client of CLIENTS) scene.customer.write(`${client}_hosts`, scene.outputs.knownHosts);
  });

  afterAll(async () => scene?.remove());

  test("who logs in meanwhile learns the next ones, who does not is warned, and not a byte of an open tunnel is lost", async () => {
    const before = scene.outputs;
    const steady = scene.open(ssh(scene, "steady", BIND_PORTS.steady));
    await waitForEcho(scene.network, scene.host, BIND_PORTS.steady);
    const stream = await ChecksummedStream.start(scene.network, scene.host, BIND_PORTS.steady);

    await scene.up(file({ announceNextHostKeys: true }));
    const announced = scene.outputs;
    expect(announced.hostKeys.map(({ type, announcedOnly }) => [type, announcedOnly])).toEqual([
      ["ssh-ed25519", false],
      ["ecdsa-sha2-nistp256", false],
      ["ssh-ed25519", true],
      ["ecdsa-sha2-nistp256", true],
    ]);
    expect(announced.hostKeys.slice(0, 2)).toEqual(before.hostKeys);
    const learner = await openUntilKnown(announced.knownHosts);
    const learned = scene.customer.read("learner_hosts");
    expect(await bindIsRefusedAfterLogin("other", ["UpdateHostKeys=no"]), "the present ones are still those in use").toBe(true);

    await scene.up(file({ hostKeyGeneration: 2 }));
    expect(scene.outputs.hostKeys).toEqual(announced.hostKeys.slice(2).map((key) => ({ ...key, announcedOnly: false })));
    await waitUntil("the former host keys to be gone from the host", async () => (await hostKeyFiles()).length === 4);
    const refused = await waitUntil("the next host keys to be in use", async () => {
      const { stderr } = await scene.customer.type(ssh(scene, "other", 15999));
      return stderr.includes("HOST IDENTIFICATION HAS CHANGED") && stderr;
    });
    expect(refused).toContain("Host key verification failed");
    expect(linesOf(scene.customer.read("other_hosts"))).toEqual(linesOf(before.knownHosts));

    expect([steady.isRunning, learner.isRunning]).toEqual([true, true]);
    expect(await connectTo(scene.network, scene.host, BIND_PORTS.learner, "ping")).toMatch(/^answered/);
    const result = await stream.finish();
    expect(result).toEqual({ sent: result.sent, received: result.sent, identical: true });
    expect(result.sent).toBeGreaterThan(100_000);

    expect(scene.customer.read("learner_hosts")).toBe(learned);
    await learner.end();
    await openUntilKnown(scene.outputs.knownHosts);
  });

  /** Logs in with the client's own file until that says what is given, and leaves the tunnel open. */
  async function openUntilKnown(knownHosts: string): Promise<SshSession> {
    return waitUntil("ssh to have learned the host keys", async () => {
      const session = scene.open(ssh(scene, "learner", BIND_PORTS.learner));
      await waitUntil("an echo, or the end of ssh", async () => {
        return !session.isRunning || (await connectTo(scene.network, scene.host, BIND_PORTS.learner, "ping")).startsWith("answered");
      });
      if (linesOf(scene.customer.read("learner_hosts")).join() === linesOf(knownHosts).join()) return session;
      await session.end();
      return false;
    });
  }

  /** Whether the host key was taken and the client let in: it asks for a port that is not its own, and is told so. */
  async function bindIsRefusedAfterLogin(client: Client, options: readonly string[]): Promise<boolean> {
    const { stderr } = await scene.customer.type(ssh(scene, client, 15999, options));
    return stderr.includes("remote port forwarding failed for listen port 15999");
  }

  async function hostKeyFiles(): Promise<string[]> {
    const folder = site.target === "local" ? scene.deployment.bastionFolder : "/var/lib/reverse-bastion";
    const { stdout } = await scene.site.run("sh", "-c", `cd ${folder} && ls etc/ssh_host_* live/host-keys/*`);
    return stdout.trim().split("\n");
  }
});

describeAsRoot("host keys that are no good", () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => ({
        tunnels: [{ name: "steady", bindPort: BIND_PORTS.steady }],
        clients: [{ name: "steady", publicKeys: [customer.makeKey("steady")] }],
      }),
      { site: LOCAL },
    );
    scene.customer.write("steady_hosts", scene.outputs.knownHosts);
  });

  afterAll(async () => scene?.remove());

  test("are refused, and the last good ones go on, also when sshd is started anew", async () => {
    const session = scene.open(ssh(scene, "steady", BIND_PORTS.steady));
    await waitForEcho(scene.network, scene.host, BIND_PORTS.steady);
    const good = readFileSync(inEtc("ssh_host_ed25519_key"));
    const { hostKeys } = status();
    expect(hostKeys.map(({ fingerprint }) => fingerprint)).toEqual(scene.outputs.hostKeys.map(({ fingerprint }) => fingerprint));

    writeFileSync(inEtc("ssh_host_ed25519_next_key"), "no key", { mode: 0o644 });
    await waitForRefusal("ssh_host_ed25519_next_key is no private key that ssh-keygen can read");
    writeFileSync(inEtc("ssh_host_ed25519_key"), "no key");
    await waitForRefusal("ssh_host_ed25519_key is no private key that ssh-keygen can read");
    const former = status().sshd.pid;
    process.kill(former, "SIGKILL");
    await waitUntil("another sshd", () => status().sshd.listening && status().sshd.pid !== former);
    expect(status().hostKeys).toEqual(hostKeys);
    expect(session.isRunning).toBe(true);
    const { stderr } = await scene.customer.type(ssh(scene, "steady", 15999));
    expect(stderr).toContain("remote port forwarding failed for listen port 15999");

    writeFileSync(inEtc("ssh_host_ed25519_key"), good);
    rmSync(inEtc("ssh_host_ed25519_next_key"));
    await waitForRefusal(null);
    expect(status().hostKeys).toEqual(hostKeys);
    expect(session.isRunning).toBe(true);
  });

  const inEtc = (name: string) => join(scene.deployment.bastionFolder, "etc", name);

  function status(): HostStatus {
    return JSON.parse(readFileSync(join(scene.deployment.bastionFolder, "run/status.json"), "utf8")) as HostStatus;
  }

  async function waitForRefusal(reason: string | null): Promise<void> {
    await waitUntil(`the host to say of its host keys: ${reason}`, () => status().hostKeysRefused === reason);
  }
});

/** What the status says of host keys. */
interface HostStatus {
  readonly hostKeys: readonly {
    readonly type: string;
    readonly fingerprint: string;
    readonly announcedOnly: boolean;
    readonly since: string;
  }[];
  readonly hostKeysRefused: string | null;
  readonly sshd: { readonly pid: number; readonly listening: boolean };
}
