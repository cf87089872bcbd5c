import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { notThere } from "./command-failure.ts";

/**
 * Finds the folder of Pulumi.yaml: the one a command was typed in, or the nearest above it.
 *
 * @throws CommandFailure where there is none.
 */
export function findProject(folder: string): string {
  if (["Pulumi.yaml", "Pulumi.yml"].some((file) => existsSync(join(folder, file)))) return folder;
  if (folder === dirname(folder))
    throw notThere("there is no Pulumi.yaml in this folder, nor above it; go to the project of your customers' bastions");
  return findProject(dirname(folder));
}

/** The customer's file that a stack is deployed from, relative to the project. Some backends put an organization before the name. */
export function customerFileOf(stack: string): string {
  return `stacks/customers/${stack.slice(stack.lastIndexOf("/") + 1)}.yaml`;
}
