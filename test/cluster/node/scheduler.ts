import type { ApiClient } from "../api.ts";
import { PatchType } from "../api.ts";
import { isRefusal } from "../api-transport.ts";
import { POD } from "./api/kinds.ts";
import type { Pod } from "./api/pod.ts";

/** Labels that pods choose nodes by. */
export type NodeLabels = Readonly<Record<string, string>>;

/** Gives pods that are on no node to the one there is, as the scheduler does: by binding them. */
export class Scheduler {
  readonly #api: ApiClient;
  readonly #nodeName: string;
  readonly #labels: NodeLabels;
  readonly #seen = new Set<string>();

  constructor(api: ApiClient, nodeName: string, labels: NodeLabels) {
    this.#api = api;
    this.#nodeName = nodeName;
    this.#labels = labels;
  }

  /** Looks at all pods; each is decided about once. */
  async place(pods: readonly Pod[]): Promise<void> {
    for (const pod of pods) {
      const { uid = "", deletionTimestamp } = pod.metadata;
      if (pod.spec.nodeName !== undefined || deletionTimestamp !== undefined || this.#seen.has(uid)) continue;
      this.#seen.add(uid);
      await this.#place(pod).catch((error: unknown) => {
        if (!isRefusal(error, "NotFound", "Conflict")) throw error;
      });
    }
  }

  async #place({ metadata, spec }: Pod): Promise<void> {
    const { name = "", namespace = "" } = metadata;
    const missing = Object.entries(spec.nodeSelector ?? {}).find(([key, value]) => this.#labels[key] !== value);
    if (missing === undefined) {
      const target = { apiVersion: "v1", kind: "Node", name: this.#nodeName };
      const binding = { apiVersion: "v1", kind: "Binding", metadata: { name, namespace }, target };
      await this.#api.create(binding, { subresource: "binding" }, POD);
      return;
    }
    const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
    await this.#api.patch(POD, { name, namespace }, { status: { conditions } }, PatchType.MERGE, { subresource: "status" });
  }
}
