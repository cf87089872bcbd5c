/** The node, as everything outside of the cluster sees it. */
export const NODE_ADDRESS = "192.0.2.129";
/** Of load balancers, which are the node's, too. */
export const LOAD_BALANCER_BLOCK = "192.0.2.192/26";
/** Of pods. */
export const POD_BLOCK = "10.244.0.0/24";
/** Router of each pod, on its own wire. */
export const POD_ROUTER = "169.254.1.1";

/** Gives addresses of a block of at least 26 bits to owners, the lowest free one first. */
export class AddressPool {
  readonly #prefix: string;
  readonly #first: number;
  readonly #end: number;
  readonly #owners = new Map<string, string>();

  constructor(block: string) {
    const [address = "", length = ""] = block.split("/");
    const parts = address.split(".");
    this.#first = Number(parts.pop()) + 2;
    this.#prefix = parts.join(".");
    this.#end = this.#first + 2 ** (32 - Number(length)) - 3;
  }

  /** The owner's address, which stays the same until it is released. */
  addressOf(owner: string): string {
    const known = this.#owners.get(owner);
    if (known !== undefined) return known;
    const taken = new Set(this.#owners.values());
    for (let last = this.#first; last < this.#end; last++) {
      const address = `${this.#prefix}.${last}`;
      if (taken.has(address)) continue;
      this.#owners.set(owner, address);
      return address;
    }
    throw new Error(`no address of ${this.#prefix} is free`);
  }

  release(owner: string): void {
    this.#owners.delete(owner);
  }

  get owners(): string[] {
    return [...this.#owners.keys()];
  }
}
