import type { ApiObject } from "../../api-objects.ts";

export interface Service extends ApiObject {
  readonly spec: {
    readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
    /** `None` of a headless one. */
    readonly clusterIP?: string;
    readonly ports?: readonly ServicePort[];
    readonly externalTrafficPolicy?: "Local" | "Cluster";
    readonly loadBalancerSourceRanges?: readonly string[];
    readonly loadBalancerClass?: string;
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

export interface ServicePort {
  readonly name?: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
  readonly nodePort?: number;
}

/** Empty lists are null in it. */
export interface EndpointSlice extends ApiObject {
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly endpoints:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
      }[]
    | null;
  readonly ports: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[] | null;
}
