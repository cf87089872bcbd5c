import type { ApiClient } from "../../../cluster/api.ts";
import type { ApiObject, ObjectKey } from "../../../cluster/api-objects.ts";
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
      const listening = follow(api, object, key.namespace, noLonger, (event) => {
        if (event.object.metadata.name !== key.name) return;
        last = event.object;
        if (event.type === "DELETED") resolve();
      });
      listening.catch(reject);
      // It may have gone before anybody listened.
      api.find(object, key).then((found) => {
        if (found?.metadata.uid !== before.metadata.uid) resolve();
      }, reject);
    });
  } finally {
    ended.abort();
  }
}
