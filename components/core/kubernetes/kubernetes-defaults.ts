import { WorkloadKeySource } from "./workloads-spec.ts";

/** What the settings of a bastion in a cluster mean where they are silent. */
export const KUBERNETES_DEFAULTS = {
  serviceName: "ssh-reverse-proxy",
  nginx: { configMap: "tcp-services", namespace: "ingress-nginx" },
  gatewayApiVersion: "gateway.networking.k8s.io/v1",
  requests: { cpu: "50m", memory: "128Mi" },
  limits: { memory: "512Mi" },
  maxUnavailable: 1,
  workloads: {
    podLabels: { "reverse-bastion/ssh": "enabled" },
    sshPorts: [2222],
    keySource: WorkloadKeySource.Annotation,
    annotation: "reverse-bastion/authorized-keys",
    dataKey: "authorized_keys",
    httpPort: 8080,
    httpPath: "/authorized_keys",
    user: "jump",
    kubeApiPort: 6443,
    kubeApiCidrs: ["0.0.0.0/0"],
  },
} as const;
