import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { azureSeeds } from "../../cloud/azure/control-plane/seeds.ts";
import { World } from "../../cloud/world/world.ts";
import { CUSTOMER_SIDE, PLATFORM_SIDE } from "./private-link-programs.ts";
import { PrivateLinkStack } from "./private-link-stack.ts";
import type { Run } from "./stand-in-stack.ts";
import { waitUntil } from "./wait.ts";

const ENDPOINT = "azure-native:network:PrivateEndpoint";

/** A customer who has deployed a service, and a platform that is about to deploy its endpoint. */
export class PrivateLinkScene {
  readonly #folder: string;
  readonly world: World;
  readonly customer: PrivateLinkStack;
  readonly platform: PrivateLinkStack;

  private constructor(folder: string, world: World, customer: PrivateLinkStack, platform: PrivateLinkStack) {
    this.#folder = folder;
    this.world = world;
    this.customer = customer;
    this.platform = platform;
  }

  static async create(): Promise<PrivateLinkScene> {
    const folder = mkdtempSync(join(tmpdir(), "private-link-world-"));
    const world = World.create(join(folder, "world"), azureSeeds());
    const scene = new PrivateLinkScene(
      folder,
      world,
      new PrivateLinkStack(world, CUSTOMER_SIDE),
      new PrivateLinkStack(world, PLATFORM_SIDE),
    );
    try {
      await scene.customer.create();
      await scene.platform.create();
      await scene.customer.done("up", "--yes", "--skip-preview");
      return scene;
    } catch (error) {
      scene.remove();
      throw error;
    }
  }

  /** Waits until an endpoint, not a former one, asks for a connection while `up` waits, and gives its id. */
  waitForRequest(up: Promise<Run>, former?: string): Promise<string> {
    return this.#while(up, "an endpoint", () => this.endpointIds.find((id) => id !== former));
  }

  /** Endpoints there are. */
  get endpointIds(): string[] {
    return Object.keys(this.world.records(ENDPOINT));
  }

  /** Waits until `up` has asked how its endpoint is some times more. */
  async waitForPolls(up: Promise<Run>, count: number): Promise<void> {
    const polls = () => this.world.calls().filter(({ action }) => action === "Microsoft.Network/privateEndpoints/read").length;
    const before = polls();
    await this.#while(up, `${count} polls`, () => polls() >= before + count);
  }

  #while<T>(up: Promise<Run>, what: string, condition: () => T | undefined | false): Promise<T> {
    const early = up.then(({ printed }) => Promise.reject<T>(new Error(`up ended before ${what}:\n${printed}`)));
    return Promise.race([early, waitUntil(what, condition)]);
  }

  remove(): void {
    this.platform.remove();
    this.customer.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
