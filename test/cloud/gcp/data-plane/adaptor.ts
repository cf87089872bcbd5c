import { CertificateAuthority } from "../../machine/certificate-authority.ts";
import type { CloudAdaptor, MachineDeclaration, StoreFault } from "../../machine/cloud-adaptor.ts";
import { HttpsService } from "../../machine/https-service.ts";
import type { World } from "../../world/world.ts";
import { AccessTokens } from "./access-tokens.ts";
import { type DeclaredInstance, declaredInstances } from "./declared-instance.ts";
import { prepareImage } from "./image.ts";
import { MetadataService } from "./metadata-service.ts";
import { answerSecretManager, SECRET_MANAGER, SECRET_MANAGER_DIALECT } from "./secret-manager.ts";

/** Google Cloud as an instance sees it: the metadata service, and Secret Manager. */
export class GcpAdaptor implements CloudAdaptor {
  readonly platformAddresses = [];
  readonly #world: World;
  readonly #folder: string;
  readonly #tokens = new AccessTokens();
  readonly #secretManager = new HttpsService(SECRET_MANAGER_DIALECT, (request) =>
    answerSecretManager(this.#world.read(), this.#tokens, request),
  );
  #authority: CertificateAuthority | undefined;

  /** @param folder for the keys of its certificates. */
  constructor(world: World, folder: string) {
    this.#world = world;
    this.#folder = folder;
  }

  machines(): ReadonlyMap<string, MachineDeclaration> {
    return new Map(this.#instances().map(({ id, machine }) => [id, machine]));
  }

  prepareImage(root: string, { id }: MachineDeclaration): void {
    const instance = this.#instances().find((one) => one.id === id);
    if (instance === undefined || this.#authority === undefined) throw new Error(`${id} is gone, or the services have not started`);
    prepareImage(root, instance, this.#authority);
  }

  async startServices(): Promise<void> {
    this.#authority = await CertificateAuthority.create(this.#folder);
    await new MetadataService(this.#world, this.#tokens).listen();
    await this.#secretManager.listen(await this.#authority.issue([SECRET_MANAGER]));
  }

  breakStore(fault: StoreFault | undefined): void {
    this.#secretManager.break(fault);
  }

  #instances(): DeclaredInstance[] {
    return declaredInstances(this.#world.read());
  }
}
