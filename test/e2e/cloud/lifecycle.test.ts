import { afterAll, beforeAll, expect, test } from "vitest";
import { Scene } from "../support/bastion-scene.ts";
import type { CloudSite } from "../support/cloud-site.ts";
import { CUSTOMER, PLATFORM, STRANGER } from "../support/network.ts";
import { connectTo, query } from "../support/platform.ts";
import { Postgres } from "../support/postgres.ts";
import { describeOnEveryCloud } from "../support/sites.ts";
import { waitUntil } from "../support/wait.ts";

const POSTGRES = 5432;

describeOnEveryCloud("a bastion from `pulumi up` to `destroy`", (cloud) => {
  let scene: Scene<CloudSite>;
  let postgres: Postgres;
  const file = {
    tunnels: [
      { name: "orders", destination: `127.0.0.1:${POSTGRES}`, bindPort: 15000 },
      { name: "flow", destination: `127.0.0.1:${POSTGRES}`, bindAddress: "loopback", bindPort: 8080 },
    ],
    clients: [{ name: "dc1", generateKey: "ed25519" as const }],
    consumers: [{ name: "platform", generateKey: "rsa-pem" as const, tunnels: ["flow"] }],
  };

  beforeAll(async () => {
    scene = await Scene.set(() => file, { site: cloud.withMachines() });
    postgres = await Postgres.start(scene.network, POSTGRES);
  });

  afterAll(async () => {
    await scene?.remove();
    postgres?.remove();
  });

  test("the printed command carries a real PostgreSQL conversation to an allowed consumer", async () => {
    const [client] = scene.outputs.clients;
    scene.open(client?.command ?? "");
    await waitUntil("rows through the tunnel", async () => {
      const rows = await query(scene.network, scene.host, 15000, "select 6 * 7 as answer");
      return JSON.stringify(rows) === '[{"answer":42}]';
    });
    expect(scene.outputs.tunnels[0]?.consumerAddresses).toEqual([`${scene.host}:15000`]);
  });

  test("a consumer reaches a loopback tunnel by ssh -L, with the printed command", async () => {
    const [consumer] = scene.outputs.consumers;
    scene.open(consumer?.command ?? "");
    await waitUntil("rows through the forward", async () => {
      const rows = await query(scene.network, "127.0.0.1", 8080, "select 1 as one");
      return JSON.stringify(rows) === '[{"one":1}]';
    });
  });

  test("from an address that is not allowed, the firewall drops logins and bind ports alike", async () => {
    expect(await connectTo(scene.network, scene.host, 15000, "", STRANGER)).toBe("timeout");
    expect(await connectTo(scene.network, scene.host, 2222, "", STRANGER)).toBe("timeout");
    expect(await connectTo(scene.network, scene.host, 15000, "", CUSTOMER), "a client is no consumer").toBe("timeout");
    expect(await connectTo(scene.network, scene.host, 2222, "", PLATFORM), "a consumer over the network is no client").toBe("timeout");
  });

  test("port 22 is closed, and nothing else listens", async () => {
    // The system's own sshd is switched off last, when the bastion's answers.
    await waitUntil("sync to be done", async () => {
      const { stdout } = await scene.site.run("systemctl", "is-enabled", "ssh.service");
      return stdout.trim() !== "enabled";
    });
    expect(await connectTo(scene.network, scene.host, 22, "", CUSTOMER)).toBe("timeout");
    const { stdout } = await scene.site.run("ss", "-Hltun");
    const listening = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/))
      .map(([protocol, , , , address]) => `${protocol} ${address}`);
    // The last is the status, for whoever has logged in as an operator.
    expect(listening.sort()).toEqual(["tcp 0.0.0.0:15000", "tcp 0.0.0.0:2222", "tcp 127.0.0.1:8080", "tcp 127.0.0.1:9422"]);
    expect((await scene.site.run("systemctl", "is-active", "ssh.service", "ssh.socket")).stdout.trim().split("\n")).toEqual([
      "inactive",
      "inactive",
    ]);
  });

  test("sshd and its programs run without a right, and nobody but them reads the host keys", async () => {
    const { stdout } = await scene.site.run("sh", "-c", "systemctl show --property=MainPID --value reverse-bastion.service");
    const status = (await scene.site.run("cat", `/proc/${stdout.trim()}/status`)).stdout;
    expect(/^CapEff:\s*0+$/m.test(status) && /^CapBnd:\s*0+$/m.test(status) && /^NoNewPrivs:\s*1$/m.test(status)).toBe(true);
    const modes = (await scene.site.run("sh", "-c", "stat -c '%a %U %G %n' /var/lib/reverse-bastion/etc/ssh_host_*_key")).stdout;
    expect(modes.trim().split("\n").sort()).toEqual([
      "640 root tunnel /var/lib/reverse-bastion/etc/ssh_host_ecdsa_key",
      "640 root tunnel /var/lib/reverse-bastion/etc/ssh_host_ed25519_key",
    ]);
  });

  test("a second up changes nothing", async () => {
    const { stdout } = await scene.deployment.pulumi("up", "--yes", "--stack", "acme", "--expect-no-changes");
    expect(stdout).toMatch(/Resources:\s+\d+ unchanged/);
  });

  test("a client more is a change of keys and of the mailbox, and the machine is left alone", async () => {
    scene.deployment.describe(scene.customerFile({ ...file, clients: [...file.clients, { name: "dc2", generateKey: "ed25519" }] }));
    const { stdout } = await scene.deployment.pulumi("preview", "--json", "--stack", "acme");
    const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
    const changed = steps.flatMap(({ op, urn }) => (op === "same" ? [] : [`${op} ${urn.split("::").at(-1)}`]));
    expect(changed.sort()).toEqual(scene.site.previewOfAnotherClient);
    scene.deployment.describe(scene.customerFile(file));
  });

  test("no secret is where another process of the machine, or a reader of the cloud's API, can see it", async () => {
    const secret = /PRIVATE KEY|b3BlbnNzaC1rZXktdjE/;
    for (const [type, records] of Object.entries(scene.site.world.read().records))
      for (const [id, record] of Object.entries(records))
        if (!scene.site.isSecret(type, record)) expect(secret.test(JSON.stringify(record)), `${type} ${id}`).toBe(false);
    const readable = await scene.site.run(
      "sh",
      "-c",
      "grep -rlsE 'PRIVATE KEY|b3BlbnNzaC1rZXktdjE' / --include='*' --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr 2>/dev/null | xargs -r stat -c '%A %U %n' || true",
    );
    expect(readable.stdout.split("\n").filter((line) => /^.{7}r/.test(line))).toEqual([]);
    const journal = await scene.site.run("journalctl", "--no-pager");
    expect(secret.test(journal.stdout)).toBe(false);
    const commands = await scene.site.run("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'");
    expect(secret.test(commands.stdout)).toBe(false);
  });

  test("drift is seen by refresh and repaired by the next up", async () => {
    await scene.site.removeClientRule();
    await scene.site.writeMailbox({ "key-set/manifest": "{}" });
    await waitUntil(
      "the firewall to shut out clients",
      async () => (await connectTo(scene.network, scene.host, 2222, "", CUSTOMER)) === "timeout",
    );
    const refresh = await scene.deployment.pulumi("refresh", "--yes", "--stack", "acme");
    expect(refresh.stdout).toMatch(scene.site.refreshOfDrift);
    await scene.deployment.up();
    await waitUntil("sshd to be reached again", async () =>
      (await connectTo(scene.network, scene.host, 2222, "", CUSTOMER)).startsWith("answered"),
    );
    const { stdout } = await scene.deployment.pulumi("preview", "--stack", "acme", "--expect-no-changes", "--refresh");
    expect(stdout).toMatch(/\d+ unchanged/);
  });

  test("destroy leaves the world empty", async () => {
    await scene.endSessions();
    await scene.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(scene.site.world.read().records).toEqual({});
    expect(await connectTo(scene.network, scene.host, 2222, "", CUSTOMER)).toBe("timeout");
  });
});
