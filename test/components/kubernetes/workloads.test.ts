import type { types } from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import type { KubernetesBastionArgs } from "../../../components/kubernetes/kubernetes-bastion.ts";
import { type EngineOptions, settled } from "../../support/engine.ts";
import { EXPOSED, inputsOf, LABELS, NAMESPACE, up } from "../../support/kubernetes-bastion.ts";
import { resourceIn } from "../../support/registered.ts";

type Workloads = NonNullable<KubernetesBastionArgs["workloads"]>;
type PodSpec = types.output.core.v1.PodSpec;

const podOf = async (args: Partial<KubernetesBastionArgs>) => {
  const { template } = (await inputsOf("acme-deployment", args)).spec as unknown as { readonly template: { readonly spec: PodSpec } };
  return template.spec;
};

// The pod.

const MOUNTS = [
  { name: "directory", mountPath: "/etc/hosts", subPath: "hosts", readOnly: true },
  { name: "api", mountPath: "/var/lib/reverse-bastion/api", readOnly: true },
];
const API_VOLUME = {
  name: "api",
  projected: {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ],
  },
};

describe("the pod of a bastion with workloads", () => {
  const settings = { resources: { limits: { memory: "1Gi" } }, image: "registry.example.com/bastion:1", allowUnpinnedImage: true };

  test("has the names of workload pods at /etc/hosts, and a token for the API server in a place of its own", async () => {
    const { initContainers, containers, volumes, ...pod } = await podOf({ ...settings, workloads: {} });
    const without = await podOf(settings);
    const [bastion] = without.containers;
    expect(pod).toEqual({ ...without, containers: undefined, volumes: undefined });
    expect(containers).toEqual([{ ...bastion, volumeMounts: [...(bastion?.volumeMounts ?? []), ...MOUNTS] }]);
    const [directory, { projected } = { projected: undefined }, ...others] = without.volumes;
    const configuration = structuredClone(projected);
    const configMap = expect.stringMatching(/^acme-config-[0-9a-f]{8}$/);
    expect(volumes).toEqual([
      directory,
      {
        name: "configuration",
        projected: {
          ...configuration,
          sources: [
            {
              configMap: {
                name: configMap,
                items: ["sshd_config", "bastion.json", "workloads.json"].map((key) => ({ key, path: key })),
              },
            },
            configuration?.sources[1],
          ],
        },
      },
      ...others.map((volume) => (volume.name === "accounts" ? { ...volume, configMap: { ...volume.configMap, name: configMap } } : volume)),
      API_VOLUME,
    ]);
    expect(initContainers).toEqual([
      {
        name: "hosts",
        image: settings.image,
        imagePullPolicy: "Always",
        command: ["/usr/bin/python3", "-I", "-S", "/usr/lib/reverse-bastion/bastion_pod/hosts_file.py"],
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "1Gi" } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        terminationMessagePolicy: "FallbackToLogsOnError",
        volumeMounts: [{ name: "directory", mountPath: "/var/lib/reverse-bastion" }],
      },
    ]);
  });

  test("still gets no token of the kind that every process finds", async () => {
    const { registered } = await up({ workloads: {} });
    expect((await podOf({ workloads: {} })).automountServiceAccountToken).toBe(false);
    expect(resourceIn(registered, "acme-service-account").inputs).toMatchObject({ automountServiceAccountToken: false });
  });

  test("comes after everything that it needs, what it may ask for among them", async () => {
    const { options } = resourceIn((await up({ workloads: { namespaces: ["team-b", "team-a"] } })).registered, "acme-deployment");
    expect(options.dependencies).toEqual([
      "kubernetes:core/v1:ConfigMap::acme-config",
      "kubernetes:core/v1:ConfigMap::acme-key-set",
      "kubernetes:core/v1:Secret::acme-host-keys",
      "kubernetes:core/v1:ServiceAccount::acme-service-account",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy::acme-network-policy",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding::acme-workload-role-binding-team-a",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding::acme-workload-role-binding-team-b",
    ]);
  });
});

test("the configuration names the pods and the user, in files that the pod is told of", async () => {
  const { data } = await inputsOf("acme-config", { workloads: { namespaces: ["team-a"], user: "dev" } });
  const files = data as Record<string, string>;
  expect(Object.keys(files).sort()).toEqual(["bastion.json", "group", "passwd", "sshd_config", "workloads.json"]);
  expect(JSON.parse(files["workloads.json"] ?? "")).toMatchObject({ user: "dev", namespaces: ["team-a"] });
  expect(files.sshd_config).toContain("AllowUsers tunnel@198.51.100.0/24 consumer@198.51.100.0/24 dev@198.51.100.0/24\n");
  expect(files.passwd).toContain("\ndev:*:10001:10001:");
});

