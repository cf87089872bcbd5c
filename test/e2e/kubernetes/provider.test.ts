import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ObedientNode } from "../../cloud/kubernetes/obedient-node.ts";
import { ApiClient, PatchType } from "../../cluster/api.ts";
import type { ApiObject, Kind, ManagedFields } from "../../cluster/api-objects.ts";
import { ControlPlane } from "../../cluster/control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../cluster/control-plane/describe.ts";
import { renderKubeconfig } from "../../cluster/kubeconfig.ts";
import { StandInStack } from "../support/stand-in-stack.ts";
import { waitUntil } from "../support/wait.ts";

/** Objects as somebody's program declares them. `$get` is an output of one before, such as `settings.metadata.name`. */
const PROGRAM = `
import * as kubernetes from "@pulumi/kubernetes";
import { readFileSync } from "node:fs";

const { provider: settings, objects } = JSON.parse(readFileSync("options.json"));
const provider = new kubernetes.Provider("cluster", settings);
const made = {};
const at = (value, path) => path.reduce((inner, key) => inner?.[key], value);
const resolve = (value) => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value.$get === "string") {
    const [name, property, ...path] = value.$get.split(".");
    return made[name][property].apply((inner) => at(inner, path));
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
};
for (const [name, { type, options, ...args }] of Object.entries(objects))
  made[name] = new (at(kubernetes, type.split(".")))(name, resolve(args), { provider, ...options });
`;

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };
const SECRET = { apiVersion: "v1", kind: "Secret" };
const SERVICE = { apiVersion: "v1", kind: "Service" };
const SERVICE_ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount" };
const ENDPOINTS = { apiVersion: "v1", kind: "Endpoints" };
const POD = { apiVersion: "v1", kind: "Pod" };
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };

const LABELS = { app: "bastion" };
const SKIP_AWAIT = { annotations: { "pulumi.com/skipAwait": "true" } };

type Objects = Readonly<Record<string, { readonly type: string; readonly [argument: string]: unknown }>>;

function configMap(metadata: object, data: object, others: object = {}) {
  return { type: "core.v1.ConfigMap", metadata, data, ...others };
}

function service(metadata: object, spec: object = {}) {
  return { type: "core.v1.Service", metadata, spec: { selector: LABELS, ports: [{ port: 2222 }], ...spec } };
}

function deployment(metadata: object, spec: object = {}, pod: object = {}) {
  const template = {
    metadata: { labels: LABELS },
    spec: { containers: [{ name: "bastion", image: "registry.example/bastion:1" }], ...pod },
  };
  return { type: "apps.v1.Deployment", metadata, spec: { selector: { matchLabels: LABELS }, template, ...spec } };
}

