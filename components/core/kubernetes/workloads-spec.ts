/** Where the public keys of a workload pod's users are. */
export const WorkloadKeySource = {
  /** In an annotation of the pod. */
  Annotation: "annotation",
  /** In a Secret of the pod's namespace, which an annotation of the pod names. The bastion may then read all Secrets there. */
  Secret: "secret",
  /** In a ConfigMap of the pod's namespace, which an annotation of the pod names. */
  ConfigMap: "config-map",
  /** The pod itself gives them, by HTTP. */
  Http: "http",
} as const;
export type WorkloadKeySource = (typeof WorkloadKeySource)[keyof typeof WorkloadKeySource];

/**
 * Workload pods that users reach through the bastion, `ssh -J`. Their public keys are discovered in those pods, and a pod
 * gives access to itself alone: a key may be forwarded to the pods that carry it, and to no others.
 */
export interface WorkloadsSpec {
  /**
   * Namespaces of the pods. They must exist; the bastion may list the pods there.
   *
   * @default - the bastion's own namespace
   */
  readonly namespaces?: readonly string[] | undefined;
  /**
   * Labels of pods that have SSH enabled. A pod needs all of them.
   *
   * @default { "reverse-bastion/ssh": "enabled" }
   */
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Ports of those pods that users may be forwarded to, 1–65535, eight at the most.
   *
   * @default [2222]
   */
  readonly sshPorts?: readonly number[] | undefined;
  /** @default "annotation" */
  readonly keySource?: WorkloadKeySource | undefined;
  /**
   * Annotation with the keys, as lines of an `authorized_keys` file without options; with `secret` and `config-map`, with
   * the name of the object that has them. Not with `http`.
   *
   * @default "reverse-bastion/authorized-keys"
   */
  readonly annotation?: string | undefined;
  /**
   * Key in the data of the Secret or ConfigMap. Only with `secret` and `config-map`.
   *
   * @default "authorized_keys"
   */
  readonly dataKey?: string | undefined;
  /**
   * Port at which a pod gives its keys, 1–65535. Only with `http`.
   *
   * @default 8080
   */
  readonly httpPort?: number | undefined;
  /**
   * Path at which a pod gives its keys. Only with `http`.
   *
   * @default "/authorized_keys"
   */
  readonly httpPath?: string | undefined;
  /**
   * User that they log in to the bastion as.
   *
   * @default "jump"
   */
  readonly user?: string | undefined;
  /**
   * Port of the API server as network policies see it, 1–65535: behind its service, whose 443 is translated before. 16443
   * with microk8s, 443 where a cloud runs the control plane.
   *
   * @default 6443
   */
  readonly kubeApiPort?: number | undefined;
  /**
   * IPv4 blocks that the API server is in. Narrow them where they are known.
   *
   * @default ["0.0.0.0/0"]
   */
  readonly kubeApiCidrs?: readonly string[] | undefined;
}
