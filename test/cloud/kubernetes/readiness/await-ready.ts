import type { ApiClient } from "../../../cluster/api.ts";
import type { ApiObject } from "../../../cluster/api-objects.ts";
import { Annotation, annotationOf, isAnnotated } from "../object/annotations.ts";
import { DeploymentReadiness } from "./deployment-readiness.ts";
import { follow } from "./events.ts";
import { PodReadiness } from "./pod-readiness.ts";
import type { Readiness } from "./readiness.ts";
import { ServiceReadiness } from "./service-readiness.ts";

/** Kinds that the real provider waits for and this one cannot. */
const NOT_IMITATED = [
  "apps/v1/DaemonSet",
  "apps/v1/StatefulSet",
  "batch/v1/Job",
  "networking.k8s.io/v1/Ingress",
  "v1/PersistentVolume",
  "v1/PersistentVolumeClaim",
  "v1/ReplicationController",
  "v1/ResourceQuota",
];

/** An object is there, but does not do what it is for. */
export class NotReadyError extends Error {
  override readonly name = "NotReadyError";
  readonly object: ApiObject;
  readonly reasons: readonly string[];

  constructor(message: string, { object, complaints }: Pick<Readiness, "object" | "complaints">) {
    super(message);
    this.object = object;
    this.reasons = complaints;
  }
}

/** Waits until an object does what it is for, and gives it as it is then. */
export async function awaitReady(
  api: ApiClient,
  inputs: ApiObject,
  live: ApiObject,
  timeoutSeconds: number,
  cancelled: AbortSignal,
): Promise<ApiObject> {
  if (isAnnotated(inputs, Annotation.SkipAwait)) return live;
  if (annotationOf(inputs, Annotation.WaitFor) !== undefined) throw new Error(`this stand-in does not know ${Annotation.WaitFor}`);
  const ended = new AbortController();
  try {
    return await new Promise<ApiObject>((resolve, reject) => {
      const check = () => {
        if (readiness?.isReady) resolve(readiness.object);
      };
      const readiness = readinessOf(live, check);
      if (readiness === undefined) return resolve(live);
      const fail = (message: string) => reject(new NotReadyError(message, readiness));
      const { name } = live.metadata;
      onceAborted(AbortSignal.any([AbortSignal.timeout(timeoutSeconds * 1000), ended.signal]), () => {
        if (readiness.isReadyAtLast) resolve(readiness.object);
        else fail(`'${name}' timed out waiting to be Ready`);
      });
      onceAborted(cancelled, () => fail(`Resource operation was cancelled for "${name}"`));
      for (const kind of readiness.watched)
        follow(api, kind, live.metadata.namespace, ended.signal, (event) => {
          readiness.observe(event);
          check();
        }).catch(reject);
    });
  } finally {
    ended.abort();
  }
}

/** Finds out whether an object that is there does what it is for; throws where it does not. */
export async function checkReady(api: ApiClient, inputs: ApiObject, live: ApiObject): Promise<void> {
  if (isAnnotated(inputs, Annotation.SkipAwait)) return;
  const readiness = readinessOf(live, () => {}, 0);
  if (readiness === undefined) return;
  const { name, namespace } = live.metadata;
  for (const kind of readiness.watched) {
    const { items } = await api.list(kind, namespace === undefined ? {} : { namespace });
    for (const object of items) readiness.observe({ type: "ADDED", object });
  }
  if (!readiness.isReady) throw new NotReadyError(`Resource '${name}' was created but failed to initialize`, readiness);
}

function readinessOf(live: ApiObject, changed: () => void, settleMs?: number): Readiness | undefined {
  const kind = `${live.apiVersion}/${live.kind}`;
  if (NOT_IMITATED.includes(kind)) throw new Error(`this stand-in cannot wait for a ${kind}; it takes ${Annotation.SkipAwait}`);
  switch (kind) {
    case "apps/v1/Deployment":
      return new DeploymentReadiness(live);
    case "v1/Pod":
      return new PodReadiness(live);
    case "v1/Service":
      return new ServiceReadiness(live, changed, settleMs);
    default:
      return undefined;
  }
}

function onceAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}
