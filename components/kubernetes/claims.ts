import * as pulumi from "@pulumi/pulumi";
import { ExposureKind } from "../core/kubernetes/exposure-spec.ts";
import { KUBERNETES_DEFAULTS } from "../core/kubernetes/kubernetes-defaults.ts";
import { InvalidInputError, type Problem } from "../core/problem.ts";
import type { KubernetesScope } from "./kubernetes-scope.ts";

/** Something of a cluster that one bastion has to itself. */
interface Claim {
  readonly what: string;
  /** The setting that says which one, and what to choose instead. */
  readonly path: string;
  readonly remedy: string;
}

/** Owners by what they own, by cluster, by deployment, of which one process can run several. */
const owners = new WeakMap<object, Map<pulumi.ProviderResource | undefined, Map<string, string>>>();

/**
 * Refuses what another bastion of the same program has already. The API server would not notice before half of the second
 * one is there, or not at all.
 */
export function claimFor(scope: KubernetesScope): void {
  const deployment = pulumi.runtime.getMonitor();
  if (deployment === undefined) return;
  const clusters = owners.get(deployment) ?? new Map<pulumi.ProviderResource | undefined, Map<string, string>>();
  owners.set(deployment, clusters);
  const cluster = scope.parent.getProvider("kubernetes::");
  const taken = clusters.get(cluster) ?? new Map<string, string>();
  clusters.set(cluster, taken);

  const problems = claimsOf(scope).flatMap(({ what, path, remedy }): Problem[] => {
    const owner = taken.get(what) ?? scope.name;
    taken.set(what, owner);
    return owner === scope.name ? [] : [{ path, reason: `${what} belongs to the bastion ${owner}; ${remedy}` }];
  });
  if (problems.length > 0) throw new InvalidInputError(problems);
}

function claimsOf({ bastion, spec, exposure }: KubernetesScope): Claim[] {
  const { namespace, serviceName = KUBERNETES_DEFAULTS.serviceName } = spec;
  const service: Claim = {
    what: `the service ${serviceName} in the namespace ${namespace}`,
    path: "serviceName",
    remedy: "give this one another serviceName, or a namespace of its own",
  };
  const isExposed = bastion.tunnels.some(({ bindAddress }) => bindAddress.scope !== "loopback");
  return [...(isExposed ? [service] : []), ...wayIn(exposure)];
}

function wayIn(exposure: KubernetesScope["exposure"]): Claim[] {
  switch (exposure.kind) {
    case ExposureKind.NodePort:
      return [{ what: `the node port ${exposure.nodePort}`, path: "exposure.nodePort", remedy: "choose another" }];
    case ExposureKind.NginxTcpServices: {
      const what = `the port ${exposure.port} in the ConfigMap ${exposure.proxyNamespace}/${exposure.configMap}`;
      return [{ what, path: "exposure.nginx.port", remedy: "choose another" }];
    }
    case ExposureKind.GatewayTcpRoute: {
      const what = `the listener ${exposure.sectionName} of the Gateway ${exposure.gatewayNamespace}/${exposure.gateway}`;
      return [{ what, path: "exposure.gateway.sectionName", remedy: "a listener leads to one bastion; choose another" }];
    }
    default:
      return [];
  }
}
