import type { ApiClient } from "../../../cluster/api.ts";
import type { ApiObject, ObjectKey, WatchEvent } from "../../../cluster/api-objects.ts";
import { follow } from "./events.ts";

/** An object that is to go is still there. */
export class NotDeletedError extends Error {
  override readonly name = "NotDeletedError";
  /** As it was last seen. */
  readonly object: ApiObject;

  constructor(object: ApiObject) {
    super("timed out waiting for the condition");
    this.object = object;
  }
}

/** Waits until an object whose deletion was asked for is gone. */
export async function awaitDeleted(
  api: ApiClient,
  object: ApiObject,
  key: ObjectKey,
  timeoutSeconds: number,
  cancelled: AbortSignal,
): Promise<void> {
  const before = await api.find(object, key);
  if (before === undefined) return;
  const ended = new AbortController();
  const noLonger = AbortSignal.any([AbortSignal.timeout(timeoutSeconds * 1000), cancelled, ended.signal]);
  let last = before;
  try {
    await new Promise<void>((resolve, reject) => {
      noLonger.addEventListener("abort", () => reject(new NotDeletedError(last)), { once: true });
      const observe = ({ type, object: seen }: WatchEvent) => {
        if (seen.metadata.name !== key.name) return;
        last = seen;
        if (type === "DELETED") resolve();
      };
      // It may have gone before anybody listened.
      const onListed = (objects: readonly ApiObject[]) => {
        if (!objects.some(({ metadata }) => metadata.uid === before.metadata.uid)) resolve();
      };
      const listening = follow(api, object, key.namespace, noLonger, observe, onListed);
      listening.catch(reject);
    });
  } finally {
    ended.abort();
  }
}
