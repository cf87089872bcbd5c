import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { CustomerFolder, type SshSession } from "./customer.ts";
import { customerFile, Deployment, type StackOutputs } from "./deployment.ts";
import { BASTION, Network } from "./network.ts";
import { startEchoServer } from "./platform.ts";

/** What follows `ssh` where the host key is pinned by hand. */
export const PINNED = "-o UserKnownHostsFile=known_hosts -o StrictHostKeyChecking=yes";

/** Port of the echo server that stands for the customer's data source. */
export const ECHO = 5678;

/** A network with a data source, a customer's folder, and a bastion that has been deployed for it. */
export class Scene {
  readonly network: Network;
  readonly customer: CustomerFolder;
  readonly deployment: Deployment;
  outputs: StackOutputs;
  readonly #sessions: SshSession[] = [];

  private constructor(network: Network, customer: CustomerFolder, deployment: Deployment, outputs: StackOutputs) {
    this.network = network;
    this.customer = customer;
    this.deployment = deployment;
    this.outputs = outputs;
  }

  /**
   * @param describe the customer's file; the folder is there to make keys in.
   * @param user who deploys, where that is not root.
   */
  static async set(describe: (customer: CustomerFolder) => Partial<CustomerFile>, user?: string): Promise<Scene> {
    const network = await Network.create();
    const customer = new CustomerFolder(network);
    await startEchoServer(network, "127.0.0.1", ECHO);
    const deployment = await Deployment.create(network, customerFile(describe(customer)), user);
    const outputs = await deployment.up();
    customer.take(outputs);
    return new Scene(network, customer, deployment, outputs);
  }

  /** Changes the customer's file and deploys it. */
  async up(parts: Partial<CustomerFile>): Promise<void> {
    this.outputs = await this.deployment.up(customerFile(parts));
    this.customer.take(this.outputs);
  }

  /** Opens a tunnel with a key of the customer's folder: `-R` to the echo server. */
  openTunnel(key: string, bindPort: number, bindAddress = "0.0.0.0:", user = "tunnel"): SshSession {
    return this.open(
      `ssh ${PINNED} -N -T -o IdentitiesOnly=yes -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 -i ${key} -p 2222 -R ${bindAddress}${bindPort}:127.0.0.1:${ECHO} ${user}@${BASTION}`,
    );
  }

  /** Types a command that stays. */
  open(command: string): SshSession {
    const session = this.customer.open(command);
    this.#sessions.push(session);
    return session;
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
      await this.network.remove();
    }
  }
}
