import { expect, test } from "vitest";
import { checkExposure } from "../../../components/core/kubernetes/check-exposure.ts";
import { checkKubernetes } from "../../../components/core/kubernetes/check-kubernetes.ts";
import type { ExposureSpec } from "../../../components/core/kubernetes/exposure-spec.ts";
import { EXPOSED, IMAGE, NAMESPACE } from "../../support/kubernetes-bastion.ts";

/** What is refused, as `path: reason`. */
const refused = (spec: Partial<ExposureSpec>) => checkExposure(spec).map(({ path, reason }) => `${path}: ${reason}`);

test.each(Object.entries(EXPOSED))("%s with what it needs is right", (_kind, settings) => {
  expect(checkKubernetes({ namespace: NAMESPACE, image: IMAGE, ...settings }, "acme")).toEqual([]);
});

test.each<[ExposureSpec, string[]]>([
  [{ kind: "load-balancer" }, ['loadBalancer: is missing; say whose it is, such as "loadBalancer: { cloud: aws }"']],
  [{ kind: "node-port" }, ["nodePort: is missing; give a port of 30000–32767 that is free in the cluster"]],
  [{ kind: "nginx-tcp-services" }, []],
  [{ kind: "gateway-tcp-route" }, ['gateway: is missing; name the Gateway and its listener: "gateway: { name: …, sectionName: … }"']],
  [{ kind: "none" }, []],
])("without what it needs, it is refused: %j", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test.each(["node-port", "nginx-tcp-services", "gateway-tcp-route"] as const)(
  "with %s, nobody but the author knows what clients dial",
  (kind) => {
    const { exposure } = EXPOSED[kind];
    expect(checkKubernetes({ namespace: NAMESPACE, image: IMAGE, exposure }, "acme")).toEqual([
      { path: "host", reason: `is missing; name what clients dial: with ${kind}, nobody else knows it` },
    ]);
  },
);

test("settings of another kind are refused: they would be without effect", () => {
  const gateway = { name: "public", sectionName: "ssh" };
  const all = { loadBalancer: { cloud: "gcp" }, nodePort: 30222, nginx: {}, gateway } as const;
  expect(refused({ kind: "none", ...all })).toEqual([
    "loadBalancer: goes with the exposure load-balancer, and this one is none; leave it out",
    "nodePort: goes with the exposure node-port, and this one is none; leave it out",
    "nginx: goes with the exposure nginx-tcp-services, and this one is none; leave it out",
    "gateway: goes with the exposure gateway-tcp-route, and this one is none; leave it out",
  ]);
  for (const kind of ["load-balancer", "node-port", "nginx-tcp-services", "gateway-tcp-route"] as const)
    expect(refused({ kind, ...all })).toHaveLength(3);
  // Which kind it is cannot be read: somebody else says so.
  expect(refused(all)).toEqual([]);
});

test.each<[NonNullable<ExposureSpec["loadBalancer"]>, string[]]>([
  [{ cloud: "azure", internal: true, loadBalancerClass: "service.k8s.aws/nlb", annotations: { "a.example.com/b": "c" } }, []],
  [
    { cloud: "other", internal: true },
    ["loadBalancer.internal: cannot be said to a cloud that is not known here; say it in annotations, and leave this out"],
  ],
  [{ cloud: "other", internal: false, probeCidrs: ["10.0.0.0/8"] }, []],
  [{} as never, ["loadBalancer.cloud: is missing; allowed is aws, gcp, azure, other"]],
  [
    { cloud: "aws", loadBalancerClass: "a b" },
    ['loadBalancer.loadBalancerClass: got "a b"; expected something like "service.k8s.aws/nlb"'],
  ],
  [
    { cloud: "aws", probeCidrs: ["10.0.0.1/8"] },
    ['loadBalancer.probeCidrs[0]: "10.0.0.1/8" has host bits set; write "10.0.0.0/8" for the block or "10.0.0.1/32" for the one address'],
  ],
])("the load balancer %j", (loadBalancer, reasons) => {
  expect(refused({ kind: "load-balancer", loadBalancer })).toEqual(reasons);
});

test.each([29999, 32768, 2222, 30000.5, Number.NaN])("%d is no node port", (nodePort) => {
  expect(refused({ kind: "node-port", nodePort })).toEqual([`nodePort: got ${nodePort}; allowed is 30000–32767`]);
});

test.each([30000, 32767])("%d is a node port", (nodePort) => {
  expect(refused({ kind: "node-port", nodePort })).toEqual([]);
});

test("every setting of nginx and of a Gateway is checked", () => {
  expect(refused({ kind: "nginx-tcp-services", nginx: { configMap: "A", namespace: "b.c", port: 0 } })).toEqual([
    'nginx.configMap: got "A"; expected the name of an object, 1–253 of a–z, 0–9, "-" and "."',
    'nginx.namespace: got "b.c"; expected 1–63 of a–z, 0–9 and "-", beginning and ending with a letter or digit',
    "nginx.port: got 0; allowed is 1–65535",
  ]);
  const gateway = { name: "A", namespace: "b.c", sectionName: "-", port: 65536, apiVersion: "v1", proxyNamespace: "D" };
  expect(refused({ kind: "gateway-tcp-route", gateway })).toEqual([
    'gateway.name: got "A"; expected the name of an object, 1–253 of a–z, 0–9, "-" and "."',
    'gateway.sectionName: got "-"; expected the name of an object, 1–253 of a–z, 0–9, "-" and "."',
    'gateway.namespace: got "b.c"; expected 1–63 of a–z, 0–9 and "-", beginning and ending with a letter or digit',
    "gateway.port: got 65536; allowed is 1–65535",
    'gateway.apiVersion: got "v1"; expected "gateway.networking.k8s.io/v1", or "…/v1alpha2" before Gateway API 1.6',
    'gateway.proxyNamespace: got "D"; expected 1–63 of a–z, 0–9 and "-", beginning and ending with a letter or digit',
  ]);
  expect(refused({ kind: "gateway-tcp-route", gateway: {} as never })).toEqual([
    "gateway.name: is missing; name the Gateway",
    "gateway.sectionName: is missing; name the listener of the Gateway",
  ]);
  const alpha = { name: "public", sectionName: "ssh", apiVersion: "gateway.networking.k8s.io/v1alpha2" };
  expect(refused({ kind: "gateway-tcp-route", gateway: alpha })).toEqual([]);
});
