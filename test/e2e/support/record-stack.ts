import type { CustomerFile } from "../../../stacks/customer-file.ts";
import type { CloudSite, CloudTarget } from "./cloud-site.ts";
import { Deployment } from "./deployment.ts";
import { Network } from "./network.ts";

/** A stack in a world of its own without machines: for what is about resources only. */
export class RecordStack<S extends CloudSite = CloudSite> {
  readonly site: S;
  readonly deployment: Deployment;
  readonly #network: Network;

  private constructor(network: Network, site: S, deployment: Deployment) {
    this.#network = network;
    this.site = site;
    this.deployment = deployment;
  }

  /** Describes the stack; nothing is deployed yet. */
  static async create<S extends CloudSite>(cloud: CloudTarget<S>, parts: Partial<CustomerFile>): Promise<RecordStack<S>> {
    const network = await Network.create();
    const site = await cloud.records.prepare(network);
    const deployment = await Deployment.create(network, site.customerFile(parts), { env: site.env });
    return new RecordStack(network, site, deployment);
  }

  async remove(): Promise<void> {
    try {
      await this.deployment.remove();
    } finally {
      await this.site.remove();
      await this.#network.remove();
    }
  }
}
