import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { customerFile } from "./deployment.ts";
import type { Finished, Network } from "./network.ts";

/** What a bastion of a test runs on. */
export interface Site<Prepared extends PreparedSite = PreparedSite> {
  readonly target: CustomerFile["target"];
  /** How long after the end of `pulumi up` a change of keys may take to be in force. */
  readonly inForceSeconds: number;
  prepare(network: Network): Promise<Prepared>;
}

/** A site beside the network of one test. */
export interface PreparedSite {
  /** What the CLI's environment needs. */
  readonly env: NodeJS.ProcessEnv;
  /** How the CLI gets out of the test's network, where what it talks to is not in it. */
  readonly launcher?: readonly string[];
  /** A customer's file for this site; the rest is the test's. */
  customerFile(parts: Partial<CustomerFile>): CustomerFile;
  /** Waits until clients can log in: a machine boots on after it has been deployed. */
  waitForLogins(host: string): Promise<void>;
  /** Runs a program where the bastion's sshd runs, as root. */
  run(program: string, ...args: readonly string[]): Promise<Finished>;
  remove(): Promise<void>;
}

/** The machine of the tests itself: sshd is a process in the test's network. */
export const LOCAL: Site = {
  target: "local",
  inForceSeconds: 5,
  prepare: async (network) => ({
    env: {},
    customerFile,
    waitForLogins: async () => {},
    run: (program, ...args) => network.run(program, args),
    remove: async () => {},
  }),
};
