import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checkPodSecurity, type PodSecurity } from "../core/kubernetes/pod-security.ts";
import { problemsAt, refuseIfAny } from "../core/problem.ts";
import { checked } from "../shared/checked.ts";
import { isLater } from "../shared/later.ts";

type PodSpec = types.input.core.v1.PodSpec;

/**
 * Refuses a pod that somebody's transform has given more rights than a bastion's pod has. An API server would say so only
 * when the pod is made, and only where its namespace asks for it.
 */
export function refuseWeakerPod(resource: pulumi.Resource, spec: pulumi.Input<types.input.apps.v1.DeploymentSpec> | undefined): void {
  const pod = pulumi.output(spec).apply((deployment) => deployment?.template.spec);
  const check = (security: PodSecurity) =>
    checked(resource, () => refuseIfAny(problemsAt("transform.deployment: spec.template.spec", checkPodSecurity(security))));
  const plain = plainPod(spec);
  if (plain === undefined) pod.apply((resolved) => check(securityOf((resolved ?? {}) as PodSpec) as PodSecurity));
  else check(plain);
}

/** What of a pod is looked at, if nothing of that is known later only. */
function plainPod(spec: pulumi.Input<types.input.apps.v1.DeploymentSpec> | undefined): PodSecurity | undefined {
  if (isLater(spec) || isLater(spec?.template)) return undefined;
  const pod = spec?.template.spec;
  if (isLater(pod)) return undefined;
  const security = securityOf(pod ?? { containers: [] });
  return hasLater(security) ? undefined : (security as PodSecurity);
}

function securityOf(pod: PodSpec) {
  const { hostNetwork, hostPID, hostIPC, securityContext } = pod;
  const containers = (list: PodSpec["initContainers"]) =>
    map(list, (container) => ({ securityContext: container.securityContext, ports: container.ports }));
  return {
    hostNetwork,
    hostPID,
    hostIPC,
    securityContext,
    containers: containers(pod.containers),
    initContainers: containers(pod.initContainers),
    volumes: map(pod.volumes, (volume) => Object.keys(volume)),
  };
}

/** Maps what is known of a list; what is not stays what it is. */
function map<T, Mapped>(list: pulumi.Input<pulumi.Input<T>[] | undefined> | undefined, change: (item: T) => Mapped) {
  if (list === undefined || isLater(list)) return list;
  return list.map((item) => (isLater(item) ? item : change(item)));
}

function hasLater(value: unknown): boolean {
  if (isLater(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasLater);
}
