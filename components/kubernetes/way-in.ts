import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import { isOpenToWorld } from "../core/cidr.ts";
import { type Exposure, isProxied } from "../core/kubernetes/exposure.ts";
import { ExposureKind } from "../core/kubernetes/exposure-spec.ts";
import { clusterHostOf } from "../core/kubernetes/object-name.ts";
import { transformed } from "../shared/transform.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";

/** Leads a proxy of the cluster to sshd, where one was asked for. */
export function createProxyRoute(scope: KubernetesScope, sshService: kubernetes.core.v1.Service): void {
  const { name, names, bastion, spec, exposure, transforms, parent } = scope;
  const options = { parent, dependsOn: [sshService] };
  if (exposure.kind === ExposureKind.NginxTcpServices)
    new kubernetes.core.v1.ConfigMapPatch(
      `${name}-tcp-services-entry`,
      ...transformed(
        transforms.configMapPatch,
        {
          metadata: { name: exposure.configMap, namespace: exposure.proxyNamespace },
          data: { [exposure.port]: `${spec.namespace}/${names.ssh}:${bastion.sshPort}` },
        },
        options,
      ),
    );
  if (exposure.kind === ExposureKind.GatewayTcpRoute)
    new kubernetes.apiextensions.CustomResource(
      `${name}-tcp-route`,
      ...transformed(
        transforms.tcpRoute,
        {
          apiVersion: exposure.apiVersion,
          kind: "TCPRoute",
          metadata: metadataOf(scope, names.ssh),
          spec: {
            parentRefs: [{ name: exposure.gateway, namespace: exposure.gatewayNamespace, sectionName: exposure.sectionName }],
            rules: [{ backendRefs: [{ name: names.ssh, port: bastion.sshPort }] }],
          },
        },
        options,
      ),
    );
}

/** Where clients dial: the name that was given, or the one that the way in has by itself. */
export function dialledHost(scope: KubernetesScope, sshService: kubernetes.core.v1.Service): pulumi.Input<string> {
  const { names, spec, exposure } = scope;
  if (spec.host !== undefined) return spec.host;
  return exposure.kind === ExposureKind.LoadBalancer ? addressOf(scope, sshService) : clusterHostOf(names.ssh, spec.namespace);
}

/** Some load balancers have a name, others an address. A preview may see the service, and none of the two yet. */
function addressOf({ parent }: KubernetesScope, service: kubernetes.core.v1.Service): pulumi.Output<string> {
  return service.status.apply((status) => {
    const [first] = status?.loadBalancer?.ingress ?? [];
    const host = first?.hostname || first?.ip;
    if (host) return host;
    if (pulumi.runtime.isDryRun()) return pulumi.unknown as unknown as string;
    const reason = "the load balancer has no address yet; run pulumi up again once it has, or name what clients dial in host";
    throw new pulumi.ResourceError(`exposure: ${reason}`, parent, true);
  });
}

/** Says that nobody holds `clientCidrs` where a proxy hides them: it is the proxy that has to. */
export function warnOfHiddenClients(resource: pulumi.Resource, { clientCidrs }: Bastion, exposure: Exposure): void {
  if (!isProxied(exposure) || clientCidrs.some(isOpenToWorld)) return;
  void pulumi.log.warn(
    `clientCidrs: with ${exposure.kind}, whoever reaches the proxy reaches sshd, since the proxy hides where they come from. ` +
      "Hold clientCidrs at the proxy's own service (loadBalancerSourceRanges), or choose load-balancer.",
    resource,
  );
}
