import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { KubernetesBastionArgs } from "../../../components/kubernetes/kubernetes-bastion.ts";
import { type EngineOptions, isKnown, settled } from "../../support/engine.ts";
import { EXPOSED, inputsOf, LABELS, NAMESPACE, up } from "../../support/kubernetes-bastion.ts";
import { kubernetesOutputs, LOAD_BALANCER_IP } from "../../support/kubernetes-engine.ts";
import { resourceIn } from "../../support/registered.ts";

const IPV4 = { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] };
const NO_AWAIT = { "pulumi.com/skipAwait": "true" };
const PORT = { name: "ssh", port: 2222, targetPort: 2222, protocol: "TCP" };
const AWS = {
  "service.beta.kubernetes.io/aws-load-balancer-type": "external",
  "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "instance",
  "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
  "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes": "preserve_client_ip.enabled=true",
  "service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-2222": "tcp.idle_timeout.seconds=3600",
};

const object = (apiVersion: string, kind: string, name: string, annotations: object | undefined, rest: object) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: NAMESPACE, labels: LABELS, ...(annotations === undefined ? {} : { annotations }) },
  ...rest,
});
const sshService = (annotations: object | undefined, spec: object) =>
  object("v1", "Service", "acme-bastion-ssh", annotations, { spec: { ...IPV4, selector: LABELS, ...spec } });

const CLUSTER_IP = sshService(NO_AWAIT, { type: "ClusterIP", ports: [PORT] });

describe("the service of sshd, whole", () => {
  test.each<[string, Partial<KubernetesBastionArgs>, object]>([
    [
      "behind a load balancer",
      EXPOSED["load-balancer"],
      sshService(AWS, {
        type: "LoadBalancer",
        loadBalancerSourceRanges: ["198.51.100.0/24"],
        externalTrafficPolicy: "Local",
        ports: [PORT],
      }),
    ],
    [
      "behind an internal load balancer of its own class, with annotations that come first",
      {
        clientCidrs: ["203.0.113.0/24", "10.0.0.0/8", "203.0.113.0/24"],
        exposure: {
          kind: "load-balancer",
          loadBalancer: {
            cloud: "azure",
            internal: true,
            loadBalancerClass: "example.com/lb",
            annotations: { "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "10", "example.com/a": "b" },
          },
        },
      },
      sshService(
        {
          "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "10",
          "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
          "example.com/a": "b",
        },
        {
          type: "LoadBalancer",
          loadBalancerSourceRanges: ["10.0.0.0/8", "203.0.113.0/24"],
          loadBalancerClass: "example.com/lb",
          externalTrafficPolicy: "Local",
          ports: [PORT],
        },
      ),
    ],
    [
      "behind a load balancer that needs to be told nothing",
      { exposure: { kind: "load-balancer", loadBalancer: { cloud: "other" } } },
      sshService(undefined, {
        type: "LoadBalancer",
        loadBalancerSourceRanges: ["198.51.100.0/24"],
        externalTrafficPolicy: "Local",
        ports: [PORT],
      }),
    ],
    [
      "at a node port",
      EXPOSED["node-port"],
      sshService(NO_AWAIT, { type: "NodePort", externalTrafficPolicy: "Local", ports: [{ ...PORT, nodePort: 30222 }] }),
    ],
    ["behind nginx", EXPOSED["nginx-tcp-services"], CLUSTER_IP],
    ["behind a Gateway", EXPOSED["gateway-tcp-route"], CLUSTER_IP],
    ["without exposure", EXPOSED.none, CLUSTER_IP],
  ])("%s", async (_what, args, service) => {
    expect(await inputsOf("acme-ssh-service", args)).toEqual(service);
  });
});

test("consumers' pods reach every tunnel that is not on loopback at one service, ready or not", async () => {
  const port = (name: string, bindPort: number) => ({ name, port: bindPort, targetPort: bindPort, protocol: "TCP" });
  const service = (name: string) =>
    object("v1", "Service", name, NO_AWAIT, {
      spec: {
        type: "ClusterIP",
        ...IPV4,
        publishNotReadyAddresses: true,
        selector: LABELS,
        ports: [port("orders", 15000), port("billing", 15001)],
      },
    });
  expect(await inputsOf("acme-tunnel-service")).toEqual(service("ssh-reverse-proxy"));
  expect(await inputsOf("acme-tunnel-service", { serviceName: "acme-tunnels" })).toEqual(service("acme-tunnels"));
});

test("the ports of a first preview are unknown, and how many there are is known", async () => {
  const { spec } = await inputsOf("acme-tunnel-service", {}, { preview: true, outputsOf: () => ({}) });
  const unknown = pulumi.runtime.unknownValue;
  const port = (name: string) => ({ name, port: unknown, targetPort: unknown, protocol: "TCP" });
  expect((spec as { ports: unknown }).ports).toEqual([port("orders"), port("billing")]);
});

// Proxies.

test("of ingress-nginx's ConfigMap, the bastion has one entry and nothing else", async () => {
  const { registered } = await up(EXPOSED["nginx-tcp-services"]);
  const { inputs, options } = resourceIn(registered, "acme-tcp-services-entry");
  expect(inputs).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "tcp-services", namespace: "ingress-nginx" },
    data: { "2222": "bastions/acme-bastion-ssh:2222" },
  });
  expect(options.dependencies).toEqual(["kubernetes:core/v1:Service::acme-ssh-service"]);
  const exposure = { kind: "nginx-tcp-services", nginx: { configMap: "tcp", namespace: "edge", port: 22001 } } as const;
  expect(await inputsOf("acme-tcp-services-entry", { exposure, host: "x.example.com", sshPort: 2200 })).toMatchObject({
    metadata: { name: "tcp", namespace: "edge" },
    data: { "22001": "bastions/acme-bastion-ssh:2200" },
  });
});

