import { expect, test } from "vitest";
import type { EndpointSlice, Service } from "../api/service.ts";
import { serviceRules } from "./service-rules.ts";

const NODE = "192.0.2.129";
const BALANCER = "192.0.2.194";
const SERVICE: Service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace: "n", name: "web" },
  spec: { type: "ClusterIP", clusterIP: "10.96.0.5", ports: [{ name: "web", protocol: "TCP", port: 80 }] },
};

function slice(...endpoints: NonNullable<EndpointSlice["endpoints"]>): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { namespace: "n", name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    endpoints,
    ports: [{ name: "web", protocol: "TCP", port: 8080 }],
  };
}

const rulesOf = (spec: Partial<Service["spec"]>, slices: readonly EndpointSlice[]) =>
  serviceRules([{ ...SERVICE, spec: { ...SERVICE.spec, ...spec } }], slices, NODE, () => BALANCER);

test("a cluster address leads to the endpoints that are ready, each as often", () => {
  const ready = { conditions: { ready: true } };
  const slices = [
    slice(
      { addresses: ["10.244.0.2"], ...ready },
      { addresses: ["10.244.0.3"], ...ready },
      { addresses: ["10.244.0.4"], conditions: { ready: false } },
    ),
  ];
  expect(rulesOf({}, slices)).toEqual({
    guard: [],
    forward: ["ip daddr 10.96.0.5 tcp dport 80 dnat to numgen random mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.0.3 . 8080 }"],
  });
});

test("the API server is behind the node, though no slice says so", () => {
  const metadata = { namespace: "default", name: "kubernetes" };
  const service: Service = { ...SERVICE, metadata, spec: { ...SERVICE.spec, clusterIP: "10.96.0.1" } };
  expect(serviceRules([service], [], NODE, () => undefined).forward).toEqual(["ip daddr 10.96.0.1 tcp dport 443 dnat to 192.0.2.129:6443"]);
  expect(serviceRules([SERVICE], [], NODE, () => undefined).forward).toEqual([]);
});

test("without one that is ready, the one that ends is used while it serves", () => {
  const ending = { ready: false, serving: true, terminating: true };
  expect(rulesOf({}, [slice({ addresses: ["10.244.0.2"], conditions: ending })]).forward).toEqual([
    "ip daddr 10.96.0.5 tcp dport 80 dnat to 10.244.0.2:8080",
  ]);
  expect(rulesOf({}, [slice({ addresses: ["10.244.0.2"], conditions: { ...ending, serving: false } })]).forward).toEqual([]);
});

test("a slice of another Service or without a list of endpoints leads nowhere", () => {
  const empty: EndpointSlice = { ...slice(), endpoints: null, ports: null };
  const foreign = slice({ addresses: ["10.244.0.2"] });
  expect(rulesOf({}, [empty, { ...foreign, metadata: { ...foreign.metadata, namespace: "other" } }]).forward).toEqual([]);
});

test("a load balancer has its source ranges, and hides clients unless its policy is Local", () => {
  const slices = [slice({ addresses: ["10.244.0.2"] })];
  const ports = [{ name: "web", protocol: "TCP", port: 80, nodePort: 30080 }] as const;
  const loadBalancerSourceRanges = ["203.0.113.0/24", "198.51.100.7/32"];
  const target = "dnat to 10.244.0.2:8080";
  expect(rulesOf({ type: "LoadBalancer", ports, externalTrafficPolicy: "Local", loadBalancerSourceRanges }, slices)).toEqual({
    guard: [`ip daddr ${BALANCER} tcp dport 80 ip saddr != { 198.51.100.7/32, 203.0.113.0/24 } drop`],
    forward: [
      `ip daddr 10.96.0.5 tcp dport 80 ${target}`,
      `ip daddr ${BALANCER} tcp dport 80 ${target}`,
      `ip daddr ${NODE} tcp dport 30080 ${target}`,
    ],
  });
  expect(rulesOf({ type: "NodePort", ports, externalTrafficPolicy: "Cluster" }, slices).forward).toEqual([
    `ip daddr 10.96.0.5 tcp dport 80 ${target}`,
    `ip daddr ${NODE} tcp dport 30080 meta mark set 0x4000 ${target}`,
  ]);
  expect(rulesOf({ type: "LoadBalancer", loadBalancerSourceRanges: ["0.0.0.0/0"] }, slices).guard).toEqual([]);
});

test("a headless Service has no address that could lead anywhere", () => {
  expect(rulesOf({ clusterIP: "None" }, [slice({ addresses: ["10.244.0.2"] })]).forward).toEqual([]);
});
