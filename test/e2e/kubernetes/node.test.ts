import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ApiClient, PatchType } from "../../cluster/api.ts";
import type { ApiObject } from "../../cluster/api-objects.ts";
import { ControlPlane } from "../../cluster/control-plane/control-plane.ts";
import { describeWithControlPlane } from "../../cluster/control-plane/describe.ts";
import {
  CONFIG_MAP,
  EVENT,
  NAMESPACE,
  NETWORK_POLICY,
  POD,
  ROLE,
  ROLE_BINDING,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from "../../cluster/node/api/kinds.ts";
import type { ContainerStatus, Pod } from "../../cluster/node/api/pod.ts";
import type { Service } from "../../cluster/node/api/service.ts";
import { RunningNode } from "../../cluster/node/running-node.ts";
import { missingMachinePrograms } from "../support/machine-programs.ts";
import { CUSTOMER, Network, STRANGER } from "../support/network.ts";
import { connectTo } from "../support/platform.ts";
import { describeAsRoot } from "../support/root.ts";
import { PATIENCE_SECONDS, waitUntil } from "../support/wait.ts";

const ROOT_FILE_SYSTEM = resolve(import.meta.dirname, "../../cloud/machine/root-filesystem.sh");
const IMAGE = "registry.example/debian@sha256:0000000000000000000000000000000000000000000000000000000000000000";
const USER = 10001;
const LABELS = { app: "web" };

/** Says who has connected, to whoever has. */
const SERVER = `
import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.client_address[0].encode())
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("0.0.0.0", 8080), Handler).serve_forever()
`;
const ASK = `
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 2) as connection:
        print("met by", connection.recv(100).decode())
except OSError as error:
    print(type(error).__name__)
`;

/** Asks the API server for the pods of its namespace, by what every pod is told of it. */
const ASK_API = `
import json, os, ssl, sys, urllib.error, urllib.request
folder = "/api/"
server = "https://{KUBERNETES_SERVICE_HOST}:{KUBERNETES_SERVICE_PORT}".format(**os.environ)
context = ssl.create_default_context(cafile=folder + "ca.crt")
headers = {"Authorization": "Bearer " + open(folder + "token").read()}
request = urllib.request.Request(server + "/api/v1/namespaces/" + sys.argv[1] + "/pods", headers=headers)
try:
    with urllib.request.urlopen(request, timeout=float(sys.argv[2]), context=context) as answer:
        print(" ".join(pod["metadata"]["name"] for pod in json.load(answer)["items"]))
except urllib.error.HTTPError as error:
    print(json.load(error)["message"])
except OSError as error:
    print(getattr(error, "reason", error))
`;

const START_NODE = `
import { RunningNode } from ${JSON.stringify(resolve(import.meta.dirname, "../../cluster/node/running-node.ts"))};
await RunningNode.start(JSON.parse(process.env.ADMIN), { outside: process.env.OUTSIDE, images: [] });
process.stdout.write("started");
`;

function describeWithNode(title: string, tests: () => void): void {
  const missing = missingMachinePrograms();
  if (missing.length > 0) describe.skip(`${title} (skipped: needs ${missing.join(", ")})`, tests);
  else describeAsRoot(title, () => describeWithControlPlane("with a control plane", tests));
}

describeWithNode("a test cluster's node", () => {
  let controlPlane: ControlPlane;
  let network: Network;
  let node: RunningNode;
  let api: ApiClient;
  /** Of the test that runs. */
  let namespace: string;

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)("sh", [ROOT_FILE_SYSTEM, "trixie"]);
    const root = stdout.trim();
    [controlPlane, network] = await Promise.all([ControlPlane.start(), Network.create()]);
    api = new ApiClient(controlPlane.admin);
    node = await RunningNode.start(controlPlane.admin, { outside: network.name, images: [{ reference: IMAGE, root }] });
  });
  afterAll(async () => {
    api?.close();
    await node?.stop();
    await network?.remove();
    await controlPlane?.stop();
  });
  beforeEach(async () => {
    namespace = await makeNamespace();
  });

  async function makeNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `test-${randomUUID()}`;
    await api.create({ ...NAMESPACE, metadata: { name, labels } });
    await waitUntil("a service account", () => api.find(SERVICE_ACCOUNT, { namespace: name, name: "default" }));
    return name;
  }

  interface Wanted {
    readonly name?: string;
    readonly in?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly spec?: object;
    readonly container?: object;
  }

  async function createPod({ name = "web", in: where = namespace, labels = LABELS, spec = {}, container = {} }: Wanted): Promise<void> {
    await api.create({
      ...POD,
      metadata: { namespace: where, name, labels },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "main", image: IMAGE, command: ["sleep", "infinity"], ...container }],
        ...spec,
      },
    });
  }

  function waitForPod(
    what: string,
    condition: (pod: Pod, status: ContainerStatus | undefined) => boolean,
    name = "web",
    where = namespace,
  ) {
    return waitUntil(`${name} to ${what}`, async () => {
      const pod = await api.get<Pod>(POD, { namespace: where, name });
      return condition(pod, pod.status?.containerStatuses?.[0]) ? pod : undefined;
    });
  }

  const isReady = ({ status }: Pod) => status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  const waitUntilReady = (name = "web", where = namespace) => waitForPod("be ready", isReady, name, where);

  async function sh(script: string, pod = "web", where = namespace): Promise<string> {
    const { stdout, stderr } = await node.run({ namespace: where, pod }, ["sh", "-c", script]);
    return `${stdout}${stderr}`.trim();
  }

  async function ask(host: string, port: number, pod: string, where = namespace): Promise<string> {
    return (await node.run({ namespace: where, pod }, ["python3", "-c", ASK, host, `${port}`])).stdout.trim();
  }

  const serving = {
    command: ["python3", "-u", "-c", SERVER],
    ports: [{ name: "web", containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: "web" }, timeoutSeconds: 10, periodSeconds: 1 },
  };

  async function createService(spec: object): Promise<Service> {
    const ports = [{ name: "web", port: 80, targetPort: 8080 }];
    return api.create<Service>({ ...SERVICE, metadata: { namespace, name: "web" }, spec: { selector: LABELS, ports, ...spec } });
  }

  test("a container has the rights that its pod's security context leaves it, and no others", async () => {
    await createPod({
      spec: {
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: 20002,
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
      container: {
        command: ["sh", "-c", "id; touch /x; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; sleep infinity"],
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
      },
    });
    await waitUntilReady();
    const none = "0000000000000000";
    const expected = [
      `uid=${USER} gid=${USER} groups=${USER},20002`,
      "touch: cannot touch '/x': Read-only file system",
      ...["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((set) => `${set}:\t${none}`),
      "NoNewPrivs:\t1",
      "Seccomp:\t2",
    ];
    const log = () => node.log({ namespace, pod: "web", container: "main" }).trim().split("\n");
    await waitUntil("the container to have said all", () => log().length === expected.length);
    expect(log()).toEqual(expected);
    // Who enters has no more.
    expect((await sh("id; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status")).split("\n")).toEqual(
      expected.filter((line) => !line.startsWith("touch")),
    );
    expect(await sh("unshare --user true")).toBe("unshare: unshare failed: Operation not permitted");
    expect(await sh("cat /proc/1/comm; hostname; ls /proc | grep -c '^[0-9]'")).toMatch(/^(sh|sleep)\nweb\n\d$/);
  });

  test("a container that asks for nothing is root with a runtime's default capabilities", async () => {
    await createPod({});
    await waitUntilReady();
    expect(
      (await sh("id -u; touch /x && echo written; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp:)' /proc/self/status")).split("\n"),
    ).toEqual(["0", "written", "CapEff:\t00000000a80425fb", "CapBnd:\t00000000a80425fb", "NoNewPrivs:\t0", "Seccomp:\t0"]);
  });

  test("volumes are as kubelet makes them, and follow the API", async () => {
    const config = { ...CONFIG_MAP, metadata: { namespace, name: "config" } };
    await api.create({ ...config, data: { a: "one", b: "two" } });
    await api.create({ ...SECRET, metadata: { namespace, name: "keys" }, stringData: { key: "secret" } });
    await createPod({
      spec: {
        securityContext: { runAsUser: USER, runAsGroup: USER, fsGroup: USER },
        volumes: [
          { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
          {
            name: "both",
            projected: {
              defaultMode: 0o440,
              sources: [{ configMap: { name: "config", items: [{ key: "a", path: "a" }] } }, { secret: { name: "keys" } }],
            },
          },
          { name: "config", configMap: { name: "config", defaultMode: 0o444 } },
        ],
      },
      container: {
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: [
          { name: "memory", mountPath: "/data" },
          { name: "both", mountPath: "/data/etc", readOnly: true },
          { name: "config", mountPath: "/data/config" },
          { name: "config", mountPath: "/etc/passwd", subPath: "b", readOnly: true },
        ],
      },
    });
    await waitUntilReady();
    expect(await sh("stat -L -c '%a %u %g %n' /data /data/etc/* /data/config/*")).toBe(
      [
        `2777 0 ${USER} /data`,
        `440 0 ${USER} /data/etc/a`,
        `440 0 ${USER} /data/etc/key`,
        `444 0 ${USER} /data/config/a`,
        `444 0 ${USER} /data/config/b`,
      ].join("\n"),
    );
    expect(await sh("cat /data/etc/a /data/etc/key /etc/passwd; readlink /data/config/a")).toBe("onesecrettwo..data/a");
    expect(await sh("df --output=size /data | tail -n 1")).toBe("1024");
    expect(await sh("touch /data/file && echo made; touch /data/config/file")).toBe(
      "made\ntouch: cannot touch '/data/config/file': Read-only file system",
    );

    await api.replace({ ...config, data: { a: "changed", c: "three" } });
    await waitUntil("the change to be in the volume", async () => (await sh("cat /data/config/a")) === "changed");
    expect(await sh("ls /data/config; cat /data/etc/a /etc/passwd")).toBe("a\nc\nchangedtwo");

    await api.delete(CONFIG_MAP, { namespace, name: "config" });
    await api.create({ ...config, data: { a: "again", c: "three" } });
    await waitUntil("the new one to be in the volume", async () => (await sh("cat /data/config/a")) === "again");
    await api.delete(CONFIG_MAP, { namespace, name: "config" });
    await api.create({ ...CONFIG_MAP, metadata: { namespace, name: "marker" } });
    expect(await sh("cat /data/config/a")).toBe("again");
  });

  test("a pod waits for what it needs, and says what that is", async () => {
    await createPod({ spec: { volumes: [{ name: "config", configMap: { name: "config" } }] } });
    await createPod({
      name: "variable",
      container: { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "config", key: "a" } } }] },
    });
    await createPod({ name: "image", container: { image: "registry.example/other:1", imagePullPolicy: "IfNotPresent" } });
    await createPod({ name: "never", container: { image: "registry.example/other:1", imagePullPolicy: "Never" } });
    await createPod({ name: "root", spec: { securityContext: { runAsNonRoot: true } } });
    await createPod({ name: "elsewhere", spec: { nodeSelector: { "kubernetes.io/os": "windows" } } });
    const waits = (reason: string, name: string) =>
      waitForPod(`wait with ${reason}`, (_, status) => status?.state.waiting?.reason === reason, name);
    await waits("CreateContainerConfigError", "variable");
    await waits("ImagePullBackOff", "image");
    await waits("ErrImageNeverPull", "never");
    const root = await waits("CreateContainerConfigError", "root");
    expect(root.status?.containerStatuses?.[0]?.state.waiting?.message).toMatch(
      /^container has runAsNonRoot and image will run as root \(pod: "root_/,
    );
    await waitForPod(
      "be unschedulable",
      ({ status }) => status?.conditions?.some(({ reason }) => reason === "Unschedulable") ?? false,
      "elsewhere",
    );
    const events = await waitUntil("an event", async () => {
      const { items } = await api.list(EVENT, { namespace });
      return items.find(({ reason }) => reason === "FailedMount");
    });
    expect(events.message).toBe('MountVolume.SetUp failed for volume "config" : configmap "config" not found');
    expect((await api.get<Pod>(POD, { namespace, name: "web" })).status?.containerStatuses?.[0]?.state).toEqual({
      waiting: { reason: "ContainerCreating" },
    });

    await api.create({ ...CONFIG_MAP, metadata: { namespace, name: "config" }, data: { a: "value" } });
    await waitUntilReady();
    await waitUntilReady("variable");
    expect(await sh("tr '\\0' '\\n' </proc/1/environ | grep ^A=", "variable")).toBe("A=value");
  });

  test("probes decide whether a pod is ready, and whether its container goes on", async () => {
    await createPod({
      container: {
        command: ["sh", "-c", "touch /alive; sleep infinity"],
        readinessProbe: { exec: { command: ["test", "-e", "/ready"] }, timeoutSeconds: 10, periodSeconds: 1, failureThreshold: 1 },
        livenessProbe: { exec: { command: ["test", "-e", "/alive"] }, timeoutSeconds: 10, periodSeconds: 1, failureThreshold: 2 },
      },
    });
    await waitForPod("run", (_, status) => status?.state.running !== undefined);
    const unready = (await api.get<Pod>(POD, { namespace, name: "web" })).status?.conditions?.find(({ type }) => type === "Ready");
    expect(unready).toMatchObject({ status: "False", message: "containers with unready status: [main]" });
    await sh("touch /ready");
    await waitUntilReady();
    await sh("rm /ready");
    await waitForPod("be unready", (pod) => !isReady(pod));
    await sh("rm /alive");
    const restarted = await waitForPod("be restarted", (_, status) => status?.restartCount === 1 && status.state.running !== undefined);
    expect(restarted.status?.containerStatuses?.[0]?.lastState.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
  });

  test("a container that ends badly is started again, and its last words are kept", async () => {
    await createPod({ container: { command: ["sh", "-c", "echo last words; exit 3"], terminationMessagePolicy: "FallbackToLogsOnError" } });
    const pod = await waitForPod(
      "be restarted twice",
      (_, status) => status?.restartCount === 2 && status.state.waiting?.reason === "CrashLoopBackOff",
    );
    expect(pod.status?.containerStatuses?.[0]?.lastState.terminated).toMatchObject({
      exitCode: 3,
      reason: "Error",
      message: "last words\n",
    });
  });

  test("a pod that is deleted ends by itself within its grace period, or is ended", async () => {
    const polite = { command: ["sh", "-c", "trap 'echo goodbye; exit 0' TERM; while :; do sleep 0.1; done"] };
    // Longer than anybody waits here: it is gone because it ended by itself.
    await createPod({ name: "polite", spec: { terminationGracePeriodSeconds: 2 * PATIENCE_SECONDS }, container: polite });
    await createPod({ name: "deaf", spec: { terminationGracePeriodSeconds: 1 } });
    await Promise.all([waitUntilReady("polite"), waitUntilReady("deaf")]);
    await Promise.all(["polite", "deaf"].map((name) => api.delete(POD, { namespace, name })));
    for (const name of ["polite", "deaf"])
      await waitUntil(`${name} to be gone`, async () => (await api.find(POD, { namespace, name })) === undefined);
    expect(node.log({ namespace, pod: "polite", container: "main" })).toBe("goodbye\n");
  });

  test("init containers run one after the other, each until it has done its work, before the others begin", async () => {
    const say = (name: string, script: string) => ({
      name,
      image: IMAGE,
      command: ["sh", "-c", `echo ${name} >>/shared/said; ${script}`],
      volumeMounts: [{ name: "shared", mountPath: "/shared" }],
    });
    await createPod({
      spec: {
        volumes: [{ name: "shared", emptyDir: {} }],
        initContainers: [say("first", "until test -e /shared/go; do sleep 0.1; done"), say("second", "test $(wc -l </shared/said) = 3")],
        containers: [say("main", "cp /shared/said /whole; sleep infinity")],
      },
    });
    const before = await waitForPod(
      "run its first init container",
      ({ status }) => status?.initContainerStatuses?.[0]?.state.running !== undefined,
    );
    expect(before.status).toMatchObject({
      phase: "Pending",
      initContainerStatuses: [{ name: "first" }, { name: "second", ready: false, state: { waiting: { reason: "PodInitializing" } } }],
      containerStatuses: [{ name: "main", ready: false, state: { waiting: { reason: "PodInitializing" } } }],
    });
    expect(before.status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [first second]",
    });
    await node.run({ namespace, pod: "web", container: "first" }, ["touch", "/shared/go"]);
    const { status } = await waitUntilReady();
    // The second one fails once: it is not yet the third line then.
    expect(await sh("tr '\\n' ' ' </whole")).toBe("first second second main");
    expect(status).toMatchObject({
      phase: "Running",
      initContainerStatuses: [
        { name: "first", ready: true, restartCount: 0, state: { terminated: { exitCode: 0, reason: "Completed" } } },
        { name: "second", ready: true, restartCount: 1, state: { terminated: { exitCode: 0, reason: "Completed" } } },
      ],
    });
    expect(status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({ status: "True" });

    await createPod({
      name: "failing",
      spec: { restartPolicy: "Never", initContainers: [{ name: "first", image: IMAGE, command: ["false"] }] },
    });
    const failed = await waitForPod("fail", ({ status }) => status?.phase === "Failed", "failing");
    expect(failed.status?.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "PodInitializing" } });
  });

  test("names are the node's, unless a container has a file of its own for them", async () => {
    const make = ["sh", "-c", "echo '127.0.0.1 localhost' >/shared/hosts"];
    const shared = [{ name: "shared", mountPath: "/shared" }];
    await createPod({
      spec: {
        volumes: [{ name: "shared", emptyDir: {} }],
        initContainers: [{ name: "hosts", image: IMAGE, command: make, volumeMounts: shared }],
      },
      container: { volumeMounts: [...shared, { name: "shared", mountPath: "/etc/hosts", subPath: "hosts" }] },
    });
    await createPod({ name: "other" });
    await Promise.all([waitUntilReady(), waitUntilReady("other")]);
    await createService({});
    await waitUntil("the Service's name", async () => (await sh("cat /etc/hosts", "other")).includes(`web.${namespace}.svc`));
    expect(await sh("cat /etc/hosts")).toBe("127.0.0.1 localhost");
    // It is the same file, which may be written in its place.
    await sh("echo '10.244.0.99 pod.other' >>/shared/hosts");
    expect(await sh("getent ahostsv4 pod.other | head -n 1")).toMatch(/^10\.244\.0\.99 +STREAM pod\.other$/);
  });

  test("a pod reaches the API server with the token of its service account, as far as policies and roles let it", async () => {
    const sources = [
      { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ];
    await createPod({
      spec: { enableServiceLinks: false, volumes: [{ name: "api", projected: { sources } }] },
      container: { volumeMounts: [{ name: "api", mountPath: "/api", readOnly: true }] },
    });
    await waitUntilReady();
    const askApi = async (seconds = 30) =>
      (await node.run({ namespace, pod: "web" }, ["python3", "-c", ASK_API, namespace, `${seconds}`])).stdout.trim();
    const account = `system:serviceaccount:${namespace}:default`;
    expect(await askApi()).toBe(
      `pods is forbidden: User "${account}" cannot list resource "pods" in API group "" in the namespace "${namespace}"`,
    );
    const metadata = { namespace, name: "pods" };
    await api.create({ ...ROLE, metadata, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] });
    await api.create({
      ...ROLE_BINDING,
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "pods" },
      subjects: [{ kind: "ServiceAccount", namespace, name: "default" }],
    });
    await waitUntil("the role to be in force", async () => (await askApi()) === "web");

    const allow = (port: number) =>
      api.apply(
        {
          ...NETWORK_POLICY,
          metadata: { namespace, name: "web" },
          spec: {
            podSelector: { matchLabels: LABELS },
            policyTypes: ["Egress"],
            egress: [{ to: [{ ipBlock: { cidr: "192.0.2.129/32" } }], ports: [{ protocol: "TCP", port }] }],
          },
        },
        { fieldManager: "test", force: true },
      );
    // A policy sees the address and the port behind the Service.
    await allow(443);
    await waitUntil("the policy to be in force", async () => (await askApi(2)) === "timed out");
    await allow(6443);
    await waitUntil("the way to be open", async () => (await askApi(2)) === "web");
    expect(await ask("192.0.2.129", 6444, "web")).toBe("TimeoutError");

    await node.loseApiServer();
    expect(await askApi(2)).toBe("timed out");
    await node.findApiServer();
    expect(await askApi()).toBe("web");
    expect(await connectTo(network, "192.0.2.129", 6443, "", STRANGER)).toBe("refused");
  });

  test("a Service leads to what is ready, under its names", async () => {
    const service = await createService({});
    await Promise.all([createPod({ container: serving }), createPod({ name: "client", labels: {} })]);
    await Promise.all([waitUntilReady(), waitUntilReady("client")]);
    const address = (await api.get<Pod>(POD, { namespace, name: "client" })).status?.podIP;
    for (const name of ["web", `web.${namespace}.svc.cluster.local`, service.spec.clusterIP ?? ""])
      await waitUntil(`${name} to lead to the pod`, async () => (await ask(name, 80, "client")) === `met by ${address}`);
    expect(await ask("web", 81, "client")).toBe("ConnectionRefusedError");
    await api.delete(POD, { namespace, name: "web" });
    await waitUntil("the Service to lead nowhere", async () => (await ask("web", 80, "client")) === "ConnectionRefusedError");
  });

  test("a load balancer lets its source ranges in, and a policy of Local keeps the client's address", async () => {
    await createService({ type: "LoadBalancer", externalTrafficPolicy: "Local", loadBalancerSourceRanges: [`${CUSTOMER}/32`] });
    await createPod({ container: serving });
    await waitUntilReady();
    const { address, nodePort } = await waitUntil("an address", async () => {
      const { spec, status } = await api.get<Service>(SERVICE, { namespace, name: "web" });
      const [ingress] = status?.loadBalancer?.ingress ?? [];
      return ingress?.ip === undefined ? undefined : { address: ingress.ip, nodePort: spec.ports?.[0]?.nodePort ?? 0 };
    });
    await waitUntil("the way in", async () => (await connectTo(network, address, 80, "", CUSTOMER)) === `answered ${CUSTOMER}`);
    expect(await connectTo(network, address, 80, "", STRANGER)).toBe("timeout");
    expect(await connectTo(network, "192.0.2.129", nodePort, "", STRANGER)).toBe(`answered ${STRANGER}`);
    await api.patch(SERVICE, { namespace, name: "web" }, { spec: { externalTrafficPolicy: "Cluster" } }, PatchType.MERGE);
    await waitUntil(
      "the client to be hidden",
      async () => (await connectTo(network, address, 80, "", CUSTOMER)) === "answered 192.0.2.129",
    );
  });

  test("network policies say who reaches a pod, and whom it reaches", async () => {
    const other = await makeNamespace({ team: "other" });
    await createService({ type: "NodePort", externalTrafficPolicy: "Local" });
    await Promise.all([
      createPod({ container: serving }),
      createPod({ name: "friend", labels: { role: "friend" } }),
      createPod({ name: "foe", labels: { role: "foe" } }),
      createPod({ name: "guest", in: other, labels: { role: "friend" } }),
    ]);
    await Promise.all([waitUntilReady(), waitUntilReady("friend"), waitUntilReady("foe"), waitUntilReady("guest", other)]);
    const { spec } = await api.get<Service>(SERVICE, { namespace, name: "web" });
    const nodePort = spec.ports?.[0]?.nodePort ?? 0;
    const host = `web.${namespace}.svc`;
    const everybody = async () => {
      const [friend, foe, guest, customer, stranger] = await Promise.all([
        ask(host, 80, "friend"),
        ask(host, 80, "foe"),
        ask(host, 80, "guest", other),
        connectTo(network, "192.0.2.129", nodePort, "", CUSTOMER),
        connectTo(network, "192.0.2.129", nodePort, "", STRANGER),
      ]);
      const word = (met: string) => met.split(" ")[0];
      return { friend: word(friend), foe: word(foe), guest: word(guest), customer: word(customer), stranger: word(stranger) };
    };
    const waitForAll = (what: string, expected: object) => {
      let last: object = {};
      return waitUntil(what, async () => {
        last = await everybody();
        return JSON.stringify(last) === JSON.stringify(expected);
      }).catch((error: Error) => expect(last, error.message).toEqual(expected));
    };
    const open = { friend: "met", foe: "met", guest: "met", customer: "answered", stranger: "answered" };
    const closed = { friend: "TimeoutError", foe: "TimeoutError", guest: "TimeoutError", customer: "timeout", stranger: "timeout" };
    await waitForAll("everything to be open without a policy", open);

    const policy = (ingress: readonly object[]): ApiObject => ({
      ...NETWORK_POLICY,
      metadata: { namespace, name: "web" },
      spec: { podSelector: { matchLabels: LABELS }, policyTypes: ["Ingress", "Egress"], ingress },
    });
    const ports = [{ protocol: "TCP", port: "web" }];
    const put = (ingress: readonly object[]) => api.apply(policy(ingress), { fieldManager: "test", force: true });
    await put([]);
    await waitForAll("everything to be closed", closed);
    // The node's own probes go on.
    expect(isReady(await api.get<Pod>(POD, { namespace, name: "web" }))).toBe(true);
    expect(await ask("192.0.2.129", nodePort, "web")).toBe("TimeoutError");

    await put([
      { from: [{ podSelector: { matchLabels: { role: "friend" } } }], ports },
      { from: [{ ipBlock: { cidr: "198.51.100.0/24", except: [`${STRANGER}/32`] } }], ports },
    ]);
    await waitForAll("its own namespace's friend and the block", { ...closed, friend: "met", customer: "answered" });
    await put([
      { from: [{ namespaceSelector: { matchLabels: { team: "other" } }, podSelector: { matchLabels: { role: "friend" } } }], ports },
    ]);
    await waitForAll("the other namespace's friend", { ...closed, guest: "met" });
    await put([{ from: [{ namespaceSelector: {} }], ports: [{ protocol: "TCP", port: 8081 }] }]);
    await waitForAll("nobody at another port", closed);
    await put([{ from: [{ namespaceSelector: {} }], ports }]);
    await waitForAll("every pod, and nobody outside", { ...closed, friend: "met", foe: "met", guest: "met" });
  });

  test("nothing of a node outlives a test that is killed", async () => {
    await createPod({});
    await waitUntilReady();
    await node.stop();
    const folder = mkdtempSync(join(tmpdir(), "bastion-test-"));
    try {
      const killed = spawn(process.execPath, ["--input-type=module", "--eval", START_NODE], {
        env: { ...process.env, TMPDIR: folder, ADMIN: JSON.stringify(controlPlane.admin), OUTSIDE: network.name },
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(killed.stdout, "data");
      expect(readdirSync(folder)).toHaveLength(1);
      expect(await network.attempt("ip", ["link", "show", "cluster"])).toMatchObject({ exitCode: 0 });
      killed.kill("SIGKILL");
      await waitUntil("the node's folder to be gone", () => readdirSync(folder).length === 0);
      expect(await network.attempt("ip", ["link", "show", "cluster"])).toMatchObject({ exitCode: 1 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
