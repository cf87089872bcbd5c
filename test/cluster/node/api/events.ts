import type { ApiClient } from "../../api.ts";
import { EVENT } from "./kinds.ts";
import type { Pod } from "./pod.ts";

/** Tells what happened to a pod, where `kubectl describe` and a provider look for it. */
export async function tellEvent(api: ApiClient, pod: Pod, type: "Normal" | "Warning", reason: string, message: string): Promise<void> {
  const { name = "", namespace = "", uid } = pod.metadata;
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  await api
    .create({
      ...EVENT,
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
      type,
      reason,
      message,
      source: { component: "kubelet" },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    })
    // A namespace that is on its way out takes no events, which nobody would read anyway.
    .catch(() => undefined);
}
