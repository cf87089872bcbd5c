import type { ApiClient } from "../../../cluster/api.ts";
import type { Kind, WatchEvent } from "../../../cluster/api-objects.ts";
import { isRefusal } from "../../../cluster/api-transport.ts";

/**
 * What there is of a kind, and everything that happens to it from then on, until `signal` says so. Who may not list and
 * watch that kind gets an error; the real provider would wait for ever.
 */
export async function follow(
  api: ApiClient,
  kind: Kind,
  namespace: string | undefined,
  signal: AbortSignal,
  observe: (event: WatchEvent) => void,
): Promise<void> {
  const inNamespace = namespace === undefined ? {} : { namespace };
  while (!signal.aborted) {
    const { metadata, items } = await api.list(kind, inNamespace);
    for (const object of items) observe({ type: "ADDED", object });
    try {
      for await (const event of api.watch(kind, { ...inNamespace, resourceVersion: metadata.resourceVersion, signal }))
        if (event.type !== "BOOKMARK") observe(event);
    } catch (error) {
      if (!isRefusal(error, "Expired", "Gone")) throw error;
    }
  }
}
