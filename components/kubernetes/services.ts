import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { renderCidr } from "../core/cidr.ts";
import type { PlacedTunnel } from "../core/forward.ts";
import { ExposureKind, type LoadBalancerSpec } from "../core/kubernetes/exposure-spec.ts";
import { KUBERNETES_DEFAULTS } from "../core/kubernetes/kubernetes-defaults.ts";
import { loadBalancerAnnotations } from "../core/kubernetes/load-balancer-annotations.ts";
import { transformed } from "../shared/transform.ts";
import { exposedPorts } from "./exposed-ports.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";

type ServiceSpec = kubernetes.types.input.core.v1.ServiceSpec;

/** sshd and the bind ports listen on IPv4 alone: an address of the other family would lead nowhere. */
const IPV4 = { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] };
/** The Deployment is waited for. Beside it, a service in the cluster has nothing more to wait for than ten seconds. */
const NO_AWAIT = { "pulumi.com/skipAwait": "true" };
/** Otherwise nodes put their own address in place of the client's, by which sshd and the policy know whom to let in. */
const KEEP_CLIENT_ADDRESS = { externalTrafficPolicy: "Local" };

/** Makes the service of a bastion's sshd, as its exposure wants it. */
export function createSshService(scope: KubernetesScope): kubernetes.core.v1.Service {
  const { name, names, bastion, selector, transforms, parent } = scope;
  const { annotations, nodePort, ...spec } = sshServiceOf(scope);
  const port = { name: "ssh", port: bastion.sshPort, targetPort: bastion.sshPort, protocol: "TCP" };
  return new kubernetes.core.v1.Service(
    `${name}-ssh-service`,
    ...transformed(
      transforms.service,
      {
        metadata: metadataOf(scope, names.ssh, annotations),
        spec: { ...spec, ...IPV4, selector, ports: [nodePort === undefined ? port : { ...port, nodePort }] },
      },
      { parent },
    ),
  );
}

/**
 * Makes the service by which pods reach bind ports, where there are any. It leads to the pod also while sshd does not
 * greet: tunnels that are open go on working.
 */
export function createTunnelService(scope: KubernetesScope, tunnels: pulumi.Output<readonly PlacedTunnel[]>): void {
  const { name, bastion, spec, selector, transforms, parent } = scope;
  const ports = exposedPorts(bastion, tunnels).map(({ tunnel, bindPort }) => ({
    name: tunnel,
    port: bindPort,
    targetPort: bindPort,
    protocol: "TCP",
  }));
  // A service without a port is refused.
  if (ports.length === 0) return;
  new kubernetes.core.v1.Service(
    `${name}-tunnel-service`,
    ...transformed(
      transforms.service,
      {
        metadata: metadataOf(scope, spec.serviceName ?? KUBERNETES_DEFAULTS.serviceName, NO_AWAIT),
        spec: { type: "ClusterIP", ...IPV4, publishNotReadyAddresses: true, selector, ports },
      },
      { parent },
    ),
  );
}

interface SshService extends Pick<ServiceSpec, "type" | "externalTrafficPolicy" | "loadBalancerSourceRanges" | "loadBalancerClass"> {
  readonly annotations: Readonly<Record<string, string>>;
  readonly nodePort?: number;
}

function sshServiceOf(scope: KubernetesScope): SshService {
  const { exposure } = scope;
  switch (exposure.kind) {
    case ExposureKind.LoadBalancer:
      return loadBalancerOf(scope, exposure.loadBalancer);
    case ExposureKind.NodePort:
      return { type: "NodePort", annotations: NO_AWAIT, nodePort: exposure.nodePort, ...KEEP_CLIENT_ADDRESS };
    default:
      return { type: "ClusterIP", annotations: NO_AWAIT };
  }
}

function loadBalancerOf({ bastion }: KubernetesScope, { cloud, internal = false, loadBalancerClass, annotations }: LoadBalancerSpec) {
  return {
    type: "LoadBalancer",
    annotations: { ...loadBalancerAnnotations({ cloud, internal, sshPort: bastion.sshPort }), ...annotations },
    loadBalancerSourceRanges: [...new Set(bastion.clientCidrs.map(renderCidr))].sort(),
    ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
    ...KEEP_CLIENT_ADDRESS,
  };
}
