import { LoadBalancerCloud as Cloud, type LoadBalancerCloud } from "./exposure-spec.ts";

const AWS = "service.beta.kubernetes.io/aws-load-balancer";
const AZURE = "service.beta.kubernetes.io/azure-load-balancer";

/** What an annotation of a load balancer depends on. */
export interface LoadBalancerTraits {
  readonly cloud: LoadBalancerCloud;
  readonly internal: boolean;
  readonly sshPort: number;
}

/**
 * What a cloud's controller has to be told: where the load balancer stands, that clients' addresses are to be kept, and
 * how long a connection may be idle. On GCP and elsewhere the latter cannot be said.
 */
export function loadBalancerAnnotations({ cloud, internal, sshPort }: LoadBalancerTraits): Record<string, string> {
  switch (cloud) {
    case Cloud.Aws:
      return {
        [`${AWS}-type`]: "external",
        [`${AWS}-nlb-target-type`]: "instance",
        [`${AWS}-scheme`]: internal ? "internal" : "internet-facing",
        [`${AWS}-target-group-attributes`]: "preserve_client_ip.enabled=true",
        [`${AWS}-listener-attributes.TCP-${sshPort}`]: "tcp.idle_timeout.seconds=3600",
      };
    case Cloud.Azure:
      return { [`${AZURE}-tcp-idle-timeout`]: "30", ...(internal ? { [`${AZURE}-internal`]: "true" } : {}) };
    case Cloud.Gcp:
      return internal ? { "networking.gke.io/load-balancer-type": "Internal" } : {};
    case Cloud.Other:
      return {};
  }
}
