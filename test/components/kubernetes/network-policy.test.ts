import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { KubernetesBastionArgs } from "../../../components/kubernetes/kubernetes-bastion.ts";
import type { EngineOptions } from "../../support/engine.ts";
import { ARGS, EXPOSED, inputsOf, LABELS, NAMESPACE } from "../../support/kubernetes-bastion.ts";

const policyOf = async (args: Partial<KubernetesBastionArgs> = {}, engine: EngineOptions = {}) =>
  (await inputsOf("acme-network-policy", args, engine)).spec as { readonly ingress: readonly { from: unknown; ports: unknown }[] };
const rulesOf = async (args: Partial<KubernetesBastionArgs> = {}) => (await policyOf(args)).ingress;

const block = (cidr: string) => ({ ipBlock: { cidr } });
const tcp = (port: unknown) => ({ protocol: "TCP", port });
const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });

test("inwards: logins from clientCidrs, bind ports from consumers but for loopback, and nobody else; outwards nothing", async () => {
  const { metadata, spec } = await inputsOf("acme-network-policy");
  expect(metadata).toEqual({ name: "acme-bastion-ingress", namespace: NAMESPACE, labels: LABELS });
  expect(spec).toEqual({
    podSelector: { matchLabels: LABELS },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [block("198.51.100.0/24")], ports: [tcp(2222)] },
      { from: [block("10.20.0.0/16")], ports: [tcp(15000), tcp(15001)] },
    ],
  });
});

test("each block once, in the one order, whatever the author's", async () => {
  const clientCidrs = ["203.0.113.0/24", "198.51.100.0/24", "203.0.113.0/24"];
  expect((await rulesOf({ clientCidrs, sshPort: 2200 }))[0]).toEqual({
    from: [block("198.51.100.0/24"), block("203.0.113.0/24")],
    ports: [tcp(2200)],
  });
});

test.each<[string, Partial<KubernetesBastionArgs>, object[]]>([
  ["nginx", EXPOSED["nginx-tcp-services"], [namespace("ingress-nginx")]],
  ["a Gateway", EXPOSED["gateway-tcp-route"], [namespace("gateways")]],
  [
    "a Gateway whose traffic is carried elsewhere",
    {
      host: "x.example.com",
      exposure: { kind: "gateway-tcp-route", gateway: { name: "a", sectionName: "b", proxyNamespace: "envoy-gateway-system" } },
    },
    [namespace("envoy-gateway-system")],
  ],
  [
    "a load balancer that probes sshd itself",
    { exposure: { kind: "load-balancer", loadBalancer: { cloud: "aws", probeCidrs: ["10.1.0.0/16"] } } },
    [block("10.1.0.0/16")],
  ],
  ["a node port", EXPOSED["node-port"], []],
  ["nothing", EXPOSED.none, []],
])("behind %s, these come to sshd beside clientCidrs", async (_what, args, others) => {
  expect((await rulesOf(args))[0]).toEqual({ from: [block("198.51.100.0/24"), ...others], ports: [tcp(2222)] });
});

test("pods are selected as they were written down", async () => {
  const consumerPods: KubernetesBastionArgs["consumerPods"] = [
    { namespaceLabels: { "kubernetes.io/metadata.name": "platform" } },
    { namespaceLabels: { team: "data" }, podLabels: { app: "etl" } },
    { podLabels: { app: "etl" } },
    { allNamespaces: true, podLabels: { "acme.example.com/reads": "orders" } },
    { allNamespaces: true },
  ];
  expect((await rulesOf({ consumerPods, consumerCidrs: [] }))[1]).toEqual({
    from: [
      namespace("platform"),
      { namespaceSelector: { matchLabels: { team: "data" } }, podSelector: { matchLabels: { app: "etl" } } },
      { podSelector: { matchLabels: { app: "etl" } } },
      { namespaceSelector: {}, podSelector: { matchLabels: { "acme.example.com/reads": "orders" } } },
      { namespaceSelector: {} },
    ],
    ports: [tcp(15000), tcp(15001)],
  });
  expect((await rulesOf({ consumerPods: [{ podLabels: { app: "etl" } }] }))[1]?.from).toEqual([
    block("10.20.0.0/16"),
    { podSelector: { matchLabels: { app: "etl" } } },
  ]);
});

test("where nobody may reach a bind port, or there is none, there is no rule: an empty one would let everybody in", async () => {
  const loopback = { tunnels: [{ name: "flow", bindAddress: "loopback" }], clients: ARGS.clients.slice(1), consumers: [] };
  for (const args of [loopback, { ...loopback, consumerCidrs: [] }, { tunnels: [], clients: [], consumers: [] }])
    expect(await rulesOf(args)).toEqual([{ from: [block("198.51.100.0/24")], ports: [tcp(2222)] }]);
});

// Outwards.

const egressOf = async (workloads: KubernetesBastionArgs["workloads"]) =>
  ((await policyOf({ workloads })) as { readonly egress?: unknown }).egress;
const pods = (inNamespace: string, matchLabels: object) => ({ ...namespace(inNamespace), podSelector: { matchLabels } });
const API = { to: [block("0.0.0.0/0")], ports: [tcp(6443)] };

test("with workloads, these pods are reached at their SSH ports, and the API server, and nothing else", async () => {
  expect(await egressOf({})).toEqual([{ to: [pods(NAMESPACE, { "reverse-bastion/ssh": "enabled" })], ports: [tcp(2222)] }, API]);
  const workloads = {
    namespaces: ["team-b", "team-a"],
    podLabels: { ssh: "on", team: "data" },
    sshPorts: [2222, 22],
    kubeApiPort: 16443,
    kubeApiCidrs: ["192.0.2.8/32", "192.0.2.7/32"],
  };
  const labels = { ssh: "on", team: "data" };
  expect(await egressOf(workloads)).toEqual([
    { to: [pods("team-a", labels), pods("team-b", labels)], ports: [tcp(22), tcp(2222)] },
    { to: [block("192.0.2.7/32"), block("192.0.2.8/32")], ports: [tcp(16443)] },
  ]);
});

test.each([
  ["annotation", undefined, [2222]],
  ["secret", undefined, [2222]],
  ["config-map", undefined, [2222]],
  ["http", undefined, [2222, 8080]],
  ["http", 80, [2222, 80]],
  ["http", 2222, [2222]],
] as const)("with the key source %s at %s, the ports of the pods are %j", async (keySource, httpPort, ports) => {
  expect(await egressOf({ keySource, httpPort })).toEqual([
    { to: [pods(NAMESPACE, { "reverse-bastion/ssh": "enabled" })], ports: ports.map(tcp) },
    API,
  ]);
});

test("inwards, workloads change nothing", async () => {
  expect(await rulesOf({ workloads: { keySource: "http" } })).toEqual(await rulesOf());
});

test("ports that a preview does not know yet are unknown in the rule, and the rule is shown", async () => {
  const { ingress } = await policyOf({}, { preview: true, outputsOf: () => ({}) });
  const unknown = pulumi.runtime.unknownValue;
  expect(ingress[1]).toEqual({ from: [block("10.20.0.0/16")], ports: [tcp(unknown), tcp(unknown)] });
});
