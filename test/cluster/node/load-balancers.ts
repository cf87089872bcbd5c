import type { ApiClient } from "../api.ts";
import { PatchType } from "../api.ts";
import { isRefusal } from "../api-transport.ts";
import { SERVICE } from "./api/kinds.ts";
import type { Service } from "./api/service.ts";
import { AddressPool, LOAD_BALANCER_BLOCK } from "./network/addresses.ts";

/** Gives Services of the type LoadBalancer their addresses, as a cloud's controller does. */
export class LoadBalancers {
  readonly #api: ApiClient;
  readonly #addresses = new AddressPool(LOAD_BALANCER_BLOCK);

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** The address of a Service's load balancer, once it has one. */
  readonly addressOf = ({ status }: Service): string | undefined => status?.loadBalancer?.ingress?.[0]?.ip;

  /** Makes the API say what it should of each Service. */
  async follow(services: readonly Service[]): Promise<void> {
    const uids = new Set(services.map(({ metadata }) => metadata.uid));
    for (const owner of this.#addresses.owners) if (!uids.has(owner)) this.#addresses.release(owner);
    for (const service of services) {
      const { uid = "", name = "", namespace = "" } = service.metadata;
      const { type, loadBalancerClass } = service.spec;
      // One with a class is another controller's.
      const ip = type === "LoadBalancer" && loadBalancerClass === undefined ? this.#addresses.addressOf(uid) : undefined;
      if (ip === this.addressOf(service)) continue;
      const ingress = ip === undefined ? null : [{ ip, ipMode: "VIP" }];
      await this.#api
        .patch(SERVICE, { name, namespace }, { status: { loadBalancer: { ingress } } }, PatchType.MERGE, { subresource: "status" })
        .catch((error: unknown) => {
          if (!isRefusal(error, "NotFound")) throw error;
        });
    }
  }
}
