import type * as kubernetes from "@pulumi/kubernetes";
import type { Transform } from "../shared/transform.ts";

/**
 * A way to whatever the settings do not offer, one for each kind of child. What is changed here is nobody's
 * promise but yours: the bastion's own settings come first. Only a pod that falls behind the restricted Pod Security
 * Standard is refused, by a privileged container for example.
 */
export interface KubernetesTransforms {
  readonly deployment?: Transform<kubernetes.apps.v1.DeploymentArgs> | undefined;
  readonly serviceAccount?: Transform<kubernetes.core.v1.ServiceAccountArgs> | undefined;
  readonly configMap?: Transform<kubernetes.core.v1.ConfigMapArgs> | undefined;
  readonly secret?: Transform<kubernetes.core.v1.SecretArgs> | undefined;
  readonly service?: Transform<kubernetes.core.v1.ServiceArgs> | undefined;
  readonly networkPolicy?: Transform<kubernetes.networking.v1.NetworkPolicyArgs> | undefined;
  /** What the bastion may ask the API server about the namespaces of workload pods. */
  readonly role?: Transform<kubernetes.rbac.v1.RoleArgs> | undefined;
  readonly roleBinding?: Transform<kubernetes.rbac.v1.RoleBindingArgs> | undefined;
  readonly podDisruptionBudget?: Transform<kubernetes.policy.v1.PodDisruptionBudgetArgs> | undefined;
  /** The entry in ingress-nginx's ConfigMap. */
  readonly configMapPatch?: Transform<kubernetes.core.v1.ConfigMapPatchArgs> | undefined;
  readonly tcpRoute?: Transform<kubernetes.apiextensions.CustomResourceArgs> | undefined;
}
