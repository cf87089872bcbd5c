import type { ExposureSpec } from "../../components/core/kubernetes/exposure-spec.ts";
import {
  KubernetesBastion,
  type KubernetesBastionArgs,
  type KubernetesBastionOptions,
} from "../../components/kubernetes/kubernetes-bastion.ts";
import { DEPLOYABLE } from "./bastions.ts";
import { deploy, type EngineOptions } from "./engine.ts";
import { KUBERNETES_ENGINE } from "./kubernetes-engine.ts";
import { resourceIn } from "./registered.ts";

/** `type::name` of the component. */
export const COMPONENT = "reverse-bastion:kubernetes:KubernetesBastion::acme";

export const NAMESPACE = "bastions";
export const IMAGE = `registry.example.com/reverse-bastion@sha256:${"0123456789abcdef".repeat(4)}`;

/** Labels by which the pod of the bastion `acme` is known; in these tests, those of everything. */
export const LABELS = { "app.kubernetes.io/name": "reverse-bastion", "app.kubernetes.io/instance": "acme" };

/** Settings of each kind of exposure, with all that it needs. */
export const EXPOSED = {
  "load-balancer": { exposure: { kind: "load-balancer", loadBalancer: { cloud: "aws" } } },
  "node-port": { exposure: { kind: "node-port", nodePort: 30222 }, host: "nodes.example.com" },
  "nginx-tcp-services": { exposure: { kind: "nginx-tcp-services" }, host: "ingress.example.com" },
  "gateway-tcp-route": {
    exposure: { kind: "gateway-tcp-route", gateway: { name: "public", namespace: "gateways", sectionName: "acme", port: 22022 } },
    host: "gateway.example.com",
  },
  none: { exposure: { kind: "none" } },
} as const satisfies Record<ExposureSpec["kind"], Pick<KubernetesBastionArgs, "exposure" | "host">>;

/** Arguments of a bastion behind a load balancer on AWS. */
export const ARGS: KubernetesBastionArgs = { ...DEPLOYABLE, namespace: NAMESPACE, image: IMAGE, ...EXPOSED["load-balancer"] };

/** Deploys the bastion `acme`. */
export const up = (args: Partial<KubernetesBastionArgs> = {}, engine: EngineOptions = {}, options: KubernetesBastionOptions = {}) =>
  deploy(() => new KubernetesBastion("acme", { ...ARGS, ...args }, options), { ...KUBERNETES_ENGINE, ...engine });

/** The inputs of one object of the bastion `acme`. */
export const inputsOf = async (name: string, args: Partial<KubernetesBastionArgs> = {}, engine: EngineOptions = {}) => {
  const { registered, error } = await up(args, engine);
  if (error !== undefined) throw error;
  return resourceIn(registered, name).inputs;
};
