import type { ApiObject, WatchEvent } from "../../../cluster/api-objects.ts";
import { at } from "../object/plain.ts";
import { ENDPOINTS, type Readiness, SERVICE } from "./readiness.ts";

/** How long endpoints may change after they have changed. */
const SETTLE_MS = 10_000;

interface Subset {
  readonly addresses?: readonly unknown[];
  readonly notReadyAddresses?: readonly unknown[];
}

/**
 * A service is ready when its endpoints have settled and none of them is unready, and, of a load balancer, when it has an
 * address. One that leads to no pods of its own is ready with the second alone.
 */
export class ServiceReadiness implements Readiness {
  readonly watched = [SERVICE, ENDPOINTS];
  object: ApiObject;
  readonly #changed: () => void;
  readonly #settleMs: number;
  #isSeen = false;
  #areSettled: boolean;
  #hasReady = false;
  #hasUnready = false;

  /** @param changed is called when endpoints have settled, which is no event. */
  constructor(object: ApiObject, changed: () => void, settleMs = SETTLE_MS) {
    this.object = object;
    this.#changed = changed;
    this.#settleMs = settleMs;
    this.#areSettled = settleMs === 0;
  }

  observe({ type, object }: WatchEvent): void {
    if (object.metadata.name !== this.object.metadata.name) return;
    if (object.kind === SERVICE.kind) {
      this.#isSeen = type !== "DELETED";
      if (this.#isSeen) this.object = object;
      return;
    }
    const subsets = type === "DELETED" ? [] : ((object.subsets ?? []) as readonly Subset[]);
    this.#hasReady = subsets.some(({ addresses = [] }) => addresses.length > 0);
    this.#hasUnready = subsets.some(({ notReadyAddresses = [] }) => notReadyAddresses.length > 0);
    this.#settle();
  }

  get isReady(): boolean {
    return this.#isServing && (!this.#leadsToPods || (this.#areSettled && !this.#hasUnready));
  }

  get isReadyAtLast(): boolean {
    return this.#isServing && !this.#hasUnready;
  }

  get complaints(): string[] {
    if (this.#isHeadless || this.#type === "ExternalName") return [];
    return [
      ...(this.#hasReady
        ? []
        : ["Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods"]),
      ...(this.#type === "LoadBalancer" && !this.#isServing
        ? ["Service was not allocated an IP address; does your cloud provider support this?"]
        : []),
    ];
  }

  #settle(): void {
    this.#areSettled = this.#settleMs === 0;
    if (this.#areSettled) return;
    setTimeout(() => {
      this.#areSettled = true;
      this.#changed();
    }, this.#settleMs).unref();
  }

  get #isServing(): boolean {
    const ingress = at(this.object, "status", "loadBalancer", "ingress");
    return this.#isSeen && (this.#type !== "LoadBalancer" || (Array.isArray(ingress) && ingress.length > 0));
  }

  get #leadsToPods(): boolean {
    return this.#type !== "ExternalName" && !this.#isHeadless && Object.keys(at(this.object, "spec", "selector") ?? {}).length > 0;
  }

  get #isHeadless(): boolean {
    return at(this.object, "spec", "clusterIP") === "None";
  }

  get #type(): unknown {
    return at(this.object, "spec", "type");
  }
}
