const FIRST_MS = 500;
const LONGEST_MS = 8_000;
/** A container that has run this long starts from the beginning. */
const FORGIVEN_AFTER_MS = 20_000;

/** How long a container that has ended waits for its next start: longer each time. Kubelet's 10 s to 5 min are shortened. */
export class BackOff {
  #nextMs = FIRST_MS;

  next(ranForMs: number): number {
    if (ranForMs >= FORGIVEN_AFTER_MS) this.#nextMs = FIRST_MS;
    const delay = this.#nextMs;
    this.#nextMs = Math.min(delay * 2, LONGEST_MS);
    return delay;
  }
}
