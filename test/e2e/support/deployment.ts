import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import type { BastionDescription } from "../../../components/core/describe-bastion.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { BASTION, CUSTOMER, type Finished, type Network, PLATFORM } from "./network.ts";
import { waitUntil } from "./wait.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** Outputs of a stack, secrets shown. */
export interface StackOutputs extends BastionDescription {
  readonly clientPrivateKeys: Readonly<Record<string, string>>;
  readonly consumerPrivateKeys: Readonly<Record<string, string>>;
  readonly operatorPrivateKeys: Readonly<Record<string, string>>;
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

export interface DeploymentOptions {
  /** Who runs the CLI, where that is not root. */
  readonly user?: string | undefined;
  /** What else is in the CLI's environment. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** A command that the CLI is started with, where it is not to run in the test's network. */
  readonly launcher?: readonly string[] | undefined;
}

/** A stack of this repository's program, in a project folder and a state folder of its own, driven by the real CLI. */
export class Deployment {
  readonly folder = mkdtempSync(join(tmpdir(), "deployment-"));
  readonly #network: Network;
  readonly #env: NodeJS.ProcessEnv;
  readonly #customerFile = join(this.folder, "acme.yaml");

  readonly #user: string | undefined;

  readonly #launcher: readonly string[];

  private constructor(network: Network, { user, env, launcher = [] }: DeploymentOptions) {
    this.#network = network;
    this.#user = user;
    this.#launcher = launcher;
    this.#env = {
      ...process.env,
      ...env,
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(user === undefined
        ? {}
        : {
            HOME: this.folder,
            PULUMI_HOME: join(this.folder, ".pulumi"),
            PATH: `${this.folder}/repository/node_modules/.bin:${this.folder}/cli:/usr/sbin:/usr/bin:/sbin:/bin`,
          }),
    };
  }

  static async create(network: Network, customer: CustomerFile, options: DeploymentOptions = {}): Promise<Deployment> {
    const { user } = options;
    const deployment = new Deployment(network, options);
    const { folder } = deployment;
    for (const inner of ["state", "repository", "cli"]) mkdirSync(join(folder, inner));
    cpSync(join(ROOT, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    for (const part of ["dist", "plugin", "node_modules"])
      symlinkSync(user === undefined ? join(ROOT, part) : join(folder, "repository", part), join(folder, part));
    deployment.describe(customer);
    if (user !== undefined) await network.run("chown", ["-R", "-h", user, folder]);
    await deployment.pulumi("stack", "init", "acme");
    await deployment.#configure();
    return deployment;
  }

  /** Loses what a working copy holds beside the customer's file, as a new clone on another machine would. */
  async loseWorkingCopy(): Promise<void> {
    rmSync(join(this.folder, "Pulumi.acme.yaml"));
    await this.#configure();
  }

  async #configure(): Promise<void> {
    await this.pulumi("config", "set", "customerFile", this.#customerFile, "--stack", "acme");
  }

  /** Folder of the bastion: of this deployment's own, where the login users can get at it. */
  get bastionFolder(): string {
    return this.#user === undefined
      ? join("/var/lib/pulumi-reverse-bastion", `${this.#network.name}-${basename(this.folder)}`)
      : join(this.folder, "bastion");
  }

  /** Writes the customer's file anew. */
  describe(customer: CustomerFile | string): void {
    writeFileSync(this.#customerFile, typeof customer === "string" ? customer : stringify(this.#placed(customer)));
  }

  #placed(customer: CustomerFile): CustomerFile {
    if (customer.target !== "local") return customer;
    return { ...customer, local: { directory: this.bastionFolder, ...customer.local } };
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
    const command = [...this.#launcher, ...this.#asUser(), "pulumi", ...args, "--non-interactive", "--color=never"];
    return this.#network.attempt("env", command, { cwd: this.folder, env: this.#env, timeout: 120_000 });
  }

  /** Runs the CLI until it prints something, and then ends it and all its helpers at once, as a power cut would. */
  async killOnceItSays(text: RegExp, ...args: readonly string[]): Promise<void> {
    const command = [...this.#launcher, ...this.#asUser(), "pulumi", ...args, "--non-interactive", "--color=never"];
    const child = this.#network.start("env", command, { cwd: this.folder, env: this.#env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    let printed = "";
    child.stdout?.on("data", (data: Buffer) => {
      printed += data.toString();
    });
    await waitUntil(`pulumi to say ${text}`, () => text.test(printed) || child.exitCode !== null);
    await this.#network.endAll();
    await ended;
    if (!text.test(printed)) throw new Error(`pulumi ${args.join(" ")} ended by itself:\n${printed}`);
  }

  /** The words before a command of another user, who may not be able to reach this repository nor the CLI where they are. */
  #asUser(): string[] {
    if (this.#user === undefined) return [];
    const script = 'mount --bind "$1" repository && mount --bind "$2" cli && shift 2 && exec setpriv --reuid "$@"';
    const cli = dirname(execFileSync("sh", ["-c", "command -v pulumi"], { encoding: "utf8" }).trim());
    return ["sh", "-c", script, "sh", ROOT, cli, this.#user, "--regid", this.#user, "--clear-groups"];
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
