import { afterAll, beforeAll, expect, test } from "vitest";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import { CONSUMER_LABELS, describeWithCluster, KUBERNETES, type KubernetesSite } from "../support/kubernetes-site.ts";
import { waitUntil } from "../support/wait.ts";

describeWithCluster("a rotation of the host keys in a cluster", () => {
  let scene: Scene<KubernetesSite>;
  let clusterHost: string;
  const file = {
    tunnels: [{ name: "echo", destination: `127.0.0.1:${ECHO}`, bindPort: 15000 }],
    clients: [{ name: "dc1", generateKey: "ed25519" as const }],
  };

  beforeAll(async () => {
    scene = await Scene.set(() => file, { site: KUBERNETES });
    clusterHost = `ssh-reverse-proxy.${scene.site.namespace}.svc.cluster.local`;
    await scene.site.startPod("consumer", CONSUMER_LABELS);
  });

  afterAll(async () => scene?.remove());

  /** What sshd announces, by its own folder: four keys while the next ones are, then two. */
  async function hostKeysInForce(): Promise<number> {
    return (await scene.site.run("ls", "/var/lib/reverse-bastion/live/host-keys")).stdout.trim().split("\n").length;
  }

  test("the pod stays, and with it the tunnel; only the new host keys are there in the end", async () => {
    const [client] = scene.outputs.clients;
    const session = scene.open(client?.command ?? "");
    const echo = async () => (await scene.site.connectFrom("consumer", clusterHost, 15000, "ping")) === "answered ping";
    await waitUntil("an echo", echo);
    const before = await scene.site.pod();
    const former = scene.outputs.knownHosts;

    await scene.up({ ...file, announceNextHostKeys: true });
    const announced = scene.outputs.knownHosts;
    expect(announced.startsWith(former)).toBe(true);
    await waitUntil("four host keys in force", async () => (await hostKeysInForce()) === 4);

    await scene.up({ ...file, hostKeyGeneration: 2 });
    await waitUntil("two host keys in force", async () => (await hostKeysInForce()) === 2);
    expect(announced).toBe(former + scene.outputs.knownHosts);
    expect([session.isRunning, await echo()]).toEqual([true, true]);
    await session.end();

    const again = scene.open(client?.command ?? "");
    await waitUntil("an echo through a session that pins the new host keys", async () => !again.isRunning || (await echo()));
    expect(again.isRunning).toBe(true);
    scene.customer.write("known_hosts", former);
    const { stderr } = await scene.customer.type(client?.command ?? "");
    expect(stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");

    const after = await scene.site.pod();
    expect([after.metadata.uid, after.status?.containerStatuses?.[0]?.restartCount]).toEqual([before.metadata.uid, 0]);
  });
});
