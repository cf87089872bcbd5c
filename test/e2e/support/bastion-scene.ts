import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { CustomerFolder, type SshSession } from "./customer.ts";
import { Deployment, type StackOutputs } from "./deployment.ts";
import { logInUntilAllowed } from "./login-retry.ts";
import { Network } from "./network.ts";
import { connectTo, startEchoServer } from "./platform.ts";
import type { PreparedSite, Site } from "./site.ts";
import { waitUntil } from "./wait.ts";

/** What follows `ssh` where the host key is pinned by hand. */
export const PINNED = "-o UserKnownHostsFile=known_hosts -o StrictHostKeyChecking=yes";

/** Port of the echo server that stands for the customer's data source. */
export const ECHO = 5678;

export interface SceneOptions<S extends PreparedSite> {
  /** What the bastion runs on. */
  readonly site: Site<S>;
  /** Who deploys, where that is not root. */
  readonly user?: string | undefined;
}

/** A network with a data source, a customer's folder, and a bastion that has been deployed for it. */
export class Scene<S extends PreparedSite = PreparedSite> {
  readonly network: Network;
  readonly customer: CustomerFolder;
  readonly site: S;
  readonly deployment: Deployment;
  outputs: StackOutputs;
  readonly #sessions: SshSession[] = [];

  private constructor(network: Network, customer: CustomerFolder, site: S, deployment: Deployment, outputs: StackOutputs) {
    this.network = network;
    this.customer = customer;
    this.site = site;
    this.deployment = deployment;
    this.outputs = outputs;
  }

  /** @param describe the customer's file; the folder is there to make keys in. */
  static async set<S extends PreparedSite>(
    describe: (customer: CustomerFolder) => Partial<CustomerFile>,
    { site, user }: SceneOptions<S>,
  ): Promise<Scene<S>> {
    const network = await Network.create();
    const customer = new CustomerFolder(network);
    await startEchoServer(network, "127.0.0.1", ECHO);
    const prepared = await site.prepare(network);
    try {
      const deployment = await Deployment.create(network, prepared.customerFile(describe(customer)), {
        user,
        env: prepared.env,
        launcher: prepared.launcher,
      });
      const outputs = await deployment.up();
      customer.take(outputs);
      await prepared.waitForLogins(outputs.host);
      return new Scene(network, customer, prepared, deployment, outputs);
    } catch (error) {
      await prepared.remove();
      await network.remove();
      throw error;
    }
  }

  /** Address at which clients and consumers reach the bastion. */
  get host(): string {
    return this.outputs.host;
  }

  /** The customer's file with what this site needs. */
  customerFile(parts: Partial<CustomerFile>): CustomerFile {
    return this.site.customerFile(parts);
  }

  /** Changes the customer's file and deploys it. */
  async up(parts: Partial<CustomerFile>): Promise<void> {
    this.outputs = await this.deployment.up(this.customerFile(parts));
    this.customer.take(this.outputs);
  }

  /** Opens a tunnel with a key of the customer's folder: `-R` to the echo server. */
  openTunnel(key: string, bindPort: number, bindAddress = "0.0.0.0:", user = "tunnel"): SshSession {
    return this.open(
      `ssh ${PINNED} -N -T -o IdentitiesOnly=yes -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 -i ${key} -p 2222 -R ${bindAddress}${bindPort}:127.0.0.1:${ECHO} ${user}@${this.host}`,
    );
  }

  /**
   * Opens a tunnel as soon as the bastion lets its key in, which is some time after `up`; gives the session that carries it.
   * @param echo what a consumer's bytes meet at the bind port.
   */
  async openTunnelOnceAllowed(
    key: string,
    bindPort: number,
    echo = () => connectTo(this.network, this.host, bindPort, "ping"),
  ): Promise<SshSession> {
    return logInUntilAllowed(key, async () => {
      const session = this.openTunnel(key, bindPort);
      await waitUntil(`an echo at ${bindPort}, or the end of ssh`, async () => !session.isRunning || (await echo()).startsWith("answered"));
      return session.isRunning && session;
    });
  }

  /** Types a command that stays. */
  open(command: string): SshSession {
    const session = this.customer.open(command);
    this.#sessions.push(session);
    return session;
  }

  /** Types a command that is typed again whenever it ends, as a service manager does; it ends with the network. */
  loop(command: string): void {
    this.customer.loop(command);
  }

  /** Ends every ssh that was opened, frozen ones too. */
  async endSessions(): Promise<void> {
    for (const session of this.#sessions.splice(0)) if (session.isRunning) await session.end("SIGKILL");
  }

  async remove(): Promise<void> {
    await this.endSessions();
    this.customer.remove();
    try {
      await this.deployment.remove();
    } finally {
      await this.site.remove();
      await this.network.remove();
    }
  }
}
