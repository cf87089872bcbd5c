import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../../api.ts";
import type { ApiObject, Kind, ObjectKey } from "../../api-objects.ts";

const RETRY_MS = 200;

/** All objects of a kind, as the API server has them a moment later. */
export class Store<T extends ApiObject> {
  readonly #api: ApiClient;
  readonly #kind: Kind;
  readonly #onChange: () => void;
  #objects = new Map<string, T>();

  /** @param onChange is told that something is different now, not what. */
  constructor(api: ApiClient, kind: Kind, onChange: () => void) {
    this.#api = api;
    this.#kind = kind;
    this.#onChange = onChange;
  }

  all(): T[] {
    return [...this.#objects.values()];
  }

  find({ namespace, name }: ObjectKey): T | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  /** Fills it, and follows the server from then on. */
  async follow(): Promise<void> {
    const resourceVersion = await this.#list();
    void this.#watch(resourceVersion);
  }

  async #list(): Promise<string> {
    const { items, metadata } = await this.#api.list<T>(this.#kind);
    this.#objects = new Map(items.map((item) => [keyOf(item.metadata.namespace, item.metadata.name), item]));
    this.#onChange();
    return metadata.resourceVersion;
  }

  async #watch(from: string): Promise<never> {
    let resourceVersion: string | undefined = from;
    for (;;) {
      try {
        resourceVersion ??= await this.#list();
        for await (const { type, object } of this.#api.watch<T>(this.#kind, { resourceVersion })) {
          resourceVersion = object.metadata.resourceVersion;
          if (type === "BOOKMARK") continue;
          const key = keyOf(object.metadata.namespace, object.metadata.name);
          if (type === "DELETED") this.#objects.delete(key);
          else this.#objects.set(key, object);
          this.#onChange();
        }
      } catch {
        // Too old, or the server is away: whatever it was, a list tells what there is.
        resourceVersion = undefined;
        await sleep(RETRY_MS);
      }
    }
  }
}

function keyOf(namespace: string | undefined, name: string | undefined): string {
  return `${namespace ?? ""}/${name ?? ""}`;
}
