import * as kubernetes from "@pulumi/kubernetes";
import { expect, test } from "vitest";
import { KubernetesBastion, type KubernetesBastionArgs } from "../../../components/kubernetes/kubernetes-bastion.ts";
import { deploy } from "../../support/engine.ts";
import { ARGS, COMPONENT, EXPOSED, LABELS, NAMESPACE, up } from "../../support/kubernetes-bastion.ts";
import { KUBERNETES_ENGINE, kubernetesOutputs } from "../../support/kubernetes-engine.ts";

/** What every bastion in a cluster consists of, whatever was asked for. */
const ALWAYS = [
  "kubernetes:apps/v1:Deployment acme-deployment",
  "kubernetes:core/v1:ConfigMap acme-config",
  "kubernetes:core/v1:ConfigMap acme-key-set",
  "kubernetes:core/v1:Secret acme-host-keys",
  "kubernetes:core/v1:Service acme-ssh-service",
  "kubernetes:core/v1:ServiceAccount acme-service-account",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy acme-network-policy",
  "kubernetes:policy/v1:PodDisruptionBudget acme-disruption-budget",
  "reverse-bastion:index:BindPorts acme-bind-ports",
  "reverse-bastion:index:SshKeyPair acme-client-dr-site-key",
  "reverse-bastion:index:SshKeyPair acme-consumer-flow-key",
  "reverse-bastion:index:SshKeyPair acme-host-key-ecdsa",
  "reverse-bastion:index:SshKeyPair acme-host-key-ed25519",
];
const TUNNEL_SERVICE = "kubernetes:core/v1:Service acme-tunnel-service";

const CONFIGURATIONS: readonly [string, Partial<KubernetesBastionArgs>, readonly string[]][] = [
  ["a load balancer", EXPOSED["load-balancer"], [TUNNEL_SERVICE]],
  ["a node port", EXPOSED["node-port"], [TUNNEL_SERVICE]],
  ["an entry of nginx", EXPOSED["nginx-tcp-services"], [TUNNEL_SERVICE, "kubernetes:core/v1:ConfigMapPatch acme-tcp-services-entry"]],
  [
    "a route of a Gateway",
    EXPOSED["gateway-tcp-route"],
    [TUNNEL_SERVICE, "kubernetes:gateway.networking.k8s.io/v1:TCPRoute acme-tcp-route"],
  ],
  ["no exposure", EXPOSED.none, [TUNNEL_SERVICE]],
  [
    "workload pods of two namespaces",
    { workloads: { namespaces: ["team-a", "team-b"] } },
    [
      TUNNEL_SERVICE,
      ...["team-a", "team-b"].flatMap((namespace) => [
        `kubernetes:rbac.authorization.k8s.io/v1:Role acme-workload-role-${namespace}`,
        `kubernetes:rbac.authorization.k8s.io/v1:RoleBinding acme-workload-role-binding-${namespace}`,
      ]),
    ],
  ],
  [
    "tunnels on loopback only",
    { tunnels: [{ name: "flow", bindAddress: "loopback" }], clients: ARGS.clients.slice(1), consumerCidrs: [] },
    [],
  ],
];

test.each(CONFIGURATIONS)("%s: a bastion is these resources, all of them its children, and no others", async (_what, args, more) => {
  const { registered, called, error } = await up(args);
  expect([error, called]).toEqual([undefined, []]);
  const [component, ...children] = registered;
  expect(component).toMatchObject({ type: "reverse-bastion:kubernetes:KubernetesBastion", name: "acme", parent: undefined, custom: false });
  expect(children.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([...ALWAYS, ...more].sort());
  expect(children.filter(({ parent, custom }) => parent !== COMPONENT || !custom)).toEqual([]);
});

test.each(CONFIGURATIONS)(
  "%s: a first preview, which knows nothing that the cluster gives, shows the same resources",
  async (_what, args, more) => {
    const { registered, error } = await up(args, { preview: true, outputsOf: () => ({}) });
    expect(error).toBeUndefined();
    expect(registered.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
      ["reverse-bastion:kubernetes:KubernetesBastion acme", ...ALWAYS, ...more].sort(),
    );
  },
);

// Names.

/** The name of each object, as the API server gets or makes it. */
const objectNamesOf = async (name: string, args: Partial<KubernetesBastionArgs> = {}) => {
  const names = new Map<string, string>();
  const { error } = await deploy(() => new KubernetesBastion(name, { ...ARGS, ...args }), {
    outputsOf: (resource) => {
      const outputs = kubernetesOutputs({ ...resource, name: resource.name.replace(new RegExp(`^${name}-`), "acme-") });
      const { metadata } = outputs as { readonly metadata?: { readonly name: string } };
      if (metadata !== undefined) names.set(resource.name, metadata.name.replace(/^acme-(?=config-)/, `${name}-`));
      return outputs;
    },
  });
  if (error !== undefined) throw error;
  return Object.fromEntries(names);
};

test("names that others refer to are fixed; those of what is never changed are made anew each time", async () => {
  const names = await objectNamesOf("acme", EXPOSED["gateway-tcp-route"]);
  expect(names).toEqual({
    "acme-config": expect.stringMatching(/^acme-config-[0-9a-f]{8}$/),
    "acme-host-keys": "acme-bastion-host-keys",
    "acme-key-set": "acme-bastion-key-set",
    "acme-deployment": "acme-bastion",
    "acme-service-account": "acme-bastion",
    "acme-disruption-budget": "acme-bastion",
    "acme-network-policy": "acme-bastion-ingress",
    "acme-ssh-service": "acme-bastion-ssh",
    "acme-tunnel-service": "ssh-reverse-proxy",
    "acme-tcp-route": "acme-bastion-ssh",
  });
});

test("the longest name of a bastion gives names that the API server takes, with what Pulumi makes of them", async () => {
  const names = Object.values(await objectNamesOf("n".repeat(40)));
  expect(names).toHaveLength(9);
  for (const name of names) expect([name, /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)]).toEqual([name, true]);
});

