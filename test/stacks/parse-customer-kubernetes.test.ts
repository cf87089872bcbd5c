import { expect, test } from "vitest";
import { parseBastionFile } from "../support/customer-files.ts";
import { IMAGE } from "../support/kubernetes-bastion.ts";
import { problemsOf } from "../support/problems.ts";

/** The first six lines of a file. */
const head = (target: string, consumerCidrs = "[10.20.0.0/16]") => `customer: acme
target: ${target}
clientCidrs: [198.51.100.0/24]
consumerCidrs: ${consumerCidrs}
tunnels: [{ name: orders, bindPort: 15000 }]
clients: [{ name: dc1, generateKey: ed25519 }]
`;
const KUBERNETES = head("kubernetes");
const LEAST = { namespace: "bastions", image: IMAGE, exposure: { kind: "none" } };
const file = (settings: object, start = KUBERNETES) => `${start}kubernetes: ${JSON.stringify(settings)}\n`;

/** What is wrong with a file, as `line path: reason`. */
const problemsIn = (text: string) =>
  problemsOf(() => parseBastionFile(text, "acme.yaml")).map(({ path, reason }) => `${path.slice("acme.yaml:".length)}: ${reason}`);

test("a whole file for a cluster is read", () => {
  const settings = {
    ...LEAST,
    context: "prod-eu",
    exposure: {
      kind: "load-balancer",
      loadBalancer: {
        cloud: "aws",
        internal: true,
        loadBalancerClass: "service.k8s.aws/nlb",
        annotations: { "example.com/a": "b" },
        probeCidrs: ["10.1.0.0/16"],
      },
    },
    allowUnpinnedImage: false,
    imagePullSecrets: ["registry"],
    host: "acme.ssh.example.com",
    serviceName: "acme-tunnels",
    consumerPods: [{ namespaceLabels: { team: "data" }, podLabels: { app: "etl" } }, { allNamespaces: true }],
    workloads: {
      namespaces: ["team-a", "team-b"],
      podLabels: { "example.com/ssh": "on" },
      sshPorts: [22, 2222],
      keySource: "config-map",
      annotation: "example.com/keys",
      dataKey: "keys",
      user: "dev",
      kubeApiPort: 16443,
      kubeApiCidrs: ["192.0.2.7/32"],
    },
    resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "1Gi" } },
    priorityClassName: "high",
    tolerations: [{ key: "dedicated", operator: "Equal", value: "ingress", effect: "NoSchedule" }],
    nodeSelector: { "kubernetes.io/arch": "arm64" },
    podDisruptionBudget: { maxUnavailable: 0 },
    labels: { team: "data" },
    annotations: { "example.com/note": "ours" },
  };
  expect(parseBastionFile(file(settings), "acme.yaml").kubernetes).toEqual(settings);
});

test.each([
  { kind: "node-port", nodePort: 30222 },
  { kind: "nginx-tcp-services", nginx: { configMap: "tcp", namespace: "edge", port: 2201 } },
  {
    kind: "gateway-tcp-route",
    gateway: {
      name: "public",
      namespace: "gateways",
      sectionName: "acme",
      port: 22022,
      apiVersion: "gateway.networking.k8s.io/v1alpha2",
      proxyNamespace: "envoy",
    },
  },
])("the exposure $kind is read with all that belongs to it", (exposure) => {
  const settings = { ...LEAST, exposure, host: "x.example.com" };
  expect(parseBastionFile(file(settings), "acme.yaml").kubernetes).toEqual(settings);
});

// Bad input.

test("without settings, the remedy says which are needed at least", () => {
  expect(problemsIn(KUBERNETES)).toEqual([
    '1 kubernetes: is missing; say at least where, what and how: "kubernetes: { namespace: …, image: …, exposure: { kind: … } }"',
  ]);
});

test("what is missing is said once, by whoever knows what to do", () => {
  expect(problemsIn(file({}))).toEqual([
    "7 kubernetes.namespace: is missing; name the namespace that the bastion is to stand in, which must exist",
    '7 kubernetes.image: is missing; build and push it with "sh scripts/build-image.sh", and give the reference it prints, such as "registry.example.com/reverse-bastion@sha256:…"',
    '7 kubernetes.exposure: is missing; say how clients reach sshd, such as "exposure: { kind: load-balancer, loadBalancer: { cloud: aws } }"',
  ]);
});

