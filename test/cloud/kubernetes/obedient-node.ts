import { type ApiClient, PatchType } from "../../cluster/api.ts";
import type { ApiObject } from "../../cluster/api-objects.ts";
import { isRefusal } from "../../cluster/api-transport.ts";
import { at } from "./object/plain.ts";
import { follow } from "./readiness/events.ts";
import { POD } from "./readiness/readiness.ts";

const NODE = { apiVersion: "v1", kind: "Node" };
const GONE = ["NotFound", "Conflict"];

/** A node that runs nothing: it says of every pod that it is ready, and of every deleted one that it has ended. */
export class ObedientNode {
  readonly #api: ApiClient;
  readonly #name: string;
  readonly #ended = new AbortController();
  #following: Promise<void> | undefined;

  constructor(api: ApiClient, name: string) {
    this.#api = api;
    this.#name = name;
  }

  /** Begins with the pods that are there. */
  async start(): Promise<void> {
    await this.#api.create({ ...NODE, metadata: { name: this.#name } });
    const all = follow(this.#api, POD, undefined, this.#ended.signal, ({ type, object }) => {
      if (type !== "DELETED") void this.#obey(object);
    });
    this.#following = all.catch((error: unknown) => {
      if (!this.#ended.signal.aborted) throw error;
    });
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#following;
  }

  async #obey(pod: ApiObject): Promise<void> {
    try {
      if (pod.metadata.deletionTimestamp !== undefined) await this.#api.delete(POD, keyOf(pod), { gracePeriodSeconds: 0 });
      else if (at(pod, "spec", "nodeName") === undefined) await this.#bind(pod);
      else if (at(pod, "status", "phase") === "Pending") await this.#sayReady(pod);
    } catch (error) {
      // Others change pods too, and whoever is told of the change comes back.
      if (!isRefusal(error, ...GONE) && !this.#ended.signal.aborted) throw error;
    }
  }

  async #bind(pod: ApiObject): Promise<void> {
    const metadata = keyOf(pod);
    await this.#api.create(
      { apiVersion: "v1", kind: "Binding", metadata, target: { ...NODE, name: this.#name } },
      { subresource: "binding" },
      POD,
    );
  }

  async #sayReady(pod: ApiObject): Promise<void> {
    const conditions = ["Initialized", "ContainersReady", "Ready"].map((type) => ({ type, status: "True" }));
    const status = { phase: "Running", podIP: "192.0.2.7", podIPs: [{ ip: "192.0.2.7" }], conditions };
    await this.#api.patch(POD, keyOf(pod), { status }, PatchType.STRATEGIC_MERGE, { subresource: "status" });
  }
}

function keyOf({ metadata: { name = "", namespace = "" } }: ApiObject) {
  return { name, namespace };
}
