import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { InvalidInputError } from "../components/core/problem.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import type { CustomerFile, PrivateLinkFile } from "./customer-file.ts";
import { parseCustomer } from "./parse-customer.ts";
import type { PrivateLinkOutputs } from "./private-link.ts";

/** The program of each target, loaded on demand: a stack pays for its own cloud's SDK only. */
const programs = {
  aws: () => import("./aws.ts"),
  azure: () => import("./azure.ts"),
  gcp: () => import("./gcp.ts"),
  kubernetes: () => import("./kubernetes.ts"),
  local: () => import("./local.ts"),
} satisfies Record<CustomerFile["target"], () => Promise<{ deploy(customer: CustomerFile): BastionOutputs }>>;

/** Everything of one customer. The stack is named after the customer's file. */
export async function deployCustomer(): Promise<Partial<BastionOutputs & PrivateLinkOutputs>> {
  const file = readCustomer();
  const bastion = file.target === "private-link" ? {} : (await programs[file.target]()).deploy(file);
  const hasPrivateLink = [file.privateEndpoints, file.privateLinkServices].some((ends) => ends !== undefined && ends.length > 0);
  const privateLink = hasPrivateLink ? (await import("./private-link.ts")).deployPrivateLink(file) : {};
  return { ...bastion, ...privateLink };
}

function readCustomer(): CustomerFile | PrivateLinkFile {
  const root = findProject(process.cwd());
  const configured = new pulumi.Config().get("customerFile");
  const path = resolve(root, configured || `stacks/customers/${pulumi.getStack()}.yaml`);
  const name = relative(root, path);
  try {
    return parseCustomer(readFileSync(path, "utf8"), name);
  } catch (error) {
    if (error instanceof InvalidInputError)
      throw new pulumi.RunError(`the customer's file cannot be used:\n${error.message.replaceAll(/^/gm, "  ")}`);
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new pulumi.RunError(
        `there is no customer's file ${name}; write one (stacks/customers/acme.yaml is an example), or name another with: pulumi config set customerFile FILE`,
      );
    throw error;
  }
}

/** The folder of Pulumi.yaml. The engine runs us in the folder of our own file, and older ones do not tell us theirs. */
function findProject(folder: string): string {
  if (existsSync(join(folder, "Pulumi.yaml")) || folder === dirname(folder)) return folder;
  return findProject(dirname(folder));
}
