import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { workloadRoleName } from "../core/kubernetes/object-name.ts";
import { WorkloadKeySource } from "../core/kubernetes/workloads-spec.ts";
import { transformed } from "../shared/transform.ts";
import { type KubernetesScope, metadataOf } from "./kubernetes-scope.ts";

type PolicyRule = kubernetes.types.input.rbac.v1.PolicyRule;

const RBAC = "rbac.authorization.k8s.io";

/** What a key source needs beside the list of pods. Names of objects are in annotations of the pods: nobody knows them here. */
const RULES: Readonly<Record<WorkloadKeySource, readonly PolicyRule[]>> = {
  [WorkloadKeySource.Annotation]: [],
  [WorkloadKeySource.Secret]: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
  [WorkloadKeySource.ConfigMap]: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
  [WorkloadKeySource.Http]: [],
};

/**
 * Lets the pod of a bastion ask the API server for workload pods and their keys, in each of their namespaces and nowhere
 * else. Without workloads, nothing is made, and it may ask for nothing.
 */
export function createWorkloadAccess(scope: KubernetesScope): pulumi.Resource[] {
  return (scope.workloads?.namespaces ?? []).map((namespace) => createAccessTo(namespace, scope));
}

function createAccessTo(namespace: string, scope: KubernetesScope): pulumi.Resource {
  const { name, names, spec, workloads, transforms, parent } = scope;
  const metadata = { ...metadataOf(scope, workloadRoleName(name, spec.namespace)), namespace };
  const more = workloads === undefined ? [] : RULES[workloads.keySource];
  const role = new kubernetes.rbac.v1.Role(
    `${name}-workload-role-${namespace}`,
    ...transformed(transforms.role, { metadata, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }, ...more] }, { parent }),
  );
  return new kubernetes.rbac.v1.RoleBinding(
    `${name}-workload-role-binding-${namespace}`,
    ...transformed(
      transforms.roleBinding,
      {
        metadata,
        roleRef: { apiGroup: RBAC, kind: "Role", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: names.bastion, namespace: spec.namespace }],
      },
      { parent },
    ),
  );
}
