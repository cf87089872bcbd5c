import { CertificateAuthority } from "../../machine/certificate-authority.ts";
import type { CloudAdaptor, MachineDeclaration, StoreFault } from "../../machine/cloud-adaptor.ts";
import type { World } from "../../world/world.ts";
import { CredentialStore } from "./credentials.ts";
import { type DeclaredInstance, declaredInstances } from "./declared-instance.ts";
import { prepareImage } from "./image.ts";
import { MetadataService } from "./metadata-service.ts";
import { ServiceEndpoint } from "./service-endpoint.ts";

/** AWS as an instance sees it: the metadata service, and SSM's Parameter Store. */
export class AwsAdaptor implements CloudAdaptor {
  readonly platformAddresses = [];
  readonly #world: World;
  readonly #folder: string;
  readonly #credentials = new CredentialStore();
  readonly #endpoint: ServiceEndpoint;
  #authority: CertificateAuthority | undefined;

  /** @param folder for the keys of its certificates. */
  constructor(world: World, folder: string) {
    this.#world = world;
    this.#folder = folder;
    this.#endpoint = new ServiceEndpoint(world, this.#credentials);
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
    await new MetadataService(() => this.#instances(), this.#credentials).listen();
    await this.#endpoint.listen(await this.#authority.issue(REGIONS.map((region) => `ssm.${region}.amazonaws.com`)));
  }

  breakStore(fault: StoreFault | undefined): void {
    this.#endpoint.break(fault);
  }

  #instances(): DeclaredInstance[] {
    return declaredInstances(this.#world.read());
  }
}

/** A certificate's wildcard must be its first label, which names the service. */
const REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "eu-north-1", "ap-southeast-2", "ap-northeast-1"];
