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

test("ports that a preview does not know yet are unknown in the rule, and the rule is shown", async () => {
  const { ingress } = await policyOf({}, { preview: true, outputsOf: () => ({}) });
  const unknown = pulumi.runtime.unknownValue;
  expect(ingress[1]).toEqual({ from: [block("10.20.0.0/16")], ports: [tcp(unknown), tcp(unknown)] });
});
