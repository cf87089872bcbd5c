import { type CidrBlock, parseCidr } from "../cidr.ts";
import { KUBERNETES_DEFAULTS } from "./kubernetes-defaults.ts";
import type { WorkloadKeySource, WorkloadsSpec } from "./workloads-spec.ts";

/** Workload pods whose users' keys are discovered, with every default filled in. */
export interface Workloads {
  readonly user: string;
  /** Sorted, like the ports: their order means nothing, and another one is no reason for another pod. */
  readonly namespaces: readonly string[];
  readonly podLabels: Readonly<Record<string, string>>;
  readonly sshPorts: readonly number[];
  readonly keySource: WorkloadKeySource;
  readonly annotation: string;
  readonly dataKey: string;
  readonly httpPort: number;
  readonly httpPath: string;
  readonly kubeApiPort: number;
  readonly kubeApiCidrs: readonly CidrBlock[];
}

/**
 * Fills in what the settings leave out. They have been checked.
 *
 * @param namespace the bastion's own.
 */
export function parseWorkloads(spec: WorkloadsSpec, namespace: string): Workloads {
  const defaults = KUBERNETES_DEFAULTS.workloads;
  return {
    user: spec.user ?? defaults.user,
    namespaces: [...(spec.namespaces ?? [namespace])].sort(),
    podLabels: spec.podLabels ?? defaults.podLabels,
    sshPorts: [...(spec.sshPorts ?? defaults.sshPorts)].sort((a, b) => a - b),
    keySource: spec.keySource ?? defaults.keySource,
    annotation: spec.annotation ?? defaults.annotation,
    dataKey: spec.dataKey ?? defaults.dataKey,
    httpPort: spec.httpPort ?? defaults.httpPort,
    httpPath: spec.httpPath ?? defaults.httpPath,
    kubeApiPort: spec.kubeApiPort ?? defaults.kubeApiPort,
    kubeApiCidrs: (spec.kubeApiCidrs ?? defaults.kubeApiCidrs).map(parseCidr),
  };
}

/** Renders labels as the `labelSelector` of a request for those that have all of them: `a=b,c=d`. */
export function renderLabelSelector(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(",");
}
