import type { ApiObject, Kind, WatchEvent } from "../../../cluster/api-objects.ts";

/** What tells whether an object does what it is for. It is told of everything that happens around the object. */
export interface Readiness {
  /** Kinds whose events it has to hear of, in the object's namespace. */
  readonly watched: readonly Kind[];
  /** The object as it was last seen. */
  readonly object: ApiObject;
  readonly isReady: boolean;
  /** Whether it is good enough once nobody waits any longer. */
  readonly isReadyAtLast: boolean;
  /** What is wrong, as long as it is not ready. */
  readonly complaints: readonly string[];
  observe(event: WatchEvent): void;
}

export const DEPLOYMENT: Kind = { apiVersion: "apps/v1", kind: "Deployment" };
export const REPLICA_SET: Kind = { apiVersion: "apps/v1", kind: "ReplicaSet" };
export const POD: Kind = { apiVersion: "v1", kind: "Pod" };
export const CLAIM: Kind = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
export const SERVICE: Kind = { apiVersion: "v1", kind: "Service" };
export const ENDPOINTS: Kind = { apiVersion: "v1", kind: "Endpoints" };

/** A condition in an object's status. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export function conditionOf(object: ApiObject, type: string): Condition | undefined {
  const { conditions = [] } = (object.status ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions.find((condition) => condition.type === type);
}

export function isOwnedBy(object: ApiObject, owner: ApiObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(({ uid }) => uid === owner.metadata.uid);
}
