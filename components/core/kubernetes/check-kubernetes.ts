import { isIPv4 } from "node:net";
import type { PartialSpec } from "../check-bastion.ts";
import { DEFAULTS } from "../defaults.ts";
import { isHostName } from "../destination.ts";
import type { PartialDeep } from "../partial.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { checkExposure, needsHost } from "./check-exposure.ts";
import { checkWorkloads, type Discoverer } from "./check-workloads.ts";
import { checkConsumerPods } from "./consumer-pods.ts";
import { checkContainerImage } from "./container-image.ts";
import { KUBERNETES_DEFAULTS } from "./kubernetes-defaults.ts";
import type { KubernetesSpec } from "./kubernetes-spec.ts";
import { checkAnnotations, checkOwnLabels, ownLabels } from "./labels.ts";
import { checkLabelName, checkObjectName, checkServiceName, objectNames } from "./object-name.ts";
import { checkPlacement } from "./pod-placement.ts";

const NO_NAMESPACE = "is missing; name the namespace that the bastion is to stand in, which must exist";
const NO_EXPOSURE = 'is missing; say how clients reach sshd, such as "exposure: { kind: load-balancer, loadBalancer: { cloud: aws } }"';

type OwnUsers = Pick<PartialSpec, "tunnelUser" | "consumerUser">;

/**
 * Everything in the settings of a bastion in a cluster that an API server would refuse, or that would not work there.
 *
 * @param name the bastion's; `undefined` where it cannot be read.
 * @param users the users that clients and consumers log in as.
 */
export function checkKubernetes(spec: PartialDeep<KubernetesSpec>, name: string | undefined, users: OwnUsers = {}): Problem[] {
  const { namespace, image, allowUnpinnedImage = false, exposure } = spec;
  return [
    ...asProblems("namespace", namespace === undefined ? NO_NAMESPACE : checkLabelName(namespace)),
    ...asProblems("image", checkContainerImage(image, allowUnpinnedImage)),
    ...each("imagePullSecrets", spec.imagePullSecrets, (name) => asProblems("", checkObjectName(name))),
    ...(exposure === undefined ? asProblems("exposure", NO_EXPOSURE) : problemsAt("exposure", checkExposure(exposure))),
    ...asProblems("host", checkHost(spec)),
    ...asProblems("serviceName", checkService(spec, name)),
    ...each("consumerPods", spec.consumerPods, checkConsumerPods),
    ...(spec.workloads === undefined ? [] : problemsAt("workloads", checkWorkloads(spec.workloads, discoverer(spec, name, users)))),
    ...checkPlacement(spec),
    ...(spec.labels === undefined ? [] : problemsAt("labels", checkOwnLabels(spec.labels))),
    ...(spec.annotations === undefined ? [] : problemsAt("annotations", checkAnnotations(spec.annotations))),
  ];
}

function checkService({ serviceName = KUBERNETES_DEFAULTS.serviceName }: PartialDeep<KubernetesSpec>, name: string | undefined) {
  const isTaken = name !== undefined && serviceName === objectNames(name).ssh;
  return isTaken ? `"${serviceName}" is the name of the service of sshd; choose another` : checkServiceName(serviceName);
}

function discoverer({ namespace, labels }: PartialDeep<KubernetesSpec>, name: string | undefined, users: OwnUsers): Discoverer {
  return {
    namespace,
    podLabels: { ...labels, ...(name === undefined ? {} : ownLabels(name)) },
    users: { tunnel: users.tunnelUser ?? DEFAULTS.tunnelUser, consumer: users.consumerUser ?? DEFAULTS.consumerUser },
  };
}

function checkHost({ host, exposure }: PartialDeep<KubernetesSpec>): string | undefined {
  if (host === undefined)
    return needsHost(exposure?.kind) ? `is missing; name what clients dial: with ${exposure?.kind}, nobody else knows it` : undefined;
  if (isIPv4(host) || isHostName(host)) return undefined;
  return `got ${quoteForMessage(host)}; expected the name or IPv4 address that clients dial`;
}
