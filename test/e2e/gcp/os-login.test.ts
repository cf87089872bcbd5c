import { afterAll, beforeAll, expect, test } from "vitest";
import { ECHO, PINNED, Scene } from "../support/bastion-scene.ts";
import { describeWithMachines } from "../support/cloud.ts";
import { type GcpSite, gcpOf } from "../support/gcp-site.ts";
import { waitForEcho } from "../support/platform.ts";
import { waitUntil } from "../support/wait.ts";

describeWithMachines("a bastion in a project that forces OS Login on its machines", () => {
  let scene: Scene<GcpSite>;

  beforeAll(async () => {
    scene = await Scene.set(
      (customer) => {
        customer.makeKey("stranger");
        return { tunnels: [{ name: "orders", destination: `127.0.0.1:${ECHO}` }], clients: [{ name: "dc1", generateKey: "ed25519" }] };
      },
      { site: gcpOf({ projectMetadata: { "enable-oslogin": "TRUE" } }).withMachines() },
    );
    scene.loop(scene.outputs.clients[0]?.command ?? "");
    await waitForEcho(scene.network, scene.host, 15000);
  });

  afterAll(async () => scene?.remove());

  test("the guest agent has changed the system's sshd, and the bastion's knows nothing of it", async () => {
    expect((await scene.site.run("head", "-n", "5", "/etc/ssh/sshd_config")).stdout).toContain("google");
    expect((await scene.site.run("grep", "-ci", "google", "/var/lib/reverse-bastion/etc/sshd_config")).stdout.trim()).toBe("0");
  });

  test("nobody but the tunnel users logs in", async () => {
    for (const user of ["tunnel", "root", "debian", "bastion-admin"]) {
      const { stderr } = await scene.customer.type(
        `ssh ${PINNED} -N -o IdentitiesOnly=yes -o BatchMode=yes -i stranger -p 2222 -R 0.0.0.0:15000:127.0.0.1:1 ${user}@${scene.host}`,
      );
      expect(stderr, user).toContain("Permission denied (publickey)");
    }
  });

  test("a reboot runs the startup script again, and changes nothing", async () => {
    const before = await state();
    await scene.site.cloud?.reboot(scene.site.instanceId);
    await scene.site.waitForLogins(scene.host);
    await waitForEcho(scene.network, scene.host, 15000);
    await waitUntil("the startup script to have run again", async () => {
      const { stdout } = await scene.site.run("journalctl", "--boot", "--no-pager", "--unit", "google-startup-scripts.service");
      return /Finished|Succeeded|Deactivated/.test(stdout);
    });
    expect(await state()).toEqual(before);
  });

  /** Contents and times of everything that the script and what it starts have put down. */
  async function state(): Promise<string> {
    const { stdout } = await scene.site.run(
      "sh",
      "-c",
      "find /var/lib/reverse-bastion/boot /var/lib/reverse-bastion/releases /var/lib/reverse-bastion/etc /etc/systemd/system -type f -name '[!.]*' ! -name '*.pyc' -printf '%p %m %u %T@\\n' | sort",
    );
    return stdout;
  }
});
