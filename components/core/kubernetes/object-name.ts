import { quoteForMessage } from "../problem.ts";

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SERVICE = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** Names of the objects of a bastion. Others refer to them, so they never change. */
export interface ObjectNames {
  /** Of the Deployment, the ServiceAccount and the PodDisruptionBudget. */
  readonly bastion: string;
  readonly hostKeys: string;
  readonly ingress: string;
  readonly keySet: string;
  /** Of the service of sshd, and of what leads to it. */
  readonly ssh: string;
}

/** The names of the objects of the bastion `name`. */
export function objectNames(name: string): ObjectNames {
  const bastion = `${name}-bastion`;
  return { bastion, hostKeys: `${bastion}-host-keys`, ingress: `${bastion}-ingress`, keySet: `${bastion}-key-set`, ssh: `${bastion}-ssh` };
}

/**
 * The name of the Role by which the bastion `name` of a namespace discovers workload pods, in the namespace of those. A dot
 * is in no name of a bastion or a namespace, so that no two bastions want the same.
 */
export function workloadRoleName(name: string, namespace: string): string {
  return `${objectNames(name).bastion}-workloads.${namespace}`;
}

/** The name by which a cluster knows a service. */
export function clusterHostOf(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.cluster.local`;
}

/** Why a bastion cannot have this name in a cluster, whose services' names are stricter than ours. */
export function checkNameOnKubernetes(name: string): string | undefined {
  if (!/^[0-9]/.test(name)) return undefined;
  return `got ${quoteForMessage(name)}; in a cluster, services are named after the bastion, and their names begin with a letter`;
}

/** Why a namespace, or a listener of a Gateway, cannot be called so (RFC 1123 label). */
export function checkLabelName(name: string): string | undefined {
  if (LABEL.test(name)) return undefined;
  return `got ${quoteForMessage(name)}; expected 1–63 of a–z, 0–9 and "-", beginning and ending with a letter or digit`;
}

/** Why a service cannot be called so (RFC 1035 label). */
export function checkServiceName(name: string): string | undefined {
  if (SERVICE.test(name)) return undefined;
  return `got ${quoteForMessage(name)}; a service's name is 1–63 of a–z, 0–9 and "-", and begins with a letter`;
}

/** Why any other object cannot be called so (RFC 1123 subdomain). */
export function checkObjectName(name: string): string | undefined {
  if (name.length <= 253 && SUBDOMAIN.test(name)) return undefined;
  return `got ${quoteForMessage(name)}; expected the name of an object, 1–253 of a–z, 0–9, "-" and "."`;
}
