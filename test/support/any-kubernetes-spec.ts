import fc from "fast-check";
import { ExposureKind, LoadBalancerCloud } from "../../components/core/kubernetes/exposure-spec.ts";
import { type KubernetesSpec, TaintEffect, TolerationOperator } from "../../components/core/kubernetes/kubernetes-spec.ts";
import { WorkloadKeySource } from "../../components/core/kubernetes/workloads-spec.ts";
import type { PartialDeep } from "../../components/core/partial.ts";
import { ED25519_A } from "./keys.ts";

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const choice = <T>(values: Readonly<Record<string, T>>) => optional(fc.constantFrom(...Object.values(values)));
const list = <T>(value: fc.Arbitrary<T>) => optional(fc.array(optional(value), { maxLength: 3 }));

/** A text that belongs somewhere, or nowhere. */
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("bastions", "ssh-reverse-proxy", "acme-bastion-ssh", "10.0.0.0/8", "2001:db8::/32", "bastion.example.com", "10.0.0.1"),
  fc.constantFrom("registry.example.com/bastion:1", "250m", "64Mi", "1Gi", "gateway.networking.k8s.io/v1alpha2"),
  fc.constantFrom("app.kubernetes.io/name", "constructor", "__proto__", "Team", "a.b", "\u001b[2J\n", ED25519_A.line),
);
const objects = <T>(value: fc.Arbitrary<T>) => optional(fc.array(value, { maxLength: 3 }));
const port = optional(fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.constant(1.5)));
const labels = optional(fc.dictionary(text, optional(text), { maxKeys: 4 }));
const amounts = optional(fc.record({ cpu: optional(text), memory: optional(text) }));

/** Settings of a bastion in a cluster in which every value is of the right type, and any may be missing or wrong. */
export const anyKubernetesSpec: fc.Arbitrary<PartialDeep<KubernetesSpec>> = fc.record({
  namespace: optional(text),
  image: optional(text),
  allowUnpinnedImage: optional(fc.boolean()),
  imagePullSecrets: list(text),
  exposure: optional(
    fc.record({
      kind: choice(ExposureKind),
      loadBalancer: optional(
        fc.record({
          cloud: choice(LoadBalancerCloud),
          internal: optional(fc.boolean()),
          loadBalancerClass: optional(text),
          annotations: labels,
          probeCidrs: list(text),
        }),
      ),
      nodePort: port,
      nginx: optional(fc.record({ configMap: optional(text), namespace: optional(text), port })),
      gateway: optional(
        fc.record({
          name: optional(text),
          namespace: optional(text),
          sectionName: optional(text),
          port,
          apiVersion: optional(text),
          proxyNamespace: optional(text),
        }),
      ),
    }),
  ),
  host: optional(text),
  serviceName: optional(text),
  consumerPods: objects(fc.record({ namespaceLabels: labels, allNamespaces: optional(fc.boolean()), podLabels: labels })),
  workloads: optional(
    fc.record({
      namespaces: list(text),
      podLabels: labels,
      sshPorts: optional(fc.array(port, { maxLength: 10 })),
      keySource: choice(WorkloadKeySource),
      annotation: optional(text),
      dataKey: optional(text),
      httpPort: port,
      httpPath: optional(text),
      user: optional(text),
      kubeApiPort: port,
      kubeApiCidrs: list(text),
    }),
  ),
  resources: optional(fc.record({ requests: amounts, limits: amounts })),
  priorityClassName: optional(text),
  tolerations: objects(
    fc.record({ key: optional(text), operator: choice(TolerationOperator), value: optional(text), effect: choice(TaintEffect) }),
  ),
  nodeSelector: labels,
  podDisruptionBudget: optional(fc.record({ maxUnavailable: port })),
  labels,
  annotations: labels,
});
