import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ApiClient, PatchType } from "../../cluster/api.ts";
import type { ApiObject, WatchEvent } from "../../cluster/api-objects.ts";
import { ControlPlane } from "../../cluster/control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../cluster/control-plane/describe.ts";
import { waitUntil } from "../support/wait.ts";

const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
const SERVICE = { apiVersion: "v1", kind: "Service" };
const SERVICE_ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount" };
const NODE = { apiVersion: "v1", kind: "Node" };
const POD = { apiVersion: "v1", kind: "Pod" };
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };
const REPLICA_SET = { apiVersion: "apps/v1", kind: "ReplicaSet" };
const ENDPOINT_SLICE = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" };

const LABELS = { app: "web" };
const CONTAINER = { name: "web", image: "registry.example/web:1" };
const RESTRICTED_CONTAINER = {
  ...CONTAINER,
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  },
};

interface Endpoints extends ApiObject {
  readonly endpoints: readonly { readonly addresses: readonly string[]; readonly conditions: { readonly ready: boolean } }[];
}

interface Workload extends ApiObject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
}

describeWithControlPlane("a test cluster's control plane", () => {
  let controlPlane: ControlPlane;
  let api: ApiClient;
  const warnings: string[] = [];
  /** Of the test that runs. */
  let namespace: string;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ serviceCidr: "10.96.0.0/24", audit: true });
    api = new ApiClient(controlPlane.admin, (warning) => warnings.push(warning));
  });
  afterAll(async () => {
    api?.close();
    await controlPlane?.stop();
  });
  beforeEach(async () => {
    warnings.length = 0;
    namespace = `test-${randomUUID()}`;
    await makeNamespace({});
  });

  async function makeNamespace(labels: Readonly<Record<string, string>>): Promise<void> {
    await api.apply({ ...NAMESPACE, metadata: { name: namespace, labels } }, { fieldManager: "test" });
    // A pod is refused before its namespace has one.
    await waitUntil("a service account", () => api.find(SERVICE_ACCOUNT, { namespace, name: "default" }));
  }

  function configMap(data: Readonly<Record<string, string>>): ApiObject {
    return { ...CONFIG_MAP, metadata: { namespace, name: "settings" }, data };
  }

  function pod(container: object): ApiObject {
    return { ...POD, metadata: { namespace, name: "web", labels: LABELS }, spec: { containers: [container] } };
  }

  function deployment(): ApiObject {
    const template = { metadata: { labels: LABELS }, spec: { containers: [CONTAINER] } };
    return { ...DEPLOYMENT, metadata: { namespace, name: "web" }, spec: { selector: { matchLabels: LABELS }, template } };
  }

  async function onlyItem(kind: { readonly apiVersion: string; readonly kind: string }): Promise<Workload> {
    return waitUntil(`a ${kind.kind}`, async () => (await api.list<Workload>(kind, { namespace })).items[0]);
  }

  test("is ready, and is the pinned release", async () => {
    expect(await api.text({ method: "GET", path: "/readyz" })).toBe("ok");
    expect(await api.request({ method: "GET", path: "/version" })).toMatchObject({ gitVersion: "v1.36.3", major: "1", minor: "36" });
  });

  test("refuses unknown fields when it is asked to, and warns when it is asked for that", async () => {
    const misspelt = { ...configMap({}), dataa: { a: "b" } };
    await expect(api.create(misspelt, { fieldValidation: "Strict" })).rejects.toMatchObject({
      code: 400,
      reason: "BadRequest",
      message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dataa"',
    });
    await api.create(misspelt, { fieldValidation: "Warn", dryRun: true });
    expect(warnings).toEqual(['unknown field "dataa"']);
    expect(await api.find(CONFIG_MAP, { namespace, name: "settings" })).toBeUndefined();
  });

  test("gives a user no more rights than are bound to the name or to a group", async () => {
    const jane = new ApiClient(await controlPlane.connectionOf("jane", ["team/a"]));
    const refusal = {
      code: 403,
      reason: "Forbidden",
      message: `configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "${namespace}"`,
    };
    await expect(jane.list(CONFIG_MAP, { namespace })).rejects.toMatchObject(refusal);
    const rbac = "rbac.authorization.k8s.io";
    await api.create({
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: { namespace, name: "readers" },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "view" },
      subjects: [{ apiGroup: rbac, kind: "Group", name: "team/a" }],
    });
    const seen = await waitUntil("the binding to count", () => jane.list(CONFIG_MAP, { namespace }).catch(() => undefined));
    expect(seen.items.map(({ metadata }) => metadata.name)).toContain("kube-root-ca.crt");
    await expect(jane.create(configMap({}))).rejects.toMatchObject({ reason: "Forbidden" });
    jane.close();
  });

  test("knows a service account by its token", async () => {
    const { status } = await api.create<Workload>(
      { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: { namespace, name: "default" }, spec: {} },
      { subresource: "token" },
      SERVICE_ACCOUNT,
    );
    const { server, certificateAuthority } = controlPlane.admin;
    const account = new ApiClient({ server, certificateAuthority, token: String(status.token) });
    const who = await account.create<Workload>({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} });
    expect(who.status).toMatchObject({ userInfo: { username: `system:serviceaccount:${namespace}:default` } });
    account.close();
  });

  test("gives a node the Secrets of its own pods only", async () => {
    const secret = { apiVersion: "v1", kind: "Secret" };
    for (const name of ["its", "other"]) await api.create({ ...secret, metadata: { namespace, name } });
    const envFrom = [{ secretRef: { name: "its" } }];
    const { metadata, spec } = pod({ ...CONTAINER, envFrom });
    await api.create({ ...POD, metadata, spec: { ...(spec as object), nodeName: "node-of-its-own" } });
    const node = new ApiClient(await controlPlane.connectionOf("system:node:node-of-its-own", ["system:nodes"]));
    const its = await waitUntil("the pod to count", () => node.get(secret, { namespace, name: "its" }).catch(() => undefined));
    expect(its.metadata.name).toBe("its");
    await expect(node.get(secret, { namespace, name: "other" })).rejects.toMatchObject({ reason: "Forbidden" });
    node.close();
  });

  test("refuses a privileged pod in a restricted namespace, and takes one that is restricted", async () => {
    await makeNamespace({ "pod-security.kubernetes.io/enforce": "restricted" });
    const privileged = pod({ ...RESTRICTED_CONTAINER, securityContext: { ...RESTRICTED_CONTAINER.securityContext, runAsNonRoot: false } });
    await expect(api.create(privileged)).rejects.toMatchObject({
      code: 403,
      message:
        'pods "web" is forbidden: violates PodSecurity "restricted:latest": ' +
        'runAsNonRoot != true (container "web" must not set securityContext.runAsNonRoot=false)',
    });
    expect((await api.create<Workload>(pod(RESTRICTED_CONTAINER))).status.phase).toBe("Pending");
  });

  test("makes a Deployment a ReplicaSet, and that a pending pod", async () => {
    const { metadata } = await api.create(deployment());
    const replicaSet = await onlyItem(REPLICA_SET);
    const made = await onlyItem(POD);
    expect(replicaSet.metadata.ownerReferences).toMatchObject([{ kind: "Deployment", name: "web", uid: metadata.uid, controller: true }]);
    expect(made.metadata.ownerReferences).toMatchObject([{ kind: "ReplicaSet", uid: replicaSet.metadata.uid, controller: true }]);
    expect(made.status).toMatchObject({ phase: "Pending" });
    expect(made.spec).not.toHaveProperty("nodeName");
  });

  test("deletes what belongs to a Deployment before the Deployment, when it is told to", async () => {
    await api.create(deployment());
    await onlyItem(POD);
    await api.delete(DEPLOYMENT, { namespace, name: "web" }, { propagationPolicy: "Foreground" });
    await waitUntil("the Deployment to be gone", async () => !(await api.find(DEPLOYMENT, { namespace, name: "web" })));
    expect((await api.list(REPLICA_SET, { namespace })).items).toEqual([]);
    expect((await api.list(POD, { namespace })).items).toEqual([]);
  });

  test("deletes what is in a namespace with it", async () => {
    await api.create(configMap({}));
    await api.delete(NAMESPACE, { name: namespace });
    await waitUntil("the namespace to be gone", async () => !(await api.find(NAMESPACE, { name: namespace })));
    expect((await api.list(CONFIG_MAP, { namespace })).items).toEqual([]);
  });

  test("gives a Service an address, and lists the pods that are ready behind it", async () => {
    const service = { ...SERVICE, metadata: { namespace, name: "web" }, spec: { selector: LABELS, ports: [{ port: 80 }] } };
    expect((await api.create<Workload>(service)).spec.clusterIP).toMatch(/^10\.96\.0\.\d+$/);
    // A pod counts as ready only on a node that is there.
    await api.create({ ...NODE, metadata: { name: "node-a" } });
    await api.create(pod(CONTAINER));
    const status = { phase: "Running", podIPs: [{ ip: "192.0.2.7" }], podIP: "192.0.2.7", conditions: [{ type: "Ready", status: "True" }] };
    const binding = { apiVersion: "v1", kind: "Binding", metadata: { namespace, name: "web" }, target: { ...NODE, name: "node-a" } };
    await api.create(binding, { subresource: "binding" }, POD);
    await api.patch(POD, { namespace, name: "web" }, { status }, PatchType.STRATEGIC_MERGE, { subresource: "status" });
    const slice = await waitUntil("an endpoint", async () =>
      (await api.list<Endpoints>(ENDPOINT_SLICE, { namespace, labelSelector: "kubernetes.io/service-name=web" })).items.find(
        ({ endpoints }) => endpoints?.[0]?.conditions.ready,
      ),
    );
    expect(slice.endpoints.map(({ addresses }) => addresses)).toEqual([["192.0.2.7"]]);
  });

  test("lets each manager of fields have its own, and says when two want the same", async () => {
    await api.apply(configMap({ a: "1" }), { fieldManager: "one" });
    await expect(api.apply(configMap({ a: "2" }), { fieldManager: "two" })).rejects.toMatchObject({
      code: 409,
      reason: "Conflict",
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
    });
    await api.apply(configMap({ b: "3" }), { fieldManager: "two" });
    await api.apply(configMap({ a: "2", b: "3" }), { fieldManager: "two", force: true });
    const stored = await api.get(CONFIG_MAP, { namespace, name: "settings" });
    expect(stored.data).toEqual({ a: "2", b: "3" });
    expect(stored.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toContain("two Apply");
  });

  test("refuses to replace what has changed meanwhile", async () => {
    const first = await api.create(configMap({ a: "1" }));
    await api.patch(CONFIG_MAP, { namespace, name: "settings" }, [{ op: "add", path: "/data/b", value: "2" }], PatchType.JSON);
    await expect(api.replace({ ...first, data: {} })).rejects.toMatchObject({ code: 409, reason: "Conflict" });
    const { resourceVersion: _, ...metadata } = first.metadata;
    expect((await api.replace({ ...first, metadata, data: { c: "3" } })).data).toEqual({ c: "3" });
  });

  test("says what happens to objects, for as long as somebody watches", async () => {
    const end = new AbortController();
    const { metadata } = await api.list(CONFIG_MAP, { namespace });
    const fieldSelector = "metadata.name=settings";
    const watching = collect(
      api.watch(CONFIG_MAP, { namespace, fieldSelector, resourceVersion: metadata.resourceVersion, signal: end.signal }),
      ({ type }) => type === "DELETED" && end.abort(),
    );
    await api.create(configMap({ a: "1" }));
    await api.patch(CONFIG_MAP, { namespace, name: "settings" }, { data: { a: "2" } }, PatchType.MERGE);
    await api.delete(CONFIG_MAP, { namespace, name: "settings" });
    const events = (await watching).filter(({ type }) => type !== "BOOKMARK");
    expect(events.map(({ type, object }) => [type, object.data])).toEqual([
      ["ADDED", { a: "1" }],
      ["MODIFIED", { a: "2" }],
      ["DELETED", { a: "2" }],
    ]);
    await expect(collect(api.watch(CONFIG_MAP, { namespace: "absent/one" }))).rejects.toMatchObject({ code: 404 });
  });

  test("records who has asked for what", async () => {
    await api.apply(configMap({ a: "1" }), { fieldManager: "test" });
    const requests = controlPlane.auditLog().filter(({ objectRef }) => objectRef?.namespace === namespace && objectRef.name === "settings");
    expect(requests.map(({ verb, user, responseStatus }) => [verb, user.username, responseStatus?.code])).toEqual([
      ["patch", "admin", 201],
    ]);
  });
});

async function collect(events: AsyncIterable<WatchEvent>, onEvent: (event: WatchEvent) => void = () => {}): Promise<WatchEvent[]> {
  const collected: WatchEvent[] = [];
  for await (const event of events) {
    collected.push(event);
    onEvent(event);
  }
  return collected;
}
