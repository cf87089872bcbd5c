/** What the settings of a bastion in a cluster mean where they are silent. */
export const KUBERNETES_DEFAULTS = {
  serviceName: "ssh-reverse-proxy",
  nginx: { configMap: "tcp-services", namespace: "ingress-nginx" },
  gatewayApiVersion: "gateway.networking.k8s.io/v1",
  requests: { cpu: "50m", memory: "128Mi" },
  limits: { memory: "512Mi" },
  maxUnavailable: 1,
} as const;
