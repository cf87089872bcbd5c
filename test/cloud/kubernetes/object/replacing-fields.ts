import type { ApiObject } from "../../../cluster/api-objects.ts";
import { hasUnknown } from "../../plugin/values.ts";
import { isSecretKind } from "./normal-form.ts";

/** Kinds whose content the provider takes for fixed, unless it is told otherwise. */
export interface Mutability {
  readonly configMap: boolean;
  readonly secret: boolean;
}

/** What makes an object this one and no other. */
export const IDENTITY = [".metadata.name", ".metadata.namespace"];

const SELECTOR = [".spec.selector"];
const ROLE_REFERENCE = [".roleRef"];

const CONTAINER_FIELDS = [
  "args",
  "command",
  "env",
  "image",
  "imagePullPolicy",
  "lifecycle",
  "livenessProbe",
  "ports",
  "readinessProbe",
  "resources",
  "securityContext",
  "stdin",
  "stdinOnce",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "tty",
  "volumeDevices",
  "volumeMounts",
  "workingDir",
];

const POD_FIELDS = [
  "affinity",
  "automountServiceAccountToken",
  "dnsConfig",
  "dnsPolicy",
  "enableServiceLinks",
  "hostAliases",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostname",
  "imagePullSecrets",
  "nodeName",
  "nodeSelector",
  "overhead",
  "preemptionPolicy",
  "priority",
  "priorityClassName",
  "readinessGates",
  "restartPolicy",
  "runtimeClassName",
  "schedulerName",
  "securityContext",
  "serviceAccount",
  "serviceAccountName",
  "shareProcessNamespace",
  "subdomain",
  "terminationGracePeriodSeconds",
  "volumes",
];

/** Per kind, beside its identity. A kind that is not here is changed in place, whatever changes. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": SELECTOR,
  "apps/v1/Deployment": SELECTOR,
  "apps/v1/StatefulSet": [
    ...SELECTOR,
    ".spec.podManagementPolicy",
    ".spec.revisionHistoryLimit",
    ".spec.serviceName",
    ".spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": [...SELECTOR, ".spec.completions", ".spec.parallelism", ".spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ROLE_REFERENCE,
  "rbac.authorization.k8s.io/v1/RoleBinding": ROLE_REFERENCE,
  "storage.k8s.io/v1/StorageClass": [".parameters", ".provisioner"],
  "v1/PersistentVolumeClaim": [...SELECTOR, ".spec.accessModes", ".spec.storageClassName", ".spec.volumeName"],
  "v1/Pod": [
    ...POD_FIELDS.map((field) => `.spec.${field}`),
    ...["containers", "initContainers"].flatMap((list) => CONTAINER_FIELDS.map((field) => `.spec.${list}[*].${field}`)),
  ],
  "v1/ResourceQuota": [".spec.scopes"],
  "v1/Secret": [".type"],
  "v1/Service": [".spec.clusterIP"],
};

/** Fields whose change the provider makes by replacing the object, as `.spec.selector`. */
export function replacingFields(inputs: ApiObject, mutability: Mutability): string[] {
  const isImmutable = inputs.immutable === true || hasUnknown(inputs.immutable);
  if (isSecretKind(inputs) && (!mutability.secret || isImmutable)) return [...IDENTITY, ".type", ".stringData", ".data"];
  if (inputs.apiVersion === "v1" && inputs.kind === "ConfigMap" && (!mutability.configMap || isImmutable))
    return [...IDENTITY, ".binaryData", ".data"];
  return [...IDENTITY, ...(FIELDS[`${inputs.apiVersion}/${inputs.kind}`] ?? [])];
}
