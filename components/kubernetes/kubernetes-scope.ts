import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import type { Exposure } from "../core/kubernetes/exposure.ts";
import type { KubernetesSpec } from "../core/kubernetes/kubernetes-spec.ts";
import type { ObjectNames } from "../core/kubernetes/object-name.ts";
import type { Workloads } from "../core/kubernetes/workloads.ts";
import type { KubernetesTransforms } from "./kubernetes-transforms.ts";

/** What the parts of one bastion in a cluster have in common. */
export interface KubernetesScope {
  /** The bastion's name; children are named `${name}-deployment`. */
  readonly name: string;
  readonly names: ObjectNames;
  readonly bastion: Bastion;
  readonly spec: KubernetesSpec;
  readonly exposure: Exposure;
  /** Workload pods whose users' keys are discovered, where that was asked for. */
  readonly workloads: Workloads | undefined;
  /** Labels by which services and policies know the pod. */
  readonly selector: Readonly<Record<string, string>>;
  /** Labels of every object, those of the selector included. */
  readonly labels: Readonly<Record<string, string>>;
  readonly transforms: KubernetesTransforms;
  readonly parent: pulumi.Resource;
}

/** Metadata of an object of the bastion; without a name, Pulumi gives it one that no other object has. */
export function metadataOf(
  { spec, labels }: KubernetesScope,
  objectName: string | undefined,
  annotations: Readonly<Record<string, string>> = {},
): types.input.meta.v1.ObjectMeta {
  const all = { ...spec.annotations, ...annotations };
  return {
    ...(objectName === undefined ? {} : { name: objectName }),
    namespace: spec.namespace,
    labels,
    ...(Object.keys(all).length > 0 ? { annotations: all } : {}),
  };
}
