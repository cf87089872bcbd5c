import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import { InvalidInputError } from "../../../components/core/problem.ts";
import { parseCustomer } from "../../../stacks/parse-customer.ts";
import { failed, notThere } from "../command-failure.ts";
import { BASTION } from "../invocation.ts";
import { customerFileOf } from "../project.ts";
import { selectedOf } from "../stack-description.ts";
import { indent } from "../table.ts";
import { cancellableEngine } from "./engine.ts";

export interface OpenedStack {
  readonly stack: Stack;
  /** Whether there was none before. */
  readonly isNew: boolean;
}

/**
 * Opens the stack of a customer, or the one that is selected, and selects it. Where there is none one is made, if it
 * may be, and if its customer's file can be used: a mistyped name leaves nothing behind.
 */
export async function openStack(project: string, name: string | undefined, mayCreate: boolean): Promise<OpenedStack> {
  const workspace = await LocalWorkspace.create({ workDir: project, pulumiCommand: await cancellableEngine() });
  const known = await workspace.listStacks();
  const stack = name ?? selectedOf(known);
  // Some backends put an organization before the name.
  if (known.some((other) => other.name === stack || other.name.endsWith(`/${stack}`)))
    return { stack: await Stack.select(stack, workspace), isNew: false };
  if (!mayCreate)
    throw notThere(`there is no stack ${JSON.stringify(stack)}; there is: ${known.map((other) => other.name).join(", ") || "none"}`);
  checkCustomerFile(project, stack);
  return { stack: await Stack.create(stack, workspace), isNew: true };
}

function checkCustomerFile(project: string, stack: string): void {
  const file = customerFileOf(stack);
  const path = join(project, file);
  // Settings that are there already may name another file.
  if (existsSync(join(project, `Pulumi.${stack.slice(stack.lastIndexOf("/") + 1)}.yaml`))) return;
  if (!existsSync(path))
    throw notThere(`there is no stack ${JSON.stringify(stack)}, and no ${file} to make one of; write it with: ${BASTION} init ${stack}`);
  try {
    parseCustomer(readFileSync(path, "utf8"), file);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw failed(`the customer's file cannot be used:\n${indent(error.message)}`);
  }
}
