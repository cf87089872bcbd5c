import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { PINNED, Scene } from "../support/bastion-scene.ts";
import type { CloudSite } from "../support/cloud-site.ts";
import { logInUntilAllowed } from "../support/login-retry.ts";
import { ChecksummedStream, waitForEcho } from "../support/platform.ts";
import { describeOnEveryCloud } from "../support/sites.ts";
import { waitUntil } from "../support/wait.ts";

const STATUS = "/var/lib/reverse-bastion/run/status.json";

interface Status {
  readonly keySet: { readonly digest: string; readonly refused: { readonly reason: string } | null };
  readonly sshd: { readonly pid: number | null; readonly listening: boolean };
  readonly mailbox: {
    readonly problem: string | null;
    readonly hostFiles: { readonly digest: string; readonly refused: { readonly reason: string } | null };
  } | null;
}

describeOnEveryCloud("what a machine survives", (cloud) => {
  let scene: Scene<CloudSite>;
  let keys: Record<"steady" | "late", string>;
  let stream: ChecksummedStream;

  const file = (...late: CustomerFile["clients"]): Partial<CustomerFile> => ({
    tunnels: [
      { name: "orders", bindPort: 15000 },
      { name: "billing", bindPort: 15001 },
    ],
    clients: [{ name: "steady", publicKeys: [keys.steady], tunnels: ["orders"] }, ...late],
  });
  const late = () => ({ name: "late", publicKeys: [keys.late], tunnels: ["billing"] });

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => {
        keys = { steady: customer.makeKey("steady"), late: customer.makeKey("late") };
        return file();
      },
      { site: cloud.withMachines() },
    );
    scene.openTunnel("steady", 15000);
    await waitForEcho(scene.network, scene.host, 15000);
    stream = await ChecksummedStream.start(scene.network, scene.host, 15000);
  });

  afterEach(async () => {
    await scene.site.cloud?.breakStore(undefined);
    await waitUntil("the mailbox to be well", async () => (await status()).mailbox?.problem === null);
  });

  afterAll(async () => {
    const result = await stream?.finish();
    await scene?.remove();
    expect(result, "the tunnel that was open all the time").toEqual({ sent: result.sent, received: result.sent, identical: true });
  });

  test.each(cloud.mailboxFaults)("a mailbox that is %s: the last good set stays, and the status says so", async (how) => {
    const before = await status();
    await scene.site.cloud?.breakStore(how);
    // What starts anew reads everything, also what is otherwise looked at once an hour.
    await scene.site.run("systemctl", "restart", "reverse-bastion-sync.service");
    const broken = await waitUntil("the status to tell", async () => {
      const now = await status();
      return now.mailbox?.problem === null ? undefined : now;
    });
    expect(broken.keySet.digest).toBe(before.keySet.digest);
    expect(broken.mailbox?.problem).not.toBe("");
    expect(await logsIn("steady", 15000)).toBe(true);
  });

  test("a key set that is cut short, or damaged, is not taken, and the last good one stays", async () => {
    const before = await status();
    const { "key-set/1": part = "", "key-set/manifest": manifest = "" } = scene.site.readMailbox();
    const other = { ...(JSON.parse(manifest) as object), digest: "0".repeat(64) };
    await scene.site.writeMailbox({ "key-set/1": part.slice(0, part.length / 2), "key-set/manifest": JSON.stringify(other) });
    await waitUntil("the status to tell", async () => (await status()).mailbox?.problem !== null);
    expect((await status()).keySet.digest).toBe(before.keySet.digest);
    await scene.site.writeMailbox({ "key-set/1": part, "key-set/manifest": manifest });
  });

  test("a full disk: the old key set stays, and the new one comes as soon as there is room", async () => {
    const before = await status();
    await scene.site.run("sh", "-c", "cat /dev/zero >/var/lib/filler 2>/dev/null || true");
    await scene.up(file(late()));
    await waitUntil("the status to tell", async () => {
      const { keySet, mailbox } = await status();
      return keySet.digest === before.keySet.digest && (mailbox?.problem !== null || keySet.refused !== null);
    }).finally(() => scene.site.run("rm", "-f", "/var/lib/filler"));
    await logInUntilAllowed("the new client", () => logsIn("late", 15001));
    await scene.up(file());
    await waitUntil("it to be shut out", async () => !(await logsIn("late", 15001)));
  });

  test("sshd's configuration is refused by sshd: the old one stays", async () => {
    const before = await status();
    const config = (await scene.site.run("cat", "/var/lib/reverse-bastion/etc/sshd_config")).stdout;
    const restore = await scene.site.replaceHostFiles((files) =>
      files.map((each) => (each.path === "etc/sshd_config" ? { ...each, content: `${each.content}NoSuchKeyword yes\n` } : each)),
    );
    const refused = await waitUntil("the status to tell", async () => (await status()).mailbox?.hostFiles.refused ?? undefined);
    expect(refused.reason).toContain("NoSuchKeyword");
    expect((await scene.site.run("cat", "/var/lib/reverse-bastion/etc/sshd_config")).stdout).toBe(config);
    expect((await status()).sshd.pid).toBe(before.sshd.pid);
    expect(await logsIn("steady", 15000)).toBe(true);
    await restore();
    await waitUntil("the refusal to be over", async () => (await status()).mailbox?.hostFiles.refused === null);
  });

  test("new programs and configuration are taken in place: sessions stay", async () => {
    const before = await status();
    const restore = await scene.site.replaceHostFiles((files) =>
      files.map((each) =>
        each.path === "etc/sshd_config" ? { ...each, content: each.content.replace("LoginGraceTime 30", "LoginGraceTime 31") } : each,
      ),
    );
    await anotherSshdThan(before);
    expect(await logsIn("steady", 15000)).toBe(true);
    await restore();
  });

  test("an unattended upgrade of sshd: the listener is started anew with the new program, tunnels stay", async () => {
    const before = await status();
    // What dpkg does: the new file is renamed over the old one.
    await scene.site.run(
      "sh",
      "-c",
      "cp -p /usr/sbin/sshd /usr/sbin/sshd.dpkg-new && mv /usr/sbin/sshd.dpkg-new /usr/sbin/sshd && systemctl try-restart ssh.service",
    );
    await anotherSshdThan(before);
    expect(await logsIn("steady", 15000)).toBe(true);
  });

  /** While the supervisor starts over there is no status. */
  async function status(): Promise<Status> {
    return waitUntil("a status", async () => {
      const { exitCode, stdout } = await scene.site.run("cat", STATUS);
      return exitCode === 0 && (JSON.parse(stdout) as Status);
    });
  }

  async function anotherSshdThan({ sshd: former }: Status): Promise<void> {
    await waitUntil("another sshd to listen", async () => {
      const { sshd } = await status();
      return sshd.pid !== former.pid && sshd.listening;
    });
  }

  /** Whether a client is let in at all: its bind port may be taken. */
  async function logsIn(key: string, port: number): Promise<boolean> {
    const { stderr } = await scene.customer.type(
      `ssh ${PINNED} -v -N -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=10 -o ExitOnForwardFailure=yes -i ${key} -p 2222 -R 0.0.0.0:1:127.0.0.1:1 -R 0.0.0.0:${port}:127.0.0.1:1 tunnel@${scene.host}`,
    );
    return stderr.includes("Authenticated to");
  }
});
