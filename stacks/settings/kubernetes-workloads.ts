import { z } from "zod";
import { KUBERNETES_DEFAULTS } from "../../components/core/kubernetes/kubernetes-defaults.ts";
import { WorkloadKeySource } from "../../components/core/kubernetes/workloads-spec.ts";
import { cidrs, port, text } from "./fields.ts";

const DEFAULTS = KUBERNETES_DEFAULTS.workloads;
const [LABEL] = Object.entries(DEFAULTS.podLabels).map(([key, value]) => `${key}: ${value}`);

/** Workload pods that users reach through the bastion. */
export const workloads = z.strictObject({
  namespaces: z.array(text("Name of a namespace.")).describe("Namespaces of the pods. Default: the bastion's own.").optional(),
  podLabels: z.record(z.string(), z.string()).describe(`Labels of pods that have SSH enabled. Default: ${LABEL}.`).optional(),
  sshPorts: z
    .array(port("A port."))
    .describe(`Ports of the pods that users may be forwarded to. Default: ${DEFAULTS.sshPorts}.`)
    .optional(),
  keySource: z
    .enum(WorkloadKeySource)
    .describe(`Where a pod's public keys are. With secret, the bastion may read every Secret there. Default: ${DEFAULTS.keySource}.`)
    .optional(),
  annotation: text(`Annotation with the keys, or with the name of the object that has them. Default: ${DEFAULTS.annotation}.`).optional(),
  dataKey: text(`Key in the object's data. Goes with secret and config-map. Default: ${DEFAULTS.dataKey}.`).optional(),
  httpPort: port(`Port at which a pod gives its keys. Goes with http. Default: ${DEFAULTS.httpPort}.`).optional(),
  httpPath: text(`Path at which a pod gives its keys. Goes with http. Default: ${DEFAULTS.httpPath}.`).optional(),
  user: text(`User that they log in to the bastion as. Default: ${DEFAULTS.user}.`).optional(),
  kubeApiPort: port(`Port of the API server behind its service; 16443 with microk8s. Default: ${DEFAULTS.kubeApiPort}.`).optional(),
  kubeApiCidrs: cidrs(`that the API server is in. Default: ${DEFAULTS.kubeApiCidrs}`).optional(),
});
