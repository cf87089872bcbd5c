import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import type { CloudSite } from "../support/cloud-site.ts";
import { CUSTOMER } from "../support/network.ts";
import { connectTo, waitForEcho } from "../support/platform.ts";
import { describeOnEveryCloud } from "../support/sites.ts";
import { waitUntil } from "../support/wait.ts";

/** A client in a retry loop is back within this time of sshd's return. */
const BACK_SECONDS = 15;

describeOnEveryCloud("another machine, or the same one again", (cloud) => {
  let scene: Scene<CloudSite>;
  let firstInstance: string;

  const file = (image: Partial<CustomerFile> = {}) => ({
    tunnels: [{ name: "orders", destination: `127.0.0.1:${ECHO}` }],
    clients: [{ name: "dc1", generateKey: "ed25519" as const }],
    ...image,
  });

  beforeAll(async () => {
    scene = await Scene.set(() => file(), { site: cloud.withMachines() });
    firstInstance = scene.site.instanceId;
    // What a customer runs: the printed command, started again whenever it ends, with the files handed out once.
    scene.loop(scene.outputs.clients[0]?.command ?? "");
    await waitForEcho(scene.network, scene.host, 15000);
  });

  afterAll(async () => scene?.remove());

  test("a reboot: the client is back by itself, with the same machine, host keys and address", async () => {
    const before = scene.outputs;
    await scene.site.cloud?.reboot(firstInstance);
    await sshdIsBack();
    await waitForEcho(scene.network, scene.host, 15000, BACK_SECONDS);
    await scene.deployment.pulumi("up", "--yes", "--stack", "acme", "--expect-no-changes");
    expect(await scene.deployment.outputs()).toEqual(before);
    expect(scene.site.instanceId).toBe(firstInstance);
  });

  test("a power cut: the machine comes up with what it had", async () => {
    await scene.site.cloud?.powerCut(firstInstance);
    await scene.site.cloud?.boot(firstInstance);
    await sshdIsBack();
    await waitForEcho(scene.network, scene.host, 15000, BACK_SECONDS);
  });

  test("a newer image is announced as a replacement, and keeps address, host keys, ports and keys", async () => {
    const before = scene.outputs;
    const census = scene.site.census();
    const newer = scene.site.withAnotherImage();
    scene.deployment.describe(scene.customerFile(file(newer)));
    const preview = await scene.deployment.pulumi("preview", "--stack", "acme", "--diff");
    expect(preview.stdout).toMatch(/1 to replace/);
    expect(preview.stdout).toMatch(/:(?:Instance|VirtualMachine): \((?:delete-replaced|replace)/);

    await scene.up(file(newer));
    expect(scene.site.instanceId).not.toBe(firstInstance);
    await sshdIsBack();
    await waitForEcho(scene.network, scene.host, 15000, BACK_SECONDS);
    const { clientPrivateKeys, ...after } = scene.outputs;
    expect({ ...after, clientPrivateKeys }).toEqual(before);
    // No disk, interface or address of the former machine.
    expect(scene.site.census()).toEqual(census);
  });

  test("a newer image of the publisher alone changes nothing", async () => {
    await scene.site.publishNewerImage();
    await scene.deployment.pulumi("up", "--yes", "--stack", "acme", "--expect-no-changes");
  });

  test("a machine that somebody terminated is made again, with the same address and host keys", async () => {
    const before = scene.outputs;
    const lost = scene.site.instanceId;
    await scene.site.terminateBehindPulumisBack(lost);
    await scene.deployment.pulumi("up", "--yes", "--skip-preview", "--refresh", "--stack", "acme");
    expect(scene.site.instanceId).not.toBe(lost);
    await sshdIsBack();
    await waitForEcho(scene.network, scene.host, 15000, BACK_SECONDS);
    expect(await scene.deployment.outputs()).toEqual(before);
  });

  async function sshdIsBack(): Promise<void> {
    await waitUntil("sshd's banner", async () =>
      (await connectTo(scene.network, scene.host, 2222, "", CUSTOMER)).startsWith("answered SSH-2.0-"),
    );
  }
});