test("a name that begins with a digit is refused with the remedy", async () => {
  const { error, registered } = await deploy(() => new KubernetesBastion("3m", ARGS), KUBERNETES_ENGINE);
  expect((error as Error).message).toBe(
    'name: got "3m"; in a cluster, services are named after the bastion, and their names begin with a letter',
  );
  expect(registered).toHaveLength(1);
});

// Labels, annotations and the namespace.

test("everything has the bastion's labels and those that were asked for, and is in its namespace", async () => {
  for (const settings of [EXPOSED["load-balancer"], EXPOSED["gateway-tcp-route"]]) {
    const { registered } = await up({ ...settings, labels: { team: "data" }, annotations: { "example.com/note": "ours" } });
    const objects = registered.filter(({ type }) => type.startsWith("kubernetes:"));
    for (const { name, inputs } of objects) {
      const { labels, annotations, namespace } = inputs.metadata as Record<string, object>;
      expect([name, namespace, labels]).toEqual([name, NAMESPACE, { ...LABELS, team: "data" }]);
      expect([name, annotations]).toEqual([name, expect.objectContaining({ "example.com/note": "ours" })]);
    }
    const deployment = objects.find(({ type }) => type.endsWith("Deployment"))?.inputs.spec as Record<string, Record<string, object>>;
    expect(deployment.template?.metadata).toEqual({ labels: { ...LABELS, team: "data" }, annotations: { "example.com/note": "ours" } });
  }
});

test("labels that can change are no part of a selector, which cannot", async () => {
  const { registered } = await up({ labels: { team: "data" } });
  const selectors = registered.flatMap(({ inputs }) => {
    const { selector, podSelector } = (inputs.spec ?? {}) as Record<string, { readonly matchLabels?: object } | undefined>;
    const found = selector ?? podSelector;
    return found === undefined ? [] : [found.matchLabels ?? found];
  });
  expect(selectors).toHaveLength(5);
  for (const selector of selectors) expect(selector).toEqual(LABELS);
});

// Several bastions.

const two = (first: Partial<KubernetesBastionArgs>, second: Partial<KubernetesBastionArgs>, optionsOf = () => ({})) =>
  deploy(
    () => [new KubernetesBastion("acme", { ...ARGS, ...first }), new KubernetesBastion("globex", { ...ARGS, ...second }, optionsOf())],
    {
      outputsOf: (resource) => kubernetesOutputs({ ...resource, name: resource.name.replace(/^globex-/, "acme-") }),
    },
  );
const loopback = { tunnels: [{ name: "flow", bindAddress: "loopback" }], clients: ARGS.clients.slice(1), consumerCidrs: [] };

test.each<[string, Partial<KubernetesBastionArgs>, string]>([
  [
    "one name for consumers in one namespace",
    EXPOSED["load-balancer"],
    "serviceName: the service ssh-reverse-proxy in the namespace bastions belongs to the bastion acme; give this one another serviceName, or a namespace of its own",
  ],
  [
    "one node port",
    { ...EXPOSED["node-port"], namespace: "other" },
    "exposure.nodePort: the node port 30222 belongs to the bastion acme; choose another",
  ],
  [
    "one port of nginx",
    { ...EXPOSED["nginx-tcp-services"], namespace: "other" },
    "exposure.nginx.port: the port 2222 in the ConfigMap ingress-nginx/tcp-services belongs to the bastion acme; choose another",
  ],
  [
    "one listener of a Gateway",
    { ...EXPOSED["gateway-tcp-route"], namespace: "other" },
    "exposure.gateway.sectionName: the listener acme of the Gateway gateways/public belongs to the bastion acme; a listener leads to one bastion; choose another",
  ],
])("two bastions cannot have %s", async (_what, args, message) => {
  for (const preview of [true, false]) {
    const first = { ...args, namespace: NAMESPACE };
    const { error, registered } = await deploy(
      () => [new KubernetesBastion("acme", { ...ARGS, ...first }), new KubernetesBastion("globex", { ...ARGS, ...args })],
      { ...KUBERNETES_ENGINE, preview },
    );
    expect((error as Error).message).toBe(message);
    expect(registered.filter(({ name }) => name.startsWith("globex")).map(({ name }) => name)).toEqual(["globex"]);
  }
});

test.each<[string, Partial<KubernetesBastionArgs>]>([
  ["another namespace", { namespace: "other" }],
  ["another name", { serviceName: "globex-tunnels" }],
  ["no service at all", loopback],
])("two bastions of one program go together: the second with %s", async (_what, args) => {
  const { error, registered } = await two({}, args);
  expect(error).toBeUndefined();
  const names = registered.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("in another cluster, everything is still free", async () => {
  const { error } = await two({}, {}, () => ({ provider: new kubernetes.Provider("other", { context: "other" }) }));
  expect(error).toBeUndefined();
});

test("bastions of two namespaces may look for pods in a third", async () => {
  const workloads = { namespaces: ["team-a"] };
  const { error, registered } = await two({ workloads }, { workloads, namespace: "other" });
  expect(error).toBeUndefined();
  const roles = registered.filter(({ type }) => type.endsWith(":Role")).map(({ inputs }) => inputs.metadata);
  expect(roles).toMatchObject([
    { name: "acme-bastion-workloads.bastions", namespace: "team-a" },
    { name: "globex-bastion-workloads.other", namespace: "team-a" },
  ]);
});

test("the same program can be run twice in one process", async () => {
  for (const _time of [1, 2]) expect((await up()).error).toBeUndefined();
});
