import { afterAll, beforeAll, expect, test } from "vitest";
import { POD } from "../../cluster/node/api/kinds.ts";
import type { Pod } from "../../cluster/node/api/pod.ts";
import { ECHO, PINNED, Scene } from "../support/bastion-scene.ts";
import { CONSUMER_LABELS, describeWithCluster, KUBERNETES, type KubernetesSite } from "../support/kubernetes-site.ts";
import { CUSTOMER, STRANGER } from "../support/network.ts";
import { connectTo } from "../support/platform.ts";
import { Postgres } from "../support/postgres.ts";
import { waitUntil } from "../support/wait.ts";

const POSTGRES = 5432;

describeWithCluster("a bastion in a cluster, from `pulumi up` to `destroy`", () => {
  let scene: Scene<KubernetesSite>;
  let postgres: Postgres;
  let site: KubernetesSite;
  let clusterHost: string;

  const tunnels = [
    { name: "orders", destination: `127.0.0.1:${POSTGRES}`, bindPort: 15000 },
    { name: "echo", destination: `127.0.0.1:${ECHO}`, bindPort: 15001 },
    { name: "flow", destination: `127.0.0.1:${POSTGRES}`, bindAddress: "loopback", bindPort: 8080 },
  ];
  const clients = [{ name: "dc1", generateKey: "ed25519" as const }];
  const file = { tunnels, clients };

  beforeAll(async () => {
    scene = await Scene.set(() => file, { site: KUBERNETES });
    site = scene.site;
    clusterHost = `ssh-reverse-proxy.${site.namespace}.svc.cluster.local`;
    postgres = await Postgres.start(scene.network, POSTGRES);
    await site.startPod("consumer", CONSUMER_LABELS);
    await site.startPod("neighbour", { app: "other" });
    await site.makeNamespace(`${site.namespace}-other`);
    await site.startPod("consumer", CONSUMER_LABELS, `${site.namespace}-other`);
  });

  afterAll(async () => {
    await scene?.remove();
    postgres?.remove();
  });

  const rows = () => site.queryFrom("consumer", clusterHost, 15000, "select 6 * 7");
  const echo = () => site.connectFrom("consumer", clusterHost, 15001, "ping");

  test("the printed command carries a real PostgreSQL conversation to a pod at the cluster's name", async () => {
    scene.loop(scene.outputs.clients[0]?.command ?? "");
    await waitUntil("rows through the tunnel", async () => (await rows()) === "rows 42");
    expect(scene.outputs.tunnels.map(({ consumerAddresses }) => consumerAddresses)).toEqual([
      [`${clusterHost}:15000`],
      [`${clusterHost}:15001`],
      [],
    ]);
  });

  test("a pod that is not selected, and a selected one's twin in another namespace, cannot connect", async () => {
    expect(await site.connectFrom("neighbour", clusterHost, 15001, "ping")).toBe("timeout");
    expect(await site.connectFrom("consumer", clusterHost, 15001, "ping", `${site.namespace}-other`)).toBe("timeout");
    expect(await site.connectFrom("neighbour", clusterHost.replace("ssh-reverse-proxy", "acme-bastion-ssh"), 2222, "")).toBe("timeout");
    expect(await connectTo(scene.network, scene.host, 2222, "", STRANGER)).toBe("timeout");
  });

  test("the pod reaches nothing: no other pod, no metadata service, nothing outside", async () => {
    const { status } = await site.api.get<Pod>(POD, { namespace: site.namespace, name: "consumer" });
    const { metadata } = await site.pod();
    // Nobody listens there: who got through would be refused.
    for (const [host, port] of [
      [status?.podIP ?? "", 80],
      ["169.254.169.254", 80],
      [CUSTOMER, 22],
    ] as const)
      expect(await site.connectFrom(metadata.name ?? "", host, port, ""), host).toBe("timeout");
  });

  test("it runs without root, without a capability, on a file system that is read-only", async () => {
    const status = (await site.run("cat", "/proc/1/status")).stdout;
    expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);
    expect(status).toMatch(/^CapEff:\t0000000000000000$/m);
    expect(status).toMatch(/^CapBnd:\t0000000000000000$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect((await site.run("touch", "/etc/ours")).stderr).toContain("Read-only file system");
  });

  test("a second up changes nothing", async () => {
    await scene.deployment.pulumi("up", "--yes", "--stack", "acme", "--expect-no-changes");
  });

  test("a client more or less is in force within seconds, with the same pod and the other tunnel untouched", async () => {
    const before = await site.pod();
    const publicKey = scene.customer.makeKey("second");
    const logIn = () =>
      scene.customer.type(
        `ssh ${PINNED} -N -T -o IdentitiesOnly=yes -o BatchMode=yes -i second -p 2222 -R 0.0.0.0:15000:x:1 tunnel@${scene.host}`,
      );
    expect((await logIn()).stderr).toContain("Permission denied (publickey)");

    await scene.up({
      ...file,
      clients: [...clients, { name: "dc2", publicKeys: [publicKey], tunnels: ["spare"] }],
      tunnels: [...tunnels, { name: "spare", bindPort: 15002 }],
    });
    const session = await scene.openTunnelOnceAllowed("second", 15002, () => site.connectFrom("consumer", clusterHost, 15002, "ping"));
    await scene.up(file);
    await session.ended();
    expect((await logIn()).stderr).toContain("Permission denied (publickey)");

    expect(await rows()).toBe("rows 42");
    const after = await site.pod();
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  test("a pod that is evicted comes back with the same host keys, and the client by itself", async () => {
    const { metadata } = await site.pod();
    await site.api.delete(POD, { namespace: site.namespace, name: metadata.name ?? "" });
    await waitUntil("another pod", async () => {
      const { items } = await site.api.list(POD, { namespace: site.namespace });
      return items.some(({ metadata: { name, uid } }) => name?.startsWith("acme-bastion-") === true && uid !== metadata.uid);
    });
    await site.waitForLogins(scene.host);
    await waitUntil("an echo", async () => (await echo()) === "answered ping");
  });

  test("destroy leaves nothing in the namespace", async () => {
    await scene.deployment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    expect(await site.objectsOfBastion()).toEqual([]);
  });
});