describeWithControlPlane("the stand-in for the provider of Kubernetes", () => {
  let controlPlane: ControlPlane;
  let api: ApiClient;
  let node: ObedientNode;
  let stack: StandInStack;
  /** Of the test that runs; the kubeconfig names it. */
  let namespace: string;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ audit: true });
    api = new ApiClient(controlPlane.admin);
    node = new ObedientNode(api, "node-a");
    await node.start();
  });
  afterAll(async () => {
    await node?.stop();
    api?.close();
    await controlPlane?.stop();
  });

  beforeEach(async () => {
    namespace = `test-${randomUUID()}`;
    await api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await waitUntil("a service account", () => api.find(SERVICE_ACCOUNT, { namespace, name: "default" }));
    stack = new StandInStack({ program: PROGRAM, options: { provider: settings(), objects: {} }, config: {}, seeds: {} });
    await stack.create();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    stack.remove();
  });

  function settings(others: object = {}): object {
    return { kubeconfig: renderKubeconfig(controlPlane.admin), namespace, ...others };
  }

  function declare(objects: Objects, provider: object = {}): void {
    stack.set({ provider: settings(provider), objects });
  }

  async function up(objects: Objects, provider: object = {}): Promise<string> {
    declare(objects, provider);
    return stack.up();
  }

  /** Runs what has to fail, and gives what it prints. */
  async function failing(...args: readonly string[]): Promise<string> {
    const { exitCode, printed } = await stack.run(...args);
    expect(exitCode, printed).not.toBe(0);
    return printed;
  }

  const failingUp = () => failing("up", "--yes", "--skip-preview");
  const refresh = () => stack.done("refresh", "--yes", "--skip-preview");
  const destroy = () => stack.done("destroy", "--yes", "--skip-preview");
  const get = <T extends ApiObject = ApiObject>(kind: Kind, name: string) => api.get<T>(kind, { namespace, name });
  const find = (kind: Kind, name: string) => api.find(kind, { namespace, name });

  async function only(kind: Kind): Promise<ApiObject> {
    const own = (await api.list(kind, { namespace })).items.filter(
      ({ metadata }) => !/^(default|kube-root-ca\.crt)$/.test(metadata.name ?? ""),
    );
    expect(own).toHaveLength(1);
    return own[0] as ApiObject;
  }

  /** What the API server was asked to do in the namespace. */
  const requests = () =>
    controlPlane
      .auditLog()
      .filter(
        ({ objectRef, user, verb }) => objectRef?.namespace === namespace && user.username === "admin" && !/get|list|watch/.test(verb),
      )
      .map(({ verb, requestURI }) => `${verb} ${requestURI.replace(/^.*\/namespaces\/[^/]+\//, "")}`);

  test("makes every kind of object that a bastion has, waits for it, and sees no change in what it has made", async () => {
    const bastion = {
      account: { type: "core.v1.ServiceAccount", metadata: { name: "bastion" }, automountServiceAccountToken: false },
      config: configMap({ labels: LABELS }, { sshd_config: "Port 2222\n" }, { immutable: true }),
      keys: { type: "core.v1.Secret", immutable: true, stringData: { ssh_host_ed25519_key: "a host key" } },
      "key-set": configMap({ name: "key-set" }, {}, { binaryData: { "key-set.json.gz": "H4sIAAAAAAAAAwMAAAAAAAAAAAA=" } }),
      policy: {
        type: "networking.v1.NetworkPolicy",
        metadata: { name: "bastion" },
        spec: {
          podSelector: { matchLabels: LABELS },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ ipBlock: { cidr: "198.51.100.0/24" } }], ports: [{ protocol: "TCP", port: 2222 }] }],
        },
      },
      budget: {
        type: "policy.v1.PodDisruptionBudget",
        metadata: { name: "bastion" },
        spec: { maxUnavailable: 0, selector: { matchLabels: LABELS } },
      },
      tunnels: service({ name: "ssh-reverse-proxy", ...SKIP_AWAIT }, { publishNotReadyAddresses: true }),
      deployment: deployment(
        { name: "bastion" },
        { replicas: 1, strategy: { type: "Recreate" }, revisionHistoryLimit: 0 },
        {
          serviceAccountName: { $get: "account.metadata.name" },
          containers: [{ name: "bastion", image: "registry.example/bastion:1", resources: { limits: { cpu: "0.5", memory: "1024Mi" } } }],
          volumes: [
            { name: "directory", emptyDir: { medium: "Memory", sizeLimit: "1024Ki" } },
            { name: "configuration", configMap: { name: { $get: "config.metadata.name" } } },
            { name: "keys", secret: { secretName: { $get: "keys.metadata.name" } } },
          ],
        },
      ),
    };
    declare(bastion);
    expect(await stack.done("preview")).toContain("+ 10 to create");
    expect(await api.list(DEPLOYMENT, { namespace })).toMatchObject({ items: [] });
    expect(await stack.up()).toContain("+ 10 created");
    expect((await get(DEPLOYMENT, "bastion")).status).toMatchObject({ readyReplicas: 1 });
    expect(await stack.up()).toContain("10 unchanged");
    expect(await refresh()).toContain("10 unchanged");
    expect(await stack.done("preview")).toContain("10 unchanged");
    expect(await destroy()).toContain("- 10 deleted");
    for (const kind of [CONFIG_MAP, SECRET, SERVICE, SERVICE_ACCOUNT, DEPLOYMENT, POD])
      expect(
        (await api.list(kind, { namespace })).items.filter(({ metadata }) => !/^(default|kube-root-ca\.crt)$/.test(metadata.name ?? "")),
      ).toEqual([]);
  });

  test("creates by a POST, and updates by an apply under a name of its own that takes the fields of the creation over", async () => {
    await up({ settings: configMap({ name: "settings" }, { a: "1" }) }, { enableConfigMapMutable: true });
    const managers = ({ metadata }: ApiObject) =>
      (metadata.managedFields as ManagedFields[]).map(({ manager, operation }) => `${manager} ${operation}`);
    expect(managers(await get(CONFIG_MAP, "settings"))).toEqual(["pulumi-kubernetes Update"]);
    const options = { enableConfigMapMutable: true };
    expect(await up({ settings: configMap({ name: "settings" }, { b: "2" }) }, options)).toContain("~ 1 updated");
    const updated = await get(CONFIG_MAP, "settings");
    expect(updated.data).toEqual({ b: "2" });
    expect(managers(updated)).toEqual([expect.stringMatching(/^pulumi-kubernetes-[0-9a-f]{8} Apply$/)]);
    await up({ settings: configMap({ name: "settings" }, { b: "3" }) }, options);
    expect(managers(await get(CONFIG_MAP, "settings"))).toEqual(managers(updated));
    const [manager] = managers(updated)[0]?.split(" ") ?? [];
    expect(requests().map((request) => request.replace(/&?(force|dryRun)=[^&]*/g, ""))).toEqual([
      "create configmaps?fieldManager=pulumi-kubernetes&fieldValidation=Strict",
      "patch configmaps/settings",
      `patch configmaps/settings?fieldManager=${manager}&fieldValidation=Strict`,
      `patch configmaps/settings?fieldManager=${manager}&fieldValidation=Strict`,
    ]);
    expect(await stack.done("stack", "export")).toContain(`"__fieldManager": "${manager}"`);
  });

  test("an object that exists fails the up and not the preview, unless it is to be taken over", async () => {
    await api.create({ ...CONFIG_MAP, metadata: { namespace, name: "ext" }, data: { theirs: "1" } });
    declare({ ext: configMap({ name: "ext" }, { ours: "2" }) });
    expect(await stack.done("preview")).toContain("+ 3 to create");
    expect(await failingUp()).toContain('configmaps "ext" already exists');
    expect(await up({ ext: configMap({ name: "ext" }, { ours: "2" }) }, { upsertExistingObjects: true })).toContain("created");
    expect((await get(CONFIG_MAP, "ext")).data).toEqual({ theirs: "1", ours: "2" });
  });

  test.each([
    [
      "a port that is none",
      { service: service({ name: "a", ...SKIP_AWAIT }, { ports: [{ port: 70_000 }] }) },
      "spec.ports[0].port: Invalid value: 70000",
    ],
    [
      "a bad name",
      { map: configMap({ name: "Bad_Name" }, {}) },
      'ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name"',
    ],
    [
      "a selector that does not match",
      { pods: deployment({ name: "a" }, { selector: { matchLabels: { app: "other" } } }) },
      "`selector` does not match template `labels`",
    ],
    [
      "a misspelt field",
      { pods: deployment({ name: "a" }, {}, { containers: [{ name: "a", image: "b", imagee: "c" }] }) },
      'strict decoding error: unknown field "spec.template.spec.containers[0].imagee"',
    ],
  ])("the preview refuses, in the API server's words, %s", async (_, objects, message) => {
    declare(objects as Objects);
    expect(await failing("preview")).toContain(message);
  });

  test("a preview takes for granted what it cannot ask: unknown inputs, a kind that is absent, a namespace that is", async () => {
    declare({
      settings: configMap({}, {}),
      bound: service({ name: "bound", annotations: { of: { $get: "settings.id" } } }, { ports: [{ port: 70_000 }] }),
      route: {
        type: "apiextensions.CustomResource",
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "TCPRoute",
        metadata: { name: "a" },
      },
      elsewhere: configMap({ namespace: "absent" }, {}),
      patch: { ...configMap({ name: "theirs" }, { a: "1" }), type: "core.v1.ConfigMapPatch" },
    });
    expect(await stack.done("preview")).toContain("+ 7 to create");
    expect(requests().every((request) => request.includes("dryRun=All"))).toBe(true);
  });

  test("who may not create passes the preview, and the up says what is forbidden", async () => {
    const kubeconfig = renderKubeconfig(await controlPlane.connectionOf("jane"));
    declare({ a: service({ name: "a", ...SKIP_AWAIT }) }, { kubeconfig });
    expect(await stack.done("preview")).toContain("+ 3 to create");
    expect(await failingUp()).toContain(
      `services is forbidden: User "jane" cannot create resource "services" in API group "" in the namespace "${namespace}"`,
    );
  });

  test("names what has no name, says so, keeps the name, and fills in the namespace", async () => {
    const labelled = (labels: object) => ({ settings: configMap({ labels }, { a: "1" }) });
    await up(labelled({}));
    const { metadata } = await only(CONFIG_MAP);
    expect(metadata).toMatchObject({
      name: expect.stringMatching(/^settings-[0-9a-f]{8}$/),
      namespace,
      annotations: { "pulumi.com/autonamed": "true" },
    });
    expect(await up(labelled({ a: "b" }))).toContain("~ 1 updated");
    expect((await only(CONFIG_MAP)).metadata.name).toBe(metadata.name);
    const exported = JSON.parse(await stack.done("stack", "export")) as { deployment: { resources: { inputs?: { metadata?: object } }[] } };
    expect(exported.deployment.resources.at(-1)?.inputs?.metadata).toEqual({
      name: metadata.name,
      namespace,
      annotations: { "pulumi.com/autonamed": "true" },
      labels: { a: "b" },
    });
  });

  test("keeps secrets: stringData becomes data, and neither is in the open", async () => {
    const secret = (value: string) => ({ keys: { type: "core.v1.Secret", metadata: { name: "keys" }, stringData: { key: value } } });
    await up(secret("the host key"));
    expect((await get(SECRET, "keys")).data).toEqual({ key: Buffer.from("the host key").toString("base64") });
    const exported = await stack.done("stack", "export");
    const shown = await stack.done("stack", "export", "--show-secrets");
    for (const text of ["the host key", Buffer.from("the host key").toString("base64")]) expect(exported).not.toContain(text);
    expect(shown).toContain(Buffer.from("the host key").toString("base64"));
    expect(shown).not.toContain('"stringData": {');
    expect(await stack.up()).toContain("3 unchanged");
    declare(secret("another"));
    const preview = await stack.done("preview", "--diff");
    expect(preview).toMatch(/\[secret\]/);
    expect(preview).not.toContain(Buffer.from("another").toString("base64"));
  });

  test("content of a named ConfigMap is replaced, deletion first; where it may change, it is updated", async () => {
    const settings = (value: string) => ({ settings: configMap({ name: "settings" }, { a: value }) });
    await up(settings("1"));
    const { metadata } = await get(CONFIG_MAP, "settings");
    declare(settings("2"));
    expect(await stack.done("preview")).toContain("+-1 to replace");
    expect(await stack.up()).toContain("+-1 replaced");
    const replaced = await get(CONFIG_MAP, "settings");
    expect(replaced.metadata.uid).not.toBe(metadata.uid);
    // The provider's own resource is the other one.
    expect(await up(settings("3"), { enableConfigMapMutable: true })).toContain("~ 2 updated");
    expect(await get(CONFIG_MAP, "settings")).toMatchObject({ metadata: { uid: replaced.metadata.uid }, data: { a: "3" } });
    const immutable = configMap({ name: "settings" }, { a: "3" }, { immutable: true });
    expect(await up({ settings: immutable }, { enableConfigMapMutable: true })).toContain("~ 1 updated");
    expect(await up({ settings: { ...immutable, data: { a: "4" } } }, { enableConfigMapMutable: true })).toContain("+-1 replaced");
  });

  test("other content of a Secret without a name is another one: made first, then its users change, then the old one goes", async () => {
    const objects = (value: string) => ({
      keys: { type: "core.v1.Secret", stringData: { key: value } },
      pods: deployment({ name: "bastion" }, {}, { volumes: [{ name: "keys", secret: { secretName: { $get: "keys.metadata.name" } } }] }),
    });
    await up(objects("one"));
    const { metadata } = await get(DEPLOYMENT, "bastion");
    const former = await only(SECRET);
    expect(await up(objects("two"))).toMatch(/~ 1 updated\s+\+-1 replaced/);
    expect((await get(DEPLOYMENT, "bastion")).metadata.uid).toBe(metadata.uid);
    const latter = await only(SECRET);
    expect(latter.metadata.name).not.toBe(former.metadata.name);
    const changes = requests().filter((request) => !/dryRun|pods|create deploy/.test(request) && /secrets|deployments/.test(request));
    expect(changes.slice(1).map((request) => request.replace(/\?.*/, ""))).toEqual([
      "create secrets",
      "patch deployments/bastion",
      "patch deployments/bastion",
      `delete secrets/${former.metadata.name}`,
    ]);
    expect(await up(objects("three"), { enableSecretMutable: true })).toContain("~ 2 updated");
    expect((await only(SECRET)).metadata.name).toBe(latter.metadata.name);
  });

  test("an output of a named Secret that is replaced has a Deployment replaced that uses it", async () => {
    const objects = (value: string) => ({
      keys: { type: "core.v1.Secret", metadata: { name: "keys" }, stringData: { key: value } },
      pods: deployment({ name: "bastion" }, {}, { volumes: [{ name: "keys", secret: { secretName: { $get: "keys.metadata.name" } } }] }),
    });
    await up(objects("one"));
    declare(objects("two"));
    expect(await stack.done("preview")).toContain("+-2 to replace");
  });

  test("another selector replaces a Deployment, and changes a Service in place, as another type does", async () => {
    const objects = (labels: Record<string, string>, type: string) => {
      const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "registry.example/bastion:1" }] } };
      return {
        pods: deployment({ name: "bastion" }, { selector: { matchLabels: labels }, template }),
        ssh: service({ name: "ssh", ...SKIP_AWAIT }, { type, selector: labels }),
      };
    };
    await up(objects(LABELS, "ClusterIP"));
    const before = await get(SERVICE, "ssh");
    const output = await up(objects({ app: "other" }, "NodePort"));
    expect(output).toMatch(/~ 1 updated\s+\+-1 replaced/);
    expect(await get(SERVICE, "ssh")).toMatchObject({
      metadata: { uid: before.metadata.uid },
      spec: { type: "NodePort", selector: { app: "other" } },
    });
  });

  test("skipAwait leaves out waiting for a Deployment's end as well: its successor comes too early, once", async () => {
    const pods = (app: string) => {
      const template = { metadata: { labels: { app } }, spec: { containers: [{ name: "a", image: "registry.example/bastion:1" }] } };
      return { pods: deployment({ name: "bastion", ...SKIP_AWAIT }, { selector: { matchLabels: { app } }, template }) };
    };
    const hold = (finalizers: readonly string[] | null) =>
      api.patch(DEPLOYMENT, { namespace, name: "bastion" }, { metadata: { finalizers } }, PatchType.MERGE);
    await up(pods("one"));
    await waitUntil("the pod", async () => (await api.list(POD, { namespace })).items.length === 1);
    // As slow pods would keep it, but for certain.
    await hold(["example.com/held"]);
    declare(pods("two"));
    expect(await failingUp()).toContain('object is being deleted: deployments.apps "bastion" already exists');
    await hold(null);
    await waitUntil("the first one to be gone", async () => !(await find(DEPLOYMENT, "bastion")));
    expect(await stack.up()).toContain("created");
  });

  test("a Deployment without a pod that is ready fails when its time is up, and stays in state", async () => {
    const annotations = { "pulumi.com/timeoutSeconds": "4" };
    // No pod is admitted without its service account.
    declare({ pods: deployment({ name: "bastion", annotations }, {}, { serviceAccountName: "absent" }) });
    const printed = await failingUp();
    expect(printed).toContain("'bastion' timed out waiting to be Ready");
    expect(printed).toContain("[MinimumReplicasUnavailable] Deployment does not have minimum availability.");
    expect(printed).toContain("Minimum number of live Pods was not attained");
    await api.create({ ...SERVICE_ACCOUNT, metadata: { namespace, name: "absent" } });
    await waitUntil("a pod", async () => ((await get(DEPLOYMENT, "bastion")).status as { readyReplicas?: number }).readyReplicas === 1);
    expect(await stack.up()).toContain("~ 1 updated");
    expect(await stack.up()).toContain("3 unchanged");
  });

  test("a Service is waited for until its endpoints have settled, a load balancer until it has an address", async () => {
    declare({ ssh: service({ name: "ssh" }, { type: "LoadBalancer" }) });
    const began = Date.now();
    const upping = stack.up();
    await waitUntil("the service", () => find(SERVICE, "ssh"));
    const spec = { containers: [{ name: "bastion", image: "registry.example/bastion:1" }] };
    await api.create({ ...POD, metadata: { namespace, name: "ssh", labels: LABELS }, spec });
    await waitUntil("its endpoints", async () => ((await find(ENDPOINTS, "ssh"))?.subsets as unknown[] | undefined)?.length === 1);
    // As the controller of a cloud would.
    const status = { loadBalancer: { ingress: [{ ip: "203.0.113.20" }] } };
    await api.patch(SERVICE, { namespace, name: "ssh" }, { status }, PatchType.MERGE, { subresource: "status" });
    expect(await upping).toContain("created");
    expect(Date.now() - began).toBeGreaterThan(10_000);
    expect(await stack.done("stack", "export")).toContain("203.0.113.20");
  });

  test("a load balancer without an address fails when its time is up", async () => {
    declare({ ssh: service({ name: "ssh", annotations: { "pulumi.com/timeoutSeconds": "2" } }, { type: "LoadBalancer" }) });
    const printed = await failingUp();
    expect(printed).toContain("'ssh' timed out waiting to be Ready");
    expect(printed).toContain("Service was not allocated an IP address; does your cloud provider support this?");
    expect(printed).toContain("Service does not target any Pods.");
  });

  test("a Pod is waited for, and replaced when its container changes", async () => {
    const pod = (image: string) => ({
      pod: { type: "core.v1.Pod", metadata: { name: "a" }, spec: { containers: [{ name: "a", image }] } },
    });
    expect(await up(pod("registry.example/bastion:1"))).toContain("created");
    expect((await get(POD, "a")).status).toMatchObject({ phase: "Running" });
    declare(pod("registry.example/bastion:2"));
    expect(await stack.done("preview")).toContain("+-1 to replace");
  });

  test("a deletion waits for finalizers, and names them when its time is up", async () => {
    const metadata = { name: "settings", finalizers: ["example.com/hold"], annotations: { "pulumi.com/timeoutSeconds": "2" } };
    await up({ settings: configMap(metadata, {}) });
    const printed = await failing("destroy", "--yes", "--skip-preview");
    expect(printed).toContain("finalizers might be preventing deletion (example.com/hold");
    expect(printed).toContain("timed out waiting for the condition");
    await api.patch(CONFIG_MAP, { namespace, name: "settings" }, { metadata: { finalizers: null } }, PatchType.MERGE);
    expect(await destroy()).toContain("deleted");
  });

  test("drift stays unnoticed until a refresh; then preview and up end in the conflict, and foreign labels are left alone", async () => {
    const objects = { settings: configMap({ name: "settings" }, {}), ssh: service({ name: "ssh", ...SKIP_AWAIT }) };
    await up(objects);
    await up({ ...objects, ssh: service({ name: "ssh", ...SKIP_AWAIT }, { sessionAffinity: "None" }) });
    declare(objects);
    await stack.up();
    const drifted = { ...SERVICE, metadata: { namespace, name: "ssh", labels: { theirs: "1" } }, spec: { selector: { app: "drifted" } } };
    await api.apply(drifted, { fieldManager: "drifter", force: true });
    await api.delete(CONFIG_MAP, { namespace, name: "settings" });
    expect(await stack.done("preview")).toContain("4 unchanged");
    expect(await refresh()).toMatch(/~ 1 updated\s+- 1 deleted/);
    const conflict = 'Apply failed with 1 conflict: conflict with "drifter": .spec.selector';
    expect(await failing("preview")).toContain(conflict);
    expect(await failingUp()).toContain(conflict);
    const forced = { annotations: { ...SKIP_AWAIT.annotations, "pulumi.com/patchForce": "true" } };
    expect(await up({ ...objects, ssh: service({ name: "ssh", ...forced }) })).toContain("~ 1 updated");
    expect(await get(SERVICE, "ssh")).toMatchObject({ metadata: { labels: { theirs: "1" } }, spec: { selector: LABELS } });
  });

  test("a patch manages its own keys: it conflicts, unless forced, and gives up on destroy", async () => {
    await api.create(
      { ...CONFIG_MAP, metadata: { namespace, name: "tcp-services" }, data: { "22": "theirs:22" } },
      { fieldManager: "nginx" },
    );
    const patch = (data: object, annotations: object = {}) => ({
      entry: { type: "core.v1.ConfigMapPatch", metadata: { name: "tcp-services", annotations }, data },
    });
    await up(patch({ "2222": "ours:2222" }));
    expect((await get(CONFIG_MAP, "tcp-services")).data).toEqual({ "22": "theirs:22", "2222": "ours:2222" });
    expect(await up(patch({ "2222": "ours:2223" }))).toContain("~ 1 updated");
    declare(patch({ "2222": "ours:2223", "22": "ours:22" }));
    const conflict = 'Apply failed with 1 conflict: conflict with "nginx" using v1: .data.22';
    expect(await failing("preview")).toContain(conflict);
    expect(await failingUp()).toContain(conflict);
    await up(patch({ "2222": "ours:2223", "22": "ours:22" }, { "pulumi.com/patchForce": "true" }));
    expect((await get(CONFIG_MAP, "tcp-services")).data).toEqual({ "22": "ours:22", "2222": "ours:2223" });
    await up(patch({ "2222": "ours:2223" }, { "pulumi.com/patchForce": "true" }));
    expect((await get(CONFIG_MAP, "tcp-services")).data).toEqual({ "2222": "ours:2223" });
    await destroy();
    expect((await get(CONFIG_MAP, "tcp-services")).data).toBeUndefined();
  });

  test("a patch of an object that is missing makes it, and leaves it behind", async () => {
    await up({ entry: { type: "core.v1.ConfigMapPatch", metadata: { name: "absent" }, data: { a: "1" } } });
    await destroy();
    const left = await get(CONFIG_MAP, "absent");
    expect([left.data, left.metadata.managedFields]).toEqual([undefined, undefined]);
  });

  test("what to ignore is neither a change nor asked for", async () => {
    const ignoring = (value: string) => ({
      ssh: { ...service({ name: "ssh", ...SKIP_AWAIT, labels: { a: value } }), options: { ignoreChanges: ["metadata.labels"] } },
    });
    await up(ignoring("1"));
    expect(await up(ignoring("2"))).toContain("3 unchanged");
  });

  test("a cluster that is not there fails what is to be done to it, and is forgotten when that is asked for", async () => {
    const kubeconfig = join(stack.folder, "kubeconfig");
    writeFileSync(kubeconfig, renderKubeconfig(controlPlane.admin));
    await up({ settings: configMap({ name: "settings" }, { a: "1" }) }, { kubeconfig });
    writeFileSync(kubeconfig, renderKubeconfig({ ...controlPlane.admin, server: "https://127.0.0.1:1" }));
    const reason = "configured Kubernetes cluster is unreachable: unable to load schema information from the API server";
    const unread = await failing("refresh", "--yes", "--skip-preview");
    expect(unread).toContain(reason);
    expect(unread).toContain("failed to read resource state due to unreachable cluster.");
    declare({ settings: configMap({ name: "settings", labels: { a: "b" } }, { a: "1" }) }, { kubeconfig });
    expect(await stack.done("preview")).toContain("~ 1 to update");
    expect(await failingUp()).toContain(reason);
    expect(await failing("destroy", "--yes", "--skip-preview")).toContain("PULUMI_K8S_DELETE_UNREACHABLE");
    vi.stubEnv("PULUMI_K8S_DELETE_UNREACHABLE", "true");
    expect(await destroy()).toContain("- 3 deleted");
    expect((await get(CONFIG_MAP, "settings")).data).toEqual({ a: "1" });
  });
});
