import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { InvalidInputError } from "../components/core/problem.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import type { CustomerFile } from "./customer-file.ts";
import { parseCustomer } from "./parse-customer.ts";

/** The program of each target, loaded on demand: a stack pays for its own cloud's SDK only. */
const programs = {
  aws: () => import("./aws.ts"),
  gcp: () => import("./gcp.ts"),
  local: () => import("./local.ts"),
} satisfies Record<CustomerFile["target"], () => Promise<{ deploy(customer: CustomerFile): BastionOutputs }>>;

/** One customer's bastion. The stack is named after the customer's file. */
export async function deployCustomer(): Promise<BastionOutputs> {
  const customer = readCustomer();
  const { deploy } = await programs[customer.target]();
  return deploy(customer);
}

function readCustomer(): CustomerFile {
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