test.each(["nginx-tcp-services", "gateway-tcp-route"] as const)("behind %s, whoever the proxy brings may jump", async (kind) => {
  const { data } = await inputsOf("acme-config", { ...EXPOSED[kind], workloads: {} });
  expect((data as Record<string, string>).sshd_config).toContain(" jump@0.0.0.0/0\n");
});

// What the pod may ask the API server.

const PODS = { apiGroups: [""], resources: ["pods"], verbs: ["list"] };
const METADATA = { name: "acme-bastion-workloads.bastions", labels: LABELS };

/** Everything of RBAC that a bastion makes. */
const accessOf = async (workloads: Workloads, args: Partial<KubernetesBastionArgs> = {}, engine: EngineOptions = {}) => {
  const { registered, error } = await up({ ...args, workloads }, engine);
  expect(error).toBeUndefined();
  const objects = registered.filter(({ type }) => type.startsWith("kubernetes:rbac"));
  return Object.fromEntries(objects.map(({ name, inputs: { apiVersion: _apiVersion, ...inputs } }) => [name, inputs]));
};

test.each<[Workloads["keySource"], readonly object[]]>([
  [undefined, []],
  ["annotation", []],
  ["secret", [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }]],
  ["config-map", [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }]],
  ["http", []],
])(
  "with the key source %s, it may list the pods of their namespaces, read what has the keys, and nothing else",
  async (keySource, more) => {
    const binding = {
      kind: "RoleBinding",
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: METADATA.name },
      subjects: [{ kind: "ServiceAccount", name: "acme-bastion", namespace: NAMESPACE }],
    };
    const access = ["team-a", "team-b"].flatMap((namespace) => {
      const metadata = { ...METADATA, namespace };
      return [
        [`acme-workload-role-${namespace}`, { kind: "Role", metadata, rules: [PODS, ...more] }],
        [`acme-workload-role-binding-${namespace}`, { ...binding, metadata }],
      ];
    });
    expect(await accessOf({ namespaces: ["team-b", "team-a"], keySource })).toEqual(Object.fromEntries(access));
  },
);

test("the pods are looked for in the bastion's own namespace, unless others are named", async () => {
  expect(Object.keys(await accessOf({})).sort()).toEqual(["acme-workload-role-bastions", "acme-workload-role-binding-bastions"]);
});

test("a first preview shows the same access", async () => {
  const preview = await accessOf({ namespaces: ["team-a"] }, {}, { preview: true, outputsOf: () => ({}) });
  expect(Object.keys(preview).sort()).toEqual(["acme-workload-role-binding-team-a", "acme-workload-role-team-a"]);
});

// A bastion for workloads alone.

test("there need be no tunnels, clients and consumers", async () => {
  const { registered, error } = await up({ tunnels: [], clients: [], consumers: [], consumerCidrs: [], workloads: {} });
  expect(error).toBeUndefined();
  const names = registered.map(({ name }) => name);
  expect(names).not.toContain("acme-tunnel-service");
  expect(names).toEqual(expect.arrayContaining(["acme-deployment", "acme-ssh-service", "acme-workload-role-bastions"]));
});

// Outputs.

test.each<[string, Partial<KubernetesBastionArgs>, string, string]>([
  ["without workloads", {}, "", ""],
  [
    "with them",
    { ...EXPOSED.none, workloads: {} },
    "jump@acme-bastion-ssh.bastions.svc.cluster.local:2222",
    "kubectl -n bastions exec deployment/acme-bastion -- /usr/bin/python3 -I -S /usr/lib/reverse-bastion/bastion_workloads/refresh.py",
  ],
  [
    "at another port, as another user",
    { ...EXPOSED["node-port"], namespace: "edge", workloads: { user: "dev" } },
    "dev@nodes.example.com:30222",
    "kubectl -n edge exec deployment/acme-bastion -- /usr/bin/python3 -I -S /usr/lib/reverse-bastion/bastion_workloads/refresh.py",
  ],
])("what users and operators type: %s", async (_what, args, jumpHost, refreshCommand) => {
  const { result } = await up(args);
  expect([await settled(result.jumpHost), await settled(result.refreshCommand)]).toEqual([jumpHost, refreshCommand]);
});

// Bad input.

test.each([true, false])("bad input is refused before anything is made (preview: %s)", async (preview) => {
  const workloads = { podLabels: {}, user: "acme", httpPort: 80 };
  const { error, registered } = await up({ tunnelUser: "acme", workloads }, { preview });
  expect((error as Error).message.split("\n")).toEqual([
    "workloads.podLabels: is empty, so every pod would match; name a label of the pods that have SSH enabled",
    "workloads.httpPort: goes with the key source http; say so in keySource, or leave it out",
    'workloads.user: "acme" is who clients log in as; give the users of workloads one of their own',
  ]);
  expect(registered.map(({ name }) => name)).toEqual(["acme"]);
});
