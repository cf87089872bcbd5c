import { afterAll, beforeAll, expect, test } from "vitest";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import type { CloudSite } from "../support/cloud-site.ts";
import { waitForEcho } from "../support/platform.ts";
import { describeOnEveryCloud } from "../support/sites.ts";
import { waitUntil } from "../support/wait.ts";

describeOnEveryCloud("a bastion with Debian 12", (cloud) => {
  let scene: Scene<CloudSite>;

  beforeAll(async () => {
    scene = await Scene.set(
      () => ({
        aws: { image: "debian-12", instanceType: "t3.micro" },
        azure: { location: "westeurope", image: "debian-12" },
        gcp: { zone: "europe-west3-a", image: "debian-12" },
        tunnels: [{ name: "orders", destination: `127.0.0.1:${ECHO}` }],
        clients: [{ name: "dc1", generateKey: "ed25519" }],
      }),
      { site: cloud.withMachines("bookworm") },
    );
  });

  afterAll(async () => scene?.remove());

  test("the printed command carries traffic", async () => {
    scene.open(scene.outputs.clients[0]?.command ?? "");
    await waitForEcho(scene.network, scene.host, 15000);
    expect((await scene.site.run("sshd", "-V")).stderr).toContain("OpenSSH_9.2");
  });

  test("no service of the bastion has failed, and the system's own sshd is off", async () => {
    const { stdout } = await scene.site.run("systemctl", "list-units", "--failed", "--plain", "--no-legend");
    expect(stdout.trim()).toBe("");
    // Switched off last, when the bastion's own sshd answers.
    await waitUntil("port 22 to be closed", async () => (await scene.site.run("ss", "-Hltn", "sport = :22")).stdout.trim() === "");
  });
});
