import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { stringify } from "yaml";
import type { BastionDescription } from "../../../components/core/describe-bastion.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { BASTION, CUSTOMER, type Finished, type Network, PLATFORM } from "./network.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** Outputs of a stack, secrets shown. */
export interface StackOutputs extends BastionDescription {
  readonly clientPrivateKeys: Readonly<Record<string, string>>;
  readonly consumerPrivateKeys: Readonly<Record<string, string>>;
}

/** A customer's file with what the network of a test needs; the rest is the test's. */
export function customerFile(parts: Partial<CustomerFile>): CustomerFile {
  return {
    customer: "acme",
    target: "local",
    local: { host: BASTION },
    clientCidrs: [`${CUSTOMER}/32`, `${BASTION}/32`, `${PLATFORM}/32`],
    consumerCidrs: [`${PLATFORM}/32`],
    tunnels: [{ name: "orders", destination: "127.0.0.1:5432", bindPort: 15000 }],
    clients: [{ name: "dc1", generateKey: "ed25519" }],
    ...parts,
  };
}

/** A stack of this repository's program, in a project folder and a state folder of its own, driven by the real CLI. */
export class Deployment {
  readonly folder = mkdtempSync(join(tmpdir(), "deployment-"));
  readonly #network: Network;
  readonly #env: NodeJS.ProcessEnv;
  readonly #customerFile = join(this.folder, "acme.yaml");

  private constructor(network: Network, env: NodeJS.ProcessEnv) {
    this.#network = network;
    this.#env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...env,
    };
  }

  static async create(network: Network, customer: CustomerFile, env: NodeJS.ProcessEnv = {}): Promise<Deployment> {
    const deployment = new Deployment(network, env);
    const { folder } = deployment;
    mkdirSync(join(folder, "state"));
    cpSync(join(ROOT, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    for (const part of ["dist", "plugin", "node_modules"]) symlinkSync(join(ROOT, part), join(folder, part));
    deployment.describe(customer);
    await deployment.pulumi("stack", "init", "acme");
    await deployment.pulumi("config", "set", "customerFile", deployment.#customerFile, "--stack", "acme");
    return deployment;
  }

  /** Folder of the bastion: of this deployment's own, where the login users can get at it. */
  get bastionFolder(): string {
    return join("/var/lib/pulumi-reverse-bastion", basename(this.folder));
  }

  /** Writes the customer's file anew. */
  describe(customer: CustomerFile | string): void {
    const text =
      typeof customer === "string" ? customer : stringify({ ...customer, local: { directory: this.bastionFolder, ...customer.local } });
    writeFileSync(this.#customerFile, text);
  }

  /** Writes the customer's file and runs `pulumi up`. */
  async up(customer?: CustomerFile | string): Promise<StackOutputs> {
    if (customer !== undefined) this.describe(customer);
    await this.pulumi("up", "--yes", "--skip-preview", "--stack", "acme");
    return this.outputs();
  }

  async outputs(): Promise<StackOutputs> {
    const { stdout } = await this.pulumi("stack", "output", "--json", "--show-secrets", "--stack", "acme");
    return JSON.parse(stdout) as StackOutputs;
  }

  /** Runs the CLI; throws with what it printed when it fails. */
  async pulumi(...args: readonly string[]): Promise<Finished> {
    const finished = await this.attempt(...args);
    if (finished.exitCode !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${finished.exitCode}:\n${finished.stdout}\n${finished.stderr}`);
    return finished;
  }

  /** Runs the CLI, however it ends. */
  async attempt(...args: readonly string[]): Promise<Finished> {
    return this.#network.attempt("pulumi", [...args, "--non-interactive", "--color=never"], {
      cwd: this.folder,
      env: this.#env,
      timeout: 120_000,
    });
  }

  /** Removes what is deployed and the folders. */
  async remove(): Promise<void> {
    try {
      await this.pulumi("destroy", "--yes", "--skip-preview", "--stack", "acme");
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
