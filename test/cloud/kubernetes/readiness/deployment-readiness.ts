import type { ApiObject, WatchEvent } from "../../../cluster/api-objects.ts";
import { at } from "../object/plain.ts";
import { podComplaints } from "./pod-readiness.ts";
import { CLAIM, conditionOf, DEPLOYMENT, isOwnedBy, POD, REPLICA_SET, type Readiness } from "./readiness.ts";

const REVISION = "deployment.kubernetes.io/revision";
const FIRST_REVISION = "1";

/**
 * A deployment is ready when the controller has seen it, it is available, and its newest replica set has as many ready
 * pods as it should; from the second revision on, the rollout has to be complete as well.
 *
 * A deployment that recreates its pod can pass for ready on its way from the first revision to the second, while the
 * controller has looked at it and the old pod still runs. So it is with the real provider.
 */
export class DeploymentReadiness implements Readiness {
  readonly watched = [DEPLOYMENT, REPLICA_SET, POD, CLAIM];
  object: ApiObject;
  readonly #generation: number;
  #isReconciled = false;
  readonly #others = new Map<string, ApiObject>();

  constructor(object: ApiObject) {
    this.object = object;
    this.#generation = object.metadata.generation ?? 0;
  }

  observe({ type, object }: WatchEvent): void {
    if (object.kind !== DEPLOYMENT.kind) {
      const uid = object.metadata.uid ?? "";
      if (type === "DELETED") this.#others.delete(uid);
      else this.#others.set(uid, object);
    } else if (object.metadata.name === this.object.metadata.name) {
      if (type === "DELETED" || (object.metadata.generation ?? 0) < this.#generation) return;
      this.object = object;
      this.#isReconciled ||= at(object, "status", "observedGeneration") === object.metadata.generation;
    }
  }

  get isReady(): boolean {
    if (!this.#isReconciled || !this.#isAvailable || !this.#hasReadyPods || this.#unboundClaims.length > 0) return false;
    return this.#revision === FIRST_REVISION || this.#isRolledOut;
  }

  get isReadyAtLast(): boolean {
    return this.isReady;
  }

  get complaints(): string[] {
    const conditions = ["Progressing", "Available"].flatMap((type) => conditionOf(this.object, type) ?? []);
    const claims = this.#unboundClaims.map(({ metadata }) => metadata.name);
    return [
      ...conditions.filter(({ status }) => status !== "True").map(({ reason, message }) => `[${reason}] ${message}`),
      ...(claims.length === 0 ? [] : [`Failed to bind PersistentVolumeClaim(s): "${claims.join(",")}"`]),
      ...this.#missing,
      ...this.#pods.flatMap(podComplaints),
    ];
  }

  get #missing(): string[] {
    if (!this.#isAvailable) return ["Minimum number of live Pods was not attained"];
    const isFirst = this.#revision === FIRST_REVISION;
    if (!isFirst && this.#isRolledOut && !this.#hasReadyPods)
      return ["Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live"];
    const isLive = isFirst ? this.#hasReadyPods : this.#isRolledOut;
    return isLive ? [] : ["Minimum number of Pods to consider the application live was not attained"];
  }

  get #revision(): string | undefined {
    return revisionOf(this.object);
  }

  get #isAvailable(): boolean {
    return conditionOf(this.object, "Available")?.status === "True";
  }

  get #isRolledOut(): boolean {
    const progressing = conditionOf(this.object, "Progressing");
    return progressing?.status === "True" && progressing.reason === "NewReplicaSetAvailable";
  }

  get #hasReadyPods(): boolean {
    const set = this.#replicaSet;
    if (set === undefined) return false;
    return Number(at(set, "status", "readyReplicas") ?? 0) >= Number(at(set, "spec", "replicas") ?? 1);
  }

  /** The one that the deployment is rolling out, or has. */
  get #replicaSet(): ApiObject | undefined {
    const revision = this.#revision;
    return revision === undefined
      ? undefined
      : this.#all(REPLICA_SET.kind).find((set) => isOwnedBy(set, this.object) && revisionOf(set) === revision);
  }

  get #pods(): ApiObject[] {
    const set = this.#replicaSet;
    return set === undefined ? [] : this.#all(POD.kind).filter((pod) => isOwnedBy(pod, set));
  }

  get #unboundClaims(): ApiObject[] {
    const volumes = (at(this.object, "spec", "template", "spec", "volumes") ?? []) as readonly object[];
    const claimed = volumes.map((volume) => at(volume, "persistentVolumeClaim", "claimName"));
    return this.#all(CLAIM.kind).filter((claim) => claimed.includes(claim.metadata.name) && at(claim, "status", "phase") !== "Bound");
  }

  #all(kind: string): ApiObject[] {
    return [...this.#others.values()].filter((object) => object.kind === kind);
  }
}

function revisionOf({ metadata }: ApiObject): string | undefined {
  return metadata.annotations?.[REVISION];
}
