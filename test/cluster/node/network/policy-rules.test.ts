import { expect, test } from "vitest";
import type { NetworkPolicy } from "../api/network-policy.ts";
import { type NetworkedPod, policyRules } from "./policy-rules.ts";

const WEB: NetworkedPod = { namespace: "n", labels: { app: "web" }, address: "10.244.0.2", link: "pod1", namedPorts: { ssh: 2222 } };
const FRIEND: NetworkedPod = { namespace: "n", labels: { role: "friend" }, address: "10.244.0.3", link: "pod2", namedPorts: {} };
const GUEST: NetworkedPod = { ...FRIEND, namespace: "other", address: "10.244.0.4", link: "pod3" };
const NAMESPACES = new Map([
  ["n", {}],
  ["other", { team: "other" }],
]);

function rulesOfWeb(spec: Partial<NetworkPolicy["spec"]>) {
  const policy: NetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { namespace: "n", name: "web" },
    spec: { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"], ...spec },
  };
  const [web, ...others] = policyRules([policy], [WEB, FRIEND, GUEST], NAMESPACES);
  expect(others).toEqual([FRIEND, GUEST].map((pod) => ({ pod, ingress: undefined, egress: undefined })));
  return { ingress: web?.ingress, egress: web?.egress };
}

test("a policy without rules lets nothing through, in the directions that it is about", () => {
  expect(rulesOfWeb({})).toEqual({ ingress: [], egress: undefined });
  expect(rulesOfWeb({ policyTypes: ["Ingress", "Egress"] })).toEqual({ ingress: [], egress: [] });
});

test("a rule without peers and ports lets everything through", () => {
  expect(rulesOfWeb({ ingress: [{}] }).ingress).toEqual(["return"]);
  expect(rulesOfWeb({ ingress: [{ from: [], ports: [] }] }).ingress).toEqual(["return"]);
});

test("peers are blocks, pods of the same namespace, or pods of selected namespaces", () => {
  const from = [
    { ipBlock: { cidr: "198.51.100.0/24", except: ["198.51.100.9/32"] } },
    { ipBlock: { cidr: "0.0.0.0/0", except: ["203.0.113.0/24"] } },
    { ipBlock: { cidr: "2001:db8::/32" } },
    { podSelector: { matchLabels: { role: "friend" } } },
    { namespaceSelector: { matchLabels: { team: "other" } } },
    { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: "role", operator: "Exists" as const }] } },
    { podSelector: { matchLabels: { role: "nobody" } } },
  ];
  expect(rulesOfWeb({ ingress: [{ from, ports: [{ protocol: "TCP", port: 22 }] }] }).ingress).toEqual([
    "ip saddr { 198.51.100.0/24 } ip saddr != { 198.51.100.9/32 } tcp dport 22 return",
    "ip saddr != { 203.0.113.0/24 } tcp dport 22 return",
    "ip saddr { 10.244.0.3 } tcp dport 22 return",
    "ip saddr { 10.244.0.4 } tcp dport 22 return",
    "ip saddr { 10.244.0.3, 10.244.0.4 } tcp dport 22 return",
  ]);
});

test("ports have numbers, names or ranges", () => {
  const ports = [
    { port: "ssh" },
    { protocol: "UDP" as const, port: 53 },
    { port: 8000, endPort: 8010 },
    { protocol: "TCP" as const },
    { port: "unknown" },
  ];
  expect(rulesOfWeb({ ingress: [{ ports }] }).ingress).toEqual([
    "tcp dport 2222 return",
    "udp dport 53 return",
    "tcp dport 8000-8010 return",
    "meta l4proto tcp return",
  ]);
});

test("what a pod may reach is told by where it goes", () => {
  const egress = [{ to: [{ podSelector: { matchLabels: { role: "friend" } } }], ports: [{ port: 5432 }] }];
  expect(rulesOfWeb({ policyTypes: ["Egress"], egress })).toEqual({
    ingress: undefined,
    egress: ["ip daddr { 10.244.0.3 } tcp dport 5432 return"],
  });
});
