import { readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { Deployment, type StackOutputs } from "../../e2e/support/deployment.ts";
import { isRoot, type Site } from "./site.ts";

const EXAMPLE_FILE = resolve(import.meta.dirname, "../../../stacks/customers/acme.yaml");

/** The example of this repository, deployed. */
export interface Example {
  readonly customer: CustomerFile;
  /** Folder of the bastion. */
  readonly directory: string;
  readonly deployment: Deployment;
  readonly outputs: StackOutputs;
}

/** Deploys `acme.yaml` as it is, but in a folder of its own, beside what else is deployed on this machine. */
export async function deployExample(site: Site): Promise<Example> {
  await site.checkpoint();
  site.progress("Deploying the example");
  const directory = join(isRoot ? "/var/lib" : join(homedir(), ".local/state"), `pulumi-reverse-bastion/bench-${process.pid}`);
  const example = parse(readFileSync(EXAMPLE_FILE, "utf8")) as CustomerFile;
  const customer = { ...example, local: { ...example.local, directory } };
  const deployment = await Deployment.create(site.network, customer);
  site.onClose(() => rmSync(directory, { recursive: true, force: true }));
  site.onClose(() => deployment.remove());
  await site.checkpoint();
  return { customer, directory, deployment, outputs: await deployment.up() };
}