test("the route of a Gateway leads from its listener to sshd, in the version that was asked for", async () => {
  const { registered } = await up(EXPOSED["gateway-tcp-route"]);
  const { inputs, options } = resourceIn(registered, "acme-tcp-route");
  const route = (version: string, namespace: string) =>
    object(version, "TCPRoute", "acme-bastion-ssh", undefined, {
      spec: {
        parentRefs: [{ name: "public", namespace, sectionName: "acme" }],
        rules: [{ backendRefs: [{ name: "acme-bastion-ssh", port: 2222 }] }],
      },
    });
  expect(inputs).toEqual(route("gateway.networking.k8s.io/v1", "gateways"));
  expect(options.dependencies).toEqual(["kubernetes:core/v1:Service::acme-ssh-service"]);
  const gateway = { name: "public", sectionName: "acme", apiVersion: "gateway.networking.k8s.io/v1alpha2" };
  expect(await inputsOf("acme-tcp-route", { exposure: { kind: "gateway-tcp-route", gateway }, host: "x.example.com" })).toEqual(
    route("gateway.networking.k8s.io/v1alpha2", NAMESPACE),
  );
});

const warned = async (args: Partial<KubernetesBastionArgs>) =>
  (await up(args)).logged.map(({ severity, message }) => `${severity} ${message}`);

test.each(["nginx-tcp-services", "gateway-tcp-route"] as const)("behind %s, a warning says who has to hold clientCidrs", async (kind) => {
  expect(await warned(EXPOSED[kind])).toEqual([
    `warn clientCidrs: with ${kind}, whoever reaches the proxy reaches sshd, since the proxy hides where they come from. Hold clientCidrs at the proxy's own service (loadBalancerSourceRanges), or choose load-balancer.`,
  ]);
  expect(await warned({ ...EXPOSED[kind], clientCidrs: ["0.0.0.0/0"] })).toEqual([]);
});

test.each(["load-balancer", "node-port", "none"] as const)("with %s there is nothing to warn of", async (kind) => {
  expect(await warned(EXPOSED[kind])).toEqual([]);
});

// Whom sshd lets in, and whom it never penalises.

