import type { ConsumerPods } from "./consumer-pods.ts";
import type { ExposureSpec } from "./exposure-spec.ts";
import type { WorkloadsSpec } from "./workloads-spec.ts";

/** An amount of each resource, in Kubernetes' own notation: `250m`, `128Mi`. */
export interface ResourceAmounts {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
}

/** What a bastion's pod is promised, and what it may take at the most. */
export interface PodResources {
  /** @default { cpu: "50m", memory: "128Mi" } */
  readonly requests?: ResourceAmounts | undefined;
  /** @default { memory: "512Mi" }, which is room for some 200 connected clients; a limit of CPU would slow tunnels down */
  readonly limits?: ResourceAmounts | undefined;
}

/** A taint that the bastion's pod puts up with. */
export interface PodToleration {
  /** @default - with the operator `Exists`: every taint */
  readonly key?: string | undefined;
  /** @default "Equal" */
  readonly operator?: TolerationOperator | undefined;
  readonly value?: string | undefined;
  /** @default - every effect */
  readonly effect?: TaintEffect | undefined;
}

export const TolerationOperator = { Equal: "Equal", Exists: "Exists" } as const;
export type TolerationOperator = (typeof TolerationOperator)[keyof typeof TolerationOperator];

export const TaintEffect = { NoSchedule: "NoSchedule", PreferNoSchedule: "PreferNoSchedule", NoExecute: "NoExecute" } as const;
export type TaintEffect = (typeof TaintEffect)[keyof typeof TaintEffect];

/** What a bastion in a cluster takes beside what every bastion takes. */
export interface KubernetesSpec {
  /** Namespace of everything that is made. It must exist. */
  readonly namespace: string;
  /**
   * The bastion's image, pinned by its digest: `registry.example.com/reverse-bastion@sha256:…`. `scripts/build-image.sh`
   * builds it and prints this reference.
   */
  readonly image: string;
  /**
   * Also take an image without a digest. What runs then depends on the moment a node pulls it.
   *
   * @default false
   */
  readonly allowUnpinnedImage?: boolean | undefined;
  /**
   * Names of the Secrets of the namespace that the image is pulled with.
   *
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[] | undefined;
  /** The way from the outside to sshd. */
  readonly exposure: ExposureSpec;
  /**
   * Name or IPv4 address that clients dial, as it is printed in their commands.
   *
   * @default - with a load balancer, the one it gets; without exposure, the cluster's name of the service of sshd
   */
  readonly host?: string | undefined;
  /**
   * Service by which consumers inside the cluster reach bind ports, `<serviceName>.<namespace>.svc.cluster.local`. One
   * bastion's alone: a second one in the namespace needs another name.
   *
   * @default "ssh-reverse-proxy"
   */
  readonly serviceName?: string | undefined;
  /**
   * Pods of the cluster that may reach bind ports which are not on loopback, beside whoever is in `consumerCidrs`.
   *
   * @default - none
   */
  readonly consumerPods?: readonly ConsumerPods[] | undefined;
  /**
   * Workload pods that users reach through the bastion, with keys that are discovered in those pods. `{}` for pods of the
   * bastion's namespace that have the label and the annotation of the defaults. Changing it replaces the bastion's pod.
   *
   * @default - none; the bastion has no way to any pod, and no access to the API server
   */
  readonly workloads?: WorkloadsSpec | undefined;
  /** Takes effect on a new pod: changing it replaces the pod. */
  readonly resources?: PodResources | undefined;
  /**
   * Priority class of the pod.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string | undefined;
  /** @default - none */
  readonly tolerations?: readonly PodToleration[] | undefined;
  /**
   * Labels that a node must have to run the pod.
   *
   * @default - any node with Linux
   */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  /** What a node that is drained does to the pod. */
  readonly podDisruptionBudget?: PodDisruptionBudgetSpec | undefined;
  /**
   * Labels of every object, the pod included: changing them replaces the pod.
   *
   * @default - only the bastion's own
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Annotations of every object, the pod included: changing them replaces the pod.
   *
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** How many pods of a bastion, of which there is one, may be evicted. */
export interface PodDisruptionBudgetSpec {
  /**
   * 1: a drain moves the pod, and clients are back within seconds. 0: a drain waits until somebody moves it.
   *
   * @default 1
   */
  readonly maxUnavailable: number;
}
