import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { KUBERNETES_DEFAULTS } from "../core/kubernetes/kubernetes-defaults.ts";
import { transformed } from "../shared/transform.ts";
import type { Configuration } from "./configuration.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";
import { refuseWeakerPod } from "./pod-security.ts";
import { podTemplate } from "./pod-template.ts";

/**
 * Runs the pod of a bastion. There is one at a time, also while it is exchanged: a tunnel listens in the one pod that its
 * client has logged in to, and consumers who came to another one would be refused.
 *
 * @param others what has to be there before the pod.
 */
export function createDeployment(
  scope: KubernetesScope,
  configuration: Configuration,
  others: readonly pulumi.Resource[],
): kubernetes.apps.v1.Deployment {
  const { name, names, selector, transforms, parent } = scope;
  const serviceAccount = new kubernetes.core.v1.ServiceAccount(
    `${name}-service-account`,
    ...transformed(
      transforms.serviceAccount,
      { metadata: metadataOf(scope, names.bastion), automountServiceAccountToken: false },
      { parent },
    ),
  );
  const [args, options] = transformed<kubernetes.apps.v1.DeploymentArgs>(
    transforms.deployment,
    {
      metadata: metadataOf(scope, names.bastion),
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        // An earlier one could not be gone back to: the objects that it names are deleted.
        revisionHistoryLimit: 0,
        selector: { matchLabels: selector },
        template: podTemplate(scope, configuration),
      },
    },
    { parent, dependsOn: [serviceAccount, ...others] },
  );
  if (transforms.deployment !== undefined) refuseWeakerPod(parent, args.spec);
  return new kubernetes.apps.v1.Deployment(`${name}-deployment`, args, options);
}

/** Says what a node that is drained does to the pod. */
export function createDisruptionBudget(scope: KubernetesScope): void {
  const { name, names, spec, selector, transforms, parent } = scope;
  const { maxUnavailable } = { maxUnavailable: KUBERNETES_DEFAULTS.maxUnavailable, ...spec.podDisruptionBudget };
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    ...transformed(
      transforms.podDisruptionBudget,
      { metadata: metadataOf(scope, names.bastion), spec: { maxUnavailable, selector: { matchLabels: selector } } },
      { parent },
    ),
  );
}