test.each<[string, Partial<KubernetesBastionArgs>, string, string]>([
  ["a load balancer", EXPOSED["load-balancer"], "198.51.100.0/24", "127.0.0.0/8"],
  [
    "a load balancer that probes sshd itself",
    { exposure: { kind: "load-balancer", loadBalancer: { cloud: "aws", probeCidrs: ["10.1.0.0/16"] } } },
    "198.51.100.0/24",
    "127.0.0.0/8,10.1.0.0/16",
  ],
  ["a node port", EXPOSED["node-port"], "198.51.100.0/24", "127.0.0.0/8"],
  ["nginx", EXPOSED["nginx-tcp-services"], "0.0.0.0/0", "0.0.0.0/0"],
  ["a Gateway", EXPOSED["gateway-tcp-route"], "0.0.0.0/0", "0.0.0.0/0"],
  ["none", EXPOSED.none, "198.51.100.0/24", "127.0.0.0/8"],
])("with %s, sshd lets in and spares those whose addresses it sees", async (_what, args, allowed, exempt) => {
  const { sshd_config: text = "" } = (await inputsOf("acme-config", args)).data as Record<string, string>;
  const lines = text.split("\n");
  expect(lines).toContain(`AllowUsers tunnel@${allowed} consumer@${allowed}`);
  expect(lines).toContain(`PerSourcePenaltyExemptList ${exempt}`);
});

// Outputs.

test.each<[string, Partial<KubernetesBastionArgs>, string, number]>([
  ["the load balancer's address", EXPOSED["load-balancer"], LOAD_BALANCER_IP, 2222],
  ["a name for it", { ...EXPOSED["load-balancer"], host: "acme.ssh.example.com" }, "acme.ssh.example.com", 2222],
  ["the nodes, at their port", EXPOSED["node-port"], "nodes.example.com", 30222],
  ["nginx", EXPOSED["nginx-tcp-services"], "ingress.example.com", 2222],
  ["the Gateway, at its port", EXPOSED["gateway-tcp-route"], "gateway.example.com", 22022],
  ["the service of sshd", EXPOSED.none, "acme-bastion-ssh.bastions.svc.cluster.local", 2222],
])("clients dial %s", async (_what, args, host, port) => {
  const { result } = await up(args);
  expect([await settled(result.host), await settled(result.sshPort), await settled(result.endpoint)]).toEqual([
    host,
    port,
    `ssh://tunnel@${host}:${port}`,
  ]);
  expect(await settled(result.knownHosts)).toContain(`[${host}]:${port} ssh-ed25519 `);
  expect((await settled(result.clients))[0]?.command).toContain(` -p ${port} `);
});

test("consumers dial the cluster's name, and what others refer to is an output", async () => {
  const { result } = await up({ serviceName: "acme-tunnels", consumerCidrs: ["203.0.113.0/24"] });
  const clusterHost = "acme-tunnels.bastions.svc.cluster.local";
  const addresses = (await settled(result.tunnels)).map(({ consumerAddresses }) => consumerAddresses);
  expect(addresses).toEqual([[`${clusterHost}:15000`], [`${clusterHost}:15001`], []]);
  expect([await settled(result.namespace), await settled(result.clusterHost), await settled(result.deploymentName)]).toEqual([
    NAMESPACE,
    clusterHost,
    "acme-bastion",
  ]);
});

const withStatus = (status: object | undefined): NonNullable<EngineOptions["outputsOf"]> => {
  return (resource) => ({ ...kubernetesOutputs(resource), ...(resource.name === "acme-ssh-service" ? { status } : {}) });
};

test("some load balancers have a name", async () => {
  const ingress = [{ hostname: "acme.elb.example.com", ip: "" }];
  const { result } = await up({}, { outputsOf: withStatus({ loadBalancer: { ingress } }) });
  expect(await settled(result.host)).toBe("acme.elb.example.com");
});

test.each([undefined, {}, { loadBalancer: {} }, { loadBalancer: { ingress: [] } }, { loadBalancer: { ingress: [{}] } }])(
  "a load balancer with the status %j has no address: unknown to a preview, and refused with a remedy by an up",
  async (status) => {
    const preview = await up({}, { preview: true, outputsOf: withStatus(status) });
    expect([preview.error, await isKnown(preview.result.host)]).toEqual([undefined, false]);
    const { error } = await up({}, { outputsOf: withStatus(status ?? {}) });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    expect((error as Error).message).toMatch(
      /exposure: the load balancer has no address yet; run pulumi up again once it has, or name what clients dial in host$/,
    );
  },
);
