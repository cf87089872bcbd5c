import type { World } from "../../world/world.ts";
import { ruleHealth, writeHealth } from "./private-link-health.ts";
import { disconnect, Router, transitAddress } from "./private-link-network.ts";
import { type Backend, type BalancedPort, balancedNetworks, plainInterfaces, privateLinkPaths } from "./private-link-path.ts";
import { Probes } from "./private-link-probes.ts";
import { renderRouter } from "./private-link-rules.ts";

interface VirtualNetwork {
  readonly router: Router;
  readonly probes: Probes;
}

/** The virtual networks of a world with what is in them, its load balancers and its private links, kept as declared. */
export class PrivateLinkHost {
  readonly #world: World;
  readonly #networks = new Map<string, VirtualNetwork>();
  readonly #interfaces = new Map<string, { readonly namespace: string; readonly address: string }>();
  readonly #transit = new Map<string, string>();
  #namespaces = 0;
  /** Work is done one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: World) {
    this.#world = world;
  }

  /** The namespace of a network interface, once it is there. */
  namespaceOf(interfaceId: string): string | undefined {
    return this.#interfaces.get(interfaceId)?.namespace;
  }

  /** Brings everything to what the world declares now. */
  follow(): Promise<void> {
    const done = this.#last.then(() => this.#follow());
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #follow(): Promise<void> {
    const state = this.#world.read();
    await this.#followInterfaces(plainInterfaces(state));
    const balanced = balancedNetworks(state);
    for (const [networkId, ports] of balanced) (await this.#network(networkId)).probes.follow(ports);
    const paths = [];
    for (const path of privateLinkPaths(state)) {
      if (path.consumerNetworkId === path.serviceNetworkId)
        throw new Error(`${path.endpointId} is in the network of its own service, which the stand-in cannot translate`);
      await this.#network(path.consumerNetworkId);
      paths.push({ ...path, transitAddress: await this.#transitTo(path.endpointId, path.serviceNetworkId) });
    }
    for (const [networkId, { router, probes }] of this.#networks) {
      if (!balanced.has(networkId)) probes.follow([]);
      const isUp = (port: BalancedPort, backend: Backend) => probes.isUp(port, backend);
      await router.apply(renderRouter(networkId, paths, isUp));
    }
    writeHealth(
      this.#world,
      Object.fromEntries(
        [...balanced].flatMap(([networkId, ports]) =>
          ports.map((port) => [
            port.ruleId,
            ruleHealth(port, (backend) => this.#networks.get(networkId)?.probes.isUp(port, backend) ?? false),
          ]),
        ),
      ),
    );
  }

  async #followInterfaces(declared: ReturnType<typeof plainInterfaces>): Promise<void> {
    for (const [id, { namespace, address }] of this.#interfaces)
      if (!declared.some((one) => one.id === id && one.address === address)) {
        this.#interfaces.delete(id);
        await disconnect(namespace);
      }
    for (const { id, networkId, address } of declared) {
      if (this.#interfaces.has(id)) continue;
      const { router } = await this.#network(networkId);
      this.#namespaces += 1;
      const namespace = `nic-${this.#namespaces}`;
      await router.connect(namespace, address);
      this.#interfaces.set(id, { namespace, address });
    }
  }

  async #network(id: string): Promise<VirtualNetwork> {
    const known = this.#networks.get(id);
    if (known !== undefined) return known;
    const router = await Router.create(this.#networks.size + 1);
    const network = { router, probes: new Probes(router.namespace, () => void this.follow()) };
    this.#networks.set(id, network);
    return network;
  }

  async #transitTo(endpointId: string, serviceNetworkId: string): Promise<string> {
    const address = this.#transit.get(endpointId) ?? transitAddress(this.#transit.size + 1);
    this.#transit.set(endpointId, address);
    await (await this.#network(serviceNetworkId)).router.take(address);
    return address;
  }
}
