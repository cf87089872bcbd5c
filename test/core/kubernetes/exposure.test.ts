import { expect, test } from "vitest";
import { dialledPort, isProxied, parseExposure } from "../../../components/core/kubernetes/exposure.ts";
import type { ExposureSpec } from "../../../components/core/kubernetes/exposure-spec.ts";
import { loadBalancerAnnotations } from "../../../components/core/kubernetes/load-balancer-annotations.ts";

const parse = (exposure: ExposureSpec, sshPort = 2222) => parseExposure({ namespace: "bastions", image: "x", exposure }, sshPort);
const gateway = { name: "public", sectionName: "ssh" };
const everything = {
  name: "public",
  namespace: "gateways",
  sectionName: "ssh",
  port: 22022,
  apiVersion: "gateway.networking.k8s.io/v1alpha2",
  proxyNamespace: "envoy",
};

test.each<[ExposureSpec, ReturnType<typeof parseExposure>, number, boolean]>([
  [{ kind: "load-balancer", loadBalancer: { cloud: "gcp" } }, { kind: "load-balancer", loadBalancer: { cloud: "gcp" } }, 2200, false],
  [{ kind: "node-port", nodePort: 30222 }, { kind: "node-port", nodePort: 30222 }, 30222, false],
  [
    { kind: "nginx-tcp-services" },
    { kind: "nginx-tcp-services", configMap: "tcp-services", proxyNamespace: "ingress-nginx", port: 2200 },
    2200,
    true,
  ],
  [
    { kind: "nginx-tcp-services", nginx: { configMap: "tcp", namespace: "edge", port: 2201 } },
    { kind: "nginx-tcp-services", configMap: "tcp", proxyNamespace: "edge", port: 2201 },
    2201,
    true,
  ],
  [
    { kind: "gateway-tcp-route", gateway },
    {
      kind: "gateway-tcp-route",
      apiVersion: "gateway.networking.k8s.io/v1",
      gateway: "public",
      gatewayNamespace: "bastions",
      sectionName: "ssh",
      port: 2200,
      proxyNamespace: "bastions",
    },
    2200,
    true,
  ],
  [
    { kind: "gateway-tcp-route", gateway: everything },
    {
      kind: "gateway-tcp-route",
      apiVersion: "gateway.networking.k8s.io/v1alpha2",
      gateway: "public",
      gatewayNamespace: "gateways",
      sectionName: "ssh",
      port: 22022,
      proxyNamespace: "envoy",
    },
    22022,
    true,
  ],
  [{ kind: "none" }, { kind: "none" }, 2200, false],
])("%j: what it leaves out is filled in, and the port that clients dial follows", (spec, parsed, port, hasProxy) => {
  const exposure = parse(spec, 2200);
  expect([exposure, dialledPort(exposure, 2200), isProxied(exposure)]).toEqual([parsed, port, hasProxy]);
});

test("what has not been checked is a mistake of the program", () => {
  expect(() => parse({ kind: "node-port" })).toThrow(TypeError);
});

const AWS = {
  "service.beta.kubernetes.io/aws-load-balancer-type": "external",
  "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "instance",
  "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
  "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes": "preserve_client_ip.enabled=true",
  "service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-2222": "tcp.idle_timeout.seconds=3600",
};

test.each([
  ["aws", false, AWS],
  ["aws", true, { ...AWS, "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" }],
  ["azure", false, { "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "30" }],
  [
    "azure",
    true,
    {
      "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "30",
      "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    },
  ],
  ["gcp", false, {}],
  ["gcp", true, { "networking.gke.io/load-balancer-type": "Internal" }],
  ["other", false, {}],
] as const)("on %s, with internal: %s, the load balancer is told this", (cloud, internal, annotations) => {
  expect(loadBalancerAnnotations({ cloud, internal, sshPort: 2222 })).toEqual(annotations);
});