test.each<[object, string[]]>([
  [{ image: 5 }, ["7 kubernetes.image: got 5; expected a text"]],
  [
    { exposure: { kind: "ingress" } },
    ['7 kubernetes.exposure.kind: got "ingress"; allowed is load-balancer, node-port, nginx-tcp-services, gateway-tcp-route, none'],
  ],
  [
    { exposure: {} },
    ["7 kubernetes.exposure.kind: is missing; allowed is load-balancer, node-port, nginx-tcp-services, gateway-tcp-route, none"],
  ],
  [
    { exposure: { kind: "load-balancer", loadBalancer: {} } },
    ["7 kubernetes.exposure.loadBalancer.cloud: is missing; allowed is aws, gcp, azure, other"],
  ],
  [
    { exposure: { kind: "node-port" } },
    [
      "7 kubernetes.exposure.nodePort: is missing; give a port of 30000–32767 that is free in the cluster",
      "7 kubernetes.host: is missing; name what clients dial: with node-port, nobody else knows it",
    ],
  ],
  [
    { serviceName: "acme-bastion-ssh" },
    ['7 kubernetes.serviceName: "acme-bastion-ssh" is the name of the service of sshd; choose another'],
  ],
  [
    { replicas: 2 },
    [expect.stringMatching(/^7 kubernetes\.replicas: is no field here; allowed is context, namespace, image, /) as unknown as string],
  ],
  [
    { workloads: { keySource: "vault" } },
    ['7 kubernetes.workloads.keySource: got "vault"; allowed is annotation, secret, config-map, http'],
  ],
  [
    { workloads: { labels: {}, sshPorts: ["ssh"] } },
    [
      '7 kubernetes.workloads.sshPorts[0]: got "ssh"; expected a whole number',
      "7 kubernetes.workloads.labels: is no field here; allowed is namespaces, podLabels, sshPorts, keySource, annotation, dataKey, httpPort, httpPath, user, kubeApiPort, kubeApiCidrs",
    ],
  ],
  [
    { workloads: { podLabels: { "app.kubernetes.io/instance": "acme" }, kubeApiCidrs: ["::/0"] } },
    [
      "7 kubernetes.workloads.podLabels: are those of the bastion's own pod too, so it would discover itself; name a label that only workloads have",
      '7 kubernetes.workloads.kubeApiCidrs[0]: got "::/0", and the bastion has no IPv6 address; name the IPv4 block of the API server',
    ],
  ],
  [
    { consumerPods: [{}] },
    [
      "7 kubernetes.consumerPods[0]: is empty, and an empty selector would match every pod; give namespaceLabels or podLabels, or write allNamespaces: true if every pod of the cluster is meant",
    ],
  ],
])("%j is refused where it stands", (settings, problems) => {
  expect(problemsIn(file({ ...LEAST, ...settings }))).toEqual(problems);
});

test("keys that pods give by HTTP are read with all that belongs to it", () => {
  const settings = { ...LEAST, workloads: { keySource: "http", httpPort: 80, httpPath: "/keys" } };
  expect(parseBastionFile(file(settings), "acme.yaml").kubernetes).toEqual(settings);
});

test("for workloads alone, tunnels and clients may be left empty", () => {
  const bare = "customer: acme\ntarget: kubernetes\nclientCidrs: [198.51.100.0/24]\nconsumerCidrs: []\ntunnels: []\nclients: []\n";
  const settings = { ...LEAST, workloads: {} };
  expect(parseBastionFile(file(settings, bare), "acme.yaml").kubernetes).toEqual(settings);
});

test("the users of workloads cannot be those that clients or consumers log in as, wherever that is said", () => {
  const remedy = "give the users of workloads one of their own";
  expect(problemsIn(file({ ...LEAST, workloads: { user: "tunnel" } }))).toEqual([
    `7 kubernetes.workloads.user: "tunnel" is who clients log in as; ${remedy}`,
  ]);
  expect(problemsIn(`${file({ ...LEAST, workloads: {} })}consumerUser: jump\n`)).toEqual([
    `7 kubernetes.workloads.user: "jump" is who consumers log in as; ${remedy}`,
  ]);
});

test("what the target cannot have is said where it was asked for", () => {
  expect(problemsIn(`${file(LEAST, KUBERNETES.replace("customer: acme", "customer: 3m"))}dns: { zone: example.com }\n`)).toEqual([
    '1 customer: got "3m"; in a cluster, services are named after the bastion, and their names begin with a letter',
    "8 dns: the target kubernetes makes no DNS records; name the bastion in kubernetes.host, or leave it to external-dns",
  ]);
});

test("blocks of consumers may be left empty where pods are selected, and only there", () => {
  const podLabels = { app: "etl" };
  const settings = { ...LEAST, consumerPods: [{ podLabels }] };
  const nobody =
    '4 consumerCidrs: is empty, so nobody could reach orders; name the CIDR blocks that may, select pods in consumerPods, or set "bindAddress: loopback" on the tunnels';
  expect(parseBastionFile(file(settings, head("kubernetes", "[]")), "acme.yaml").consumerCidrs).toEqual([]);
  expect(problemsIn(file(LEAST, head("kubernetes", "[]")))).toEqual([nobody]);
  expect(problemsIn(file(settings, head("local", "[]")))).toEqual([nobody.replace(" select pods in consumerPods,", "")]);
  // Which pods are meant cannot be read: whoever says so has said it all.
  expect(problemsIn(file({ ...LEAST, consumerPods: "all" }, head("kubernetes", "[]")))).toEqual([
    '7 kubernetes.consumerPods: got "all"; expected a list',
  ]);
});

test("settings of another target are looked at for their shape only", () => {
  expect(parseBastionFile(file({ ...LEAST, image: "unpinned" }, head("local")), "acme.yaml").target).toBe("local");
  expect(problemsIn(file({ ...LEAST, image: 1 }, head("local")))).toEqual(["7 kubernetes.image: got 1; expected a text"]);
});
