/** Ways from the outside to the sshd of a bastion in a cluster. */
export const ExposureKind = {
  /** A load balancer of the cloud, for this bastion alone. Keeps clients' addresses. */
  LoadBalancer: "load-balancer",
  /** A port of the nodes. Keeps clients' addresses: the node that runs the pod answers, and no other. */
  NodePort: "node-port",
  /** An entry of ingress-nginx's `tcp-services`. That controller is retired; for clusters that still have it. */
  NginxTcpServices: "nginx-tcp-services",
  /** A `TCPRoute` of the Gateway API. */
  GatewayTcpRoute: "gateway-tcp-route",
  /** None of our making: clients inside the cluster, or a way of the author's own. */
  None: "none",
} as const;
export type ExposureKind = (typeof ExposureKind)[keyof typeof ExposureKind];

/** Clouds whose load balancers are known here: what they call an idle time-out, and what is internal. */
export const LoadBalancerCloud = { Aws: "aws", Gcp: "gcp", Azure: "azure", Other: "other" } as const;
export type LoadBalancerCloud = (typeof LoadBalancerCloud)[keyof typeof LoadBalancerCloud];

/** The way to sshd, with the settings that go with its kind. */
export interface ExposureSpec {
  readonly kind: ExposureKind;
  /** Goes with `load-balancer`, which needs it. */
  readonly loadBalancer?: LoadBalancerSpec | undefined;
  /** Port of the nodes, 30000–32767, free in the whole cluster. Goes with `node-port`, which needs it. */
  readonly nodePort?: number | undefined;
  /** Goes with `nginx-tcp-services`. */
  readonly nginx?: NginxSpec | undefined;
  /** Goes with `gateway-tcp-route`, which needs it. */
  readonly gateway?: GatewaySpec | undefined;
}

export interface LoadBalancerSpec {
  /** Whose load balancer it is. */
  readonly cloud: LoadBalancerCloud;
  /**
   * Reachable from the cluster's network only.
   *
   * @default false
   */
  readonly internal?: boolean | undefined;
  /**
   * Class of the load balancer, where the cluster's default is not the one that is meant. Cannot be changed in place.
   *
   * @default - the cluster's default
   */
  readonly loadBalancerClass?: string | undefined;
  /**
   * Annotations of the service of sshd, beside and before those that follow from `cloud`.
   *
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /**
   * CIDR blocks that the load balancer's health probes come from, where they go to sshd itself: a probe of the node,
   * which is what the clouds do by themselves, needs none.
   *
   * @default - none
   */
  readonly probeCidrs?: readonly string[] | undefined;
}

/** The ConfigMap of ingress-nginx, and the port it is to open. The bastion owns this one entry of it. */
export interface NginxSpec {
  /** @default "tcp-services" */
  readonly configMap?: string | undefined;
  /**
   * Namespace of the ConfigMap and of the controller.
   *
   * @default "ingress-nginx"
   */
  readonly namespace?: string | undefined;
  /**
   * Port that the controller listens on, and that clients dial. The controller's own service has to have it too.
   *
   * @default - `sshPort`
   */
  readonly port?: number | undefined;
}

/** The listener of a Gateway. It must exist, with the protocol TCP, and let routes of the bastion's namespace attach. */
export interface GatewaySpec {
  readonly name: string;
  /** @default - the bastion's namespace */
  readonly namespace?: string | undefined;
  /** Name of the listener. */
  readonly sectionName: string;
  /**
   * Port of the listener, which clients dial.
   *
   * @default - `sshPort`
   */
  readonly port?: number | undefined;
  /**
   * Version of `TCPRoute` that the cluster has. Before Gateway API 1.6 it was `gateway.networking.k8s.io/v1alpha2`.
   *
   * @default "gateway.networking.k8s.io/v1"
   */
  readonly apiVersion?: string | undefined;
  /**
   * Namespace of the pods that carry the Gateway's traffic.
   *
   * @default - that of the Gateway
   */
  readonly proxyNamespace?: string | undefined;
}
