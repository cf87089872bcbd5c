import { z } from "zod";
import { ExposureKind, LoadBalancerCloud } from "../../components/core/kubernetes/exposure-spec.ts";
import { KUBERNETES_DEFAULTS } from "../../components/core/kubernetes/kubernetes-defaults.ts";
import { TaintEffect, TolerationOperator } from "../../components/core/kubernetes/kubernetes-spec.ts";
import { cidrs, port, text } from "./fields.ts";
import { workloads } from "./kubernetes-workloads.ts";

const record = (what: string) => z.record(z.string(), z.string()).describe(what);
const amounts = (what: string) =>
  z
    .strictObject({ cpu: text("Such as 250m.").optional(), memory: text("Such as 256Mi.").optional() })
    .describe(what)
    .optional();

const exposure = z.strictObject({
  kind: z.enum(ExposureKind).describe("The kind of way; its settings follow."),
  loadBalancer: z
    .strictObject({
      cloud: z.enum(LoadBalancerCloud).describe("Whose load balancer it is."),
      internal: z.boolean().describe("Reachable from the cluster's network only. Default: false.").optional(),
      loadBalancerClass: text("Class of the load balancer. Default: the cluster's default.").optional(),
      annotations: record("Annotations of the service, before those that follow from cloud.").optional(),
      probeCidrs: cidrs("its health probes come from, where they go to sshd itself. Default: none").optional(),
    })
    .describe("Goes with load-balancer.")
    .optional(),
  nodePort: port("Port of the nodes, 30000–32767. Goes with node-port.").optional(),
  nginx: z
    .strictObject({
      configMap: text(`The controller's ConfigMap. Default: ${KUBERNETES_DEFAULTS.nginx.configMap}.`).optional(),
      namespace: text(`Namespace of it, and of the controller. Default: ${KUBERNETES_DEFAULTS.nginx.namespace}.`).optional(),
      port: port("Port that the controller listens on. Default: sshPort.").optional(),
    })
    .describe("Goes with nginx-tcp-services.")
    .optional(),
  gateway: z
    .strictObject({
      name: text("Name of the Gateway."),
      namespace: text("Its namespace. Default: the bastion's.").optional(),
      sectionName: text("Name of its listener, with the protocol TCP."),
      port: port("Port of the listener. Default: sshPort.").optional(),
      apiVersion: text(`Version of TCPRoute. Default: ${KUBERNETES_DEFAULTS.gatewayApiVersion}.`).optional(),
      proxyNamespace: text("Namespace of the pods that carry its traffic. Default: the Gateway's.").optional(),
    })
    .describe("Goes with gateway-tcp-route.")
    .optional(),
});

/** Settings of the target `kubernetes`. */
export const kubernetesSettings = z.strictObject({
  context: text("Context of the kubeconfig. Default: the current one.").optional(),
  namespace: text("Namespace of everything. It must exist."),
  image: text("The bastion's image, pinned by its digest: registry.example.com/reverse-bastion@sha256:…."),
  allowUnpinnedImage: z.boolean().describe("Also take an image without a digest. Default: false.").optional(),
  imagePullSecrets: z.array(text("Name of a Secret.")).describe("Secrets the image is pulled with. Default: none.").optional(),
  exposure: exposure.describe("The way from the outside to sshd."),
  host: text("Name or address that clients dial. Default: that of the load balancer, or the cluster's name of sshd.").optional(),
  serviceName: text(`Service by which pods reach bind ports. Default: ${KUBERNETES_DEFAULTS.serviceName}.`).optional(),
  consumerPods: z
    .array(
      z.strictObject({
        namespaceLabels: record("Labels of their namespaces. Default: the bastion's own namespace.").optional(),
        allNamespaces: z.boolean().describe("Pods of whatever namespace. Default: false.").optional(),
        podLabels: record("Labels of the pods. Default: all of those namespaces.").optional(),
      }),
    )
    .describe("Pods that may reach bind ports which are not on loopback. Default: none.")
    .optional(),
  workloads: workloads.describe("Workload pods that users reach through the bastion, ssh -J, with keys discovered there.").optional(),
  resources: z
    .strictObject({ requests: amounts("What the pod is promised."), limits: amounts("What it may take at the most.") })
    .describe("What the pod gets.")
    .optional(),
  priorityClassName: text("Priority class of the pod. Default: the cluster's.").optional(),
  tolerations: z
    .array(
      z.strictObject({
        key: text("Key of the taint.").optional(),
        operator: z.enum(TolerationOperator).describe("Default: Equal.").optional(),
        value: text("Value of the taint.").optional(),
        effect: z.enum(TaintEffect).describe("Default: every effect.").optional(),
      }),
    )
    .describe("Taints that the pod puts up with. Default: none.")
    .optional(),
  nodeSelector: record("Labels that a node must have. Default: any node with Linux.").optional(),
  podDisruptionBudget: z
    .strictObject({ maxUnavailable: z.int().describe("1: a drain moves the pod. 0: a drain waits.") })
    .describe(`What a drain does to the pod. Default: maxUnavailable ${KUBERNETES_DEFAULTS.maxUnavailable}.`)
    .optional(),
  labels: record("Labels of every object.").optional(),
  annotations: record("Annotations of every object.").optional(),
});
