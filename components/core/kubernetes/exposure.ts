import { type ExposureSpec, ExposureKind as Kind, type LoadBalancerSpec } from "./exposure-spec.ts";
import { KUBERNETES_DEFAULTS } from "./kubernetes-defaults.ts";
import type { KubernetesSpec } from "./kubernetes-spec.ts";

/** The way to sshd, with every default filled in. */
export type Exposure =
  | { readonly kind: typeof Kind.LoadBalancer; readonly loadBalancer: LoadBalancerSpec }
  | { readonly kind: typeof Kind.NodePort; readonly nodePort: number }
  | { readonly kind: typeof Kind.NginxTcpServices; readonly configMap: string; readonly proxyNamespace: string; readonly port: number }
  | ({ readonly kind: typeof Kind.GatewayTcpRoute } & GatewayListener)
  | { readonly kind: typeof Kind.None };

/** The listener that a `TCPRoute` attaches to. */
export interface GatewayListener {
  readonly apiVersion: string;
  readonly gateway: string;
  readonly gatewayNamespace: string;
  readonly sectionName: string;
  readonly port: number;
  readonly proxyNamespace: string;
}

/** Fills in what an exposure leaves out. It has been checked. */
export function parseExposure({ exposure, namespace }: KubernetesSpec, sshPort: number): Exposure {
  const { loadBalancer, nodePort, nginx = {}, gateway } = exposure;
  switch (exposure.kind) {
    case Kind.LoadBalancer:
      return { kind: exposure.kind, loadBalancer: given(loadBalancer) };
    case Kind.NodePort:
      return { kind: exposure.kind, nodePort: given(nodePort) };
    case Kind.NginxTcpServices: {
      const { configMap, namespace: proxyNamespace } = KUBERNETES_DEFAULTS.nginx;
      return {
        kind: exposure.kind,
        configMap: nginx.configMap ?? configMap,
        proxyNamespace: nginx.namespace ?? proxyNamespace,
        port: nginx.port ?? sshPort,
      };
    }
    case Kind.GatewayTcpRoute: {
      const { name, sectionName, namespace: gatewayNamespace = namespace, ...rest } = given(gateway);
      return {
        kind: exposure.kind,
        apiVersion: rest.apiVersion ?? KUBERNETES_DEFAULTS.gatewayApiVersion,
        gateway: name,
        gatewayNamespace,
        sectionName,
        port: rest.port ?? sshPort,
        proxyNamespace: rest.proxyNamespace ?? gatewayNamespace,
      };
    }
    case Kind.None:
      return { kind: exposure.kind };
  }
}

/** Whether a proxy stands before sshd, so that every client comes from the proxy's address. */
export function isProxied({ kind }: Partial<Pick<ExposureSpec, "kind">>): boolean {
  return kind === Kind.NginxTcpServices || kind === Kind.GatewayTcpRoute;
}

/** Port that clients dial. */
export function dialledPort(exposure: Exposure, sshPort: number): number {
  switch (exposure.kind) {
    case Kind.NodePort:
      return exposure.nodePort;
    case Kind.NginxTcpServices:
    case Kind.GatewayTcpRoute:
      return exposure.port;
    default:
      return sshPort;
  }
}

function given<T>(setting: T | undefined): T {
  if (setting === undefined) throw new TypeError("an exposure that was checked has the settings of its kind");
  return setting;
}
