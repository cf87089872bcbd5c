import { CertificateAuthority } from "../../machine/certificate-authority.ts";
import type { CloudAdaptor, MachineDeclaration, StoreFault } from "../../machine/cloud-adaptor.ts";
import { HttpsService } from "../../machine/https-service.ts";
import type { World } from "../../world/world.ts";
import { AccessTokens } from "./access-tokens.ts";
import { PLATFORM_ADDRESS } from "./address-prefixes.ts";
import { type DeclaredMachine, declaredMachines } from "./declared-machine.ts";
import { prepareImage } from "./image.ts";
import { answerKeyVault, KEY_VAULT_DIALECT, VAULT_DOMAIN, vaultHosts } from "./key-vault.ts";
import { MetadataService } from "./metadata-service.ts";
import { WireServer } from "./wire-server.ts";

/** Azure as a machine sees it: the metadata service, the platform's end of its provisioning, and Key Vault. */
export class AzureAdaptor implements CloudAdaptor {
  readonly platformAddresses = [PLATFORM_ADDRESS];
  readonly #world: World;
  readonly #folder: string;
  readonly #tokens = new AccessTokens();
  readonly #metadata: MetadataService;
  readonly #vaults = new HttpsService(KEY_VAULT_DIALECT, (request) => answerKeyVault(this.#world.read(), this.#tokens, request));
  #authority: CertificateAuthority | undefined;

  /** @param folder for the keys of its certificates. */
  constructor(world: World, folder: string) {
    this.#world = world;
    this.#folder = folder;
    this.#metadata = new MetadataService(world, this.#tokens);
  }

  machines(): ReadonlyMap<string, MachineDeclaration> {
    return new Map(this.#machines().map(({ id, machine }) => [id, machine]));
  }

  prepareImage(root: string, { id }: MachineDeclaration): void {
    const machine = this.#machines().find((one) => one.id === id);
    if (machine === undefined || this.#authority === undefined) throw new Error(`${id} is gone, or the services have not started`);
    prepareImage(root, machine, vaultHosts(this.#world.read()), this.#authority);
  }

  async startServices(): Promise<void> {
    this.#authority = await CertificateAuthority.create(this.#folder);
    await this.#metadata.listen();
    await new WireServer(this.#world).listen();
    await this.#vaults.listen(await this.#authority.issue([`*.${VAULT_DOMAIN}`]));
  }

  breakStore(fault: StoreFault | undefined): void {
    this.#metadata.break(fault);
    this.#vaults.break(fault);
  }

  #machines(): DeclaredMachine[] {
    return declaredMachines(this.#world.read());
  }
}
