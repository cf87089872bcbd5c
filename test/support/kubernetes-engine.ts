import { createHash } from "node:crypto";
import type { EngineOptions, RegisteredResource } from "./engine.ts";
import { providerOutputs } from "./local-engine.ts";

/** The address that load balancers of the tests get. */
export const LOAD_BALANCER_IP = "203.0.113.20";

/** What the cluster and its provider add to the inputs of their objects, and our own provider to those of its. */
export function kubernetesOutputs(resource: RegisteredResource): object {
  const { type, name, inputs } = resource;
  if (!type.startsWith("kubernetes:")) return providerOutputs(resource);
  const metadata = inputs.metadata as { readonly name?: string } | undefined;
  const content = { data: inputs.data, stringData: inputs.stringData };
  // A name of Pulumi's making: other content is another object.
  const named = { metadata: { ...metadata, name: metadata?.name ?? `${name}-${hash(JSON.stringify(content))}` } };
  if (type !== "kubernetes:core/v1:Service") return named;
  const { type: kind } = inputs.spec as { readonly type?: string };
  return { ...named, status: { loadBalancer: kind === "LoadBalancer" ? { ingress: [{ ip: LOAD_BALANCER_IP }] } : {} } };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** An engine with this cluster and our own provider behind it. */
export const KUBERNETES_ENGINE: EngineOptions = { outputsOf: kubernetesOutputs };
