import type { ApiClient } from "../../../cluster/api.ts";
import type { ApiObject, Kind, WatchEvent } from "../../../cluster/api-objects.ts";
import { isRefusal } from "../../../cluster/api-transport.ts";

/**
 * What there is of a kind, and everything that happens to it from then on, until `signal` says so. Who may not list and
 * watch that kind gets an error; the real provider would wait for ever.
 *
 * @param onListed is told of all there is, before what happens to it: what is not among it has gone.
 */
export async function follow(
  api: ApiClient,
  kind: Kind,
  namespace: string | undefined,
  signal: AbortSignal,
  observe: (event: WatchEvent) => void,
  onListed: (objects: readonly ApiObject[]) => void = () => {},
): Promise<void> {
  const inNamespace = namespace === undefined ? {} : { namespace };
  while (!signal.aborted) {
    const { metadata, items } = await api.list(kind, inNamespace);
    for (const object of items) observe({ type: "ADDED", object });
    onListed(items);
    try {
      for await (const event of api.watch(kind, { ...inNamespace, resourceVersion: metadata.resourceVersion, signal }))
        if (event.type !== "BOOKMARK") observe(event);
    } catch (error) {
      if (!isRefusal(error, "Expired", "Gone")) throw error;
    }
  }
}
