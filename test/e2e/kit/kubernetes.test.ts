import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { renderKit } from "../../../components/kit/kit.ts";
import { ApiClient } from "../../cluster/api.ts";
import type { ApiObject } from "../../cluster/api-objects.ts";
import { ControlPlane } from "../../cluster/control-plane/control-plane.ts";
import { buildImage } from "../../cluster/image.ts";
import { NAMESPACE, POD, SECRET, SERVICE_ACCOUNT } from "../../cluster/node/api/kinds.ts";
import type { Pod } from "../../cluster/node/api/pod.ts";
import { NODE_ADDRESS } from "../../cluster/node/network/addresses.ts";
import { RunningNode } from "../../cluster/node/running-node.ts";
import { ECHO, Scene } from "../support/bastion-scene.ts";
import { describeWithCluster } from "../support/kubernetes-site.ts";
import { BASTION, CUSTOMER, PLATFORM } from "../support/network.ts";
import { connectTo, startEchoServer, waitForEcho } from "../support/platform.ts";
import { LOCAL } from "../support/site.ts";
import { waitUntil } from "../support/wait.ts";

const NAME = "reverse-bastion-tunnel-acme-dc1";
const namespace = "tunnels";
/** The image of a bastion has an OpenSSH client, too. */
const IMAGE = "reverse-bastion-tunnel:1";
/** An image that is small has no `pgrep`. */
const FIND_SSH = 'for process in /proc/[0-9]*; do ! grep -qx ssh "$process/comm" || basename "$process"; done';
const RESTRICTED = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
};

describeWithCluster("a kit's manifest", () => {
  let scene: Scene;
  let controlPlane: ControlPlane;
  let node: RunningNode;
  let api: ApiClient;
  let objects: ApiObject[];
  const warnings: string[] = [];

  beforeAll(async () => {
    scene = await Scene.set(
      () => ({
        clientCidrs: [`${NODE_ADDRESS}/32`],
        consumerCidrs: [`${PLATFORM}/32`],
        tunnels: [{ name: "orders", destination: `${CUSTOMER}:${ECHO}`, bindPort: 15000 }],
        clients: [{ name: "dc1", generateKey: "ed25519" }],
      }),
      { site: LOCAL },
    );
    await startEchoServer(scene.network, CUSTOMER, ECHO);
    const [{ root, environment }, started] = await Promise.all([buildImage(), ControlPlane.start()]);
    controlPlane = started;
    node = await RunningNode.start(controlPlane.admin, {
      outside: scene.network.name,
      images: [{ reference: IMAGE, root, environment, user: "10001:10001" }],
    });
    api = new ApiClient(controlPlane.admin, (warning) => warnings.push(warning));
    await api.create({ ...NAMESPACE, metadata: { name: namespace, labels: RESTRICTED } });
    await waitUntil("a service account", () => api.find(SERVICE_ACCOUNT, { namespace, name: "default" }));
    const kit = renderKit({ customer: "acme", description: scene.outputs, client: "dc1" });
    const manifest = kit.find(({ path }) => path === "kubernetes/tunnel.yaml")?.content ?? "";
    objects = parseAllDocuments(manifest).map((document) => inNamespace(document.toJS() as ApiObject));
  }, 600_000);

  afterAll(async () => {
    api?.close();
    await node?.stop();
    await controlPlane?.stop();
    await scene?.remove();
  });

  test("is what the API server understands, and nothing in it is against the restricted Pod Security Standard", async () => {
    for (const object of objects) await api.apply(object, { fieldManager: "kubectl", fieldValidation: "Strict", dryRun: true });
    const { template } = objectOf("Deployment").spec as { template: ApiObject };
    const pod = { ...template, ...POD, metadata: { ...template.metadata, namespace, name: "tried" } };
    await api.apply(objectOf("ServiceAccount"), { fieldManager: "kubectl" });
    await api.create(pod, { fieldValidation: "Strict", dryRun: true });
    expect(warnings).toEqual([]);
  });

  test("opens the tunnel from a pod, with the key from a Secret", async () => {
    const data = { "dc1.key": Buffer.from(scene.outputs.clientPrivateKeys.dc1 ?? "").toString("base64") };
    await api.create({ ...SECRET, metadata: { namespace, name: NAME }, data });
    for (const object of objects) await api.apply(object, { fieldManager: "kubectl" });
    await waitForEcho(scene.network, BASTION, 15000);
  });

  test("has the tunnel back after its ssh was killed, in the same container", async () => {
    const pod = await onlyPod();
    const key = { namespace, pod: pod.metadata.name ?? "" };
    const sshOf = async () => (await node.run(key, ["sh", "-c", FIND_SSH])).stdout.trim();
    const before = await sshOf();
    expect(before).toMatch(/^\d+$/);
    expect((await node.run(key, ["sh", "-c", `kill -KILL ${before}`])).exitCode).toBe(0);
    await waitUntil("another ssh", async () => ![before, ""].includes(await sshOf()));
    await waitForEcho(scene.network, BASTION, 15000);
    const after = await onlyPod();
    expect([after.metadata.uid, after.status?.containerStatuses?.[0]?.restartCount]).toEqual([pod.metadata.uid, 0]);
  });

  test("closes the tunnel with its pod, and does not wait to be killed", async () => {
    const pod = await onlyPod();
    const begin = Date.now();
    const deployment = objectOf("Deployment");
    await api.apply({ ...deployment, spec: { ...(deployment.spec as object), replicas: 0 } }, { fieldManager: "kubectl" });
    await waitUntil("the pod to be gone", async () => (await api.list<Pod>(POD, { namespace })).items.length === 0);
    expect(Date.now() - begin).toBeLessThan((pod.spec.terminationGracePeriodSeconds ?? 0) * 1000);
    expect(await connectTo(scene.network, BASTION, 15000)).toBe("refused");
  });

  function objectOf(kind: string): ApiObject {
    const object = objects.find((one) => one.kind === kind);
    if (object === undefined) throw new Error(`the manifest has no ${kind}`);
    return object;
  }

  async function onlyPod(): Promise<Pod> {
    const { items } = await api.list<Pod>(POD, { namespace });
    expect(items).toHaveLength(1);
    return items[0] as Pod;
  }
});

function inNamespace(object: ApiObject): ApiObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}
