import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type CidrBlock, parseCidr, renderCidr } from "../core/cidr.ts";
import type { PlacedTunnel } from "../core/forward.ts";
import type { ConsumerPods } from "../core/kubernetes/consumer-pods.ts";
import { ExposureKind } from "../core/kubernetes/exposure-spec.ts";
import type { Workloads } from "../core/kubernetes/workloads.ts";
import { WorkloadKeySource } from "../core/kubernetes/workloads-spec.ts";
import { transformed } from "../shared/transform.ts";
import { exposedPorts } from "./exposed-ports.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";

type Peer = kubernetes.types.input.networking.v1.NetworkPolicyPeer;
type EgressRule = kubernetes.types.input.networking.v1.NetworkPolicyEgressRule;

/**
 * The firewall of a bastion's pod: logins from `clientCidrs`, bind ports from consumers, nothing else inwards; outwards
 * nothing, or only what the discovery of workload pods needs.
 */
export function createNetworkPolicy(
  scope: KubernetesScope,
  tunnels: pulumi.Output<readonly PlacedTunnel[]>,
): kubernetes.networking.v1.NetworkPolicy {
  const { name, names, bastion, workloads, selector, transforms, parent } = scope;
  const consumers = consumersOf(scope);
  const bindPorts = exposedPorts(bastion, tunnels).map(({ bindPort }) => tcp(bindPort));
  return new kubernetes.networking.v1.NetworkPolicy(
    `${name}-network-policy`,
    ...transformed(
      transforms.networkPolicy,
      {
        metadata: metadataOf(scope, names.ingress),
        spec: {
          podSelector: { matchLabels: selector },
          // Without a rule for it, nothing goes out.
          policyTypes: ["Ingress", "Egress"],
          ingress: [
            { from: clientsOf(scope), ports: [tcp(bastion.sshPort)] },
            // No peers would be all of them, and no ports all ports.
            ...(consumers.length === 0 || bindPorts.length === 0 ? [] : [{ from: consumers, ports: bindPorts }]),
          ],
          ...(workloads === undefined ? {} : { egress: egressTo(workloads) }),
        },
      },
      { parent },
    ),
  );
}

/** Who may come to sshd, as the pod sees them: a proxy brings the clients of its own. */
function clientsOf({ bastion, exposure }: KubernetesScope): Peer[] {
  const clients = blocks(bastion.clientCidrs);
  switch (exposure.kind) {
    case ExposureKind.LoadBalancer:
      return [...clients, ...blocks((exposure.loadBalancer.probeCidrs ?? []).map(parseCidr))];
    case ExposureKind.NginxTcpServices:
    case ExposureKind.GatewayTcpRoute:
      return [...clients, namespaceOf(exposure.proxyNamespace)];
    default:
      return clients;
  }
}

function consumersOf({ bastion, spec }: KubernetesScope): Peer[] {
  return [...blocks(bastion.consumerCidrs), ...(spec.consumerPods ?? []).map(podsOf)];
}

function podsOf({ namespaceLabels, allNamespaces, podLabels }: ConsumerPods): Peer {
  const namespaces = allNamespaces === true ? {} : namespaceLabels === undefined ? undefined : { matchLabels: namespaceLabels };
  return {
    ...(namespaces === undefined ? {} : { namespaceSelector: namespaces }),
    ...(podLabels === undefined ? {} : { podSelector: { matchLabels: podLabels } }),
  };
}

/** To workload pods alone, where users are forwarded to and where keys are asked for, and to the API server. Not to any DNS. */
function egressTo({ namespaces, podLabels, sshPorts, keySource, httpPort, kubeApiPort, kubeApiCidrs }: Workloads): EgressRule[] {
  const ports = new Set([...sshPorts, ...(keySource === WorkloadKeySource.Http ? [httpPort] : [])]);
  return [
    {
      to: namespaces.map((namespace) => ({ ...namespaceOf(namespace), podSelector: { matchLabels: podLabels } })),
      ports: [...ports].map(tcp),
    },
    { to: blocks(kubeApiCidrs), ports: [tcp(kubeApiPort)] },
  ];
}

/** Pods of the namespace of this name. */
function namespaceOf(name: string): Peer {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

/** Blocks in one spelling, once each, in an order that does not depend on the author's. */
function blocks(cidrs: readonly CidrBlock[]): Peer[] {
  return [...new Set(cidrs.map(renderCidr))].sort().map((cidr) => ({ ipBlock: { cidr } }));
}

function tcp(port: pulumi.Input<number>): kubernetes.types.input.networking.v1.NetworkPolicyPort {
  return { protocol: "TCP", port };
}
