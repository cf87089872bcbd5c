import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { InvalidInputError } from "../../../components/core/problem.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { parseCustomer } from "../../../stacks/parse-customer.ts";
import { failed, notThere } from "../command-failure.ts";
import { customerFileOf } from "../project.ts";
import { inStage } from "../stage.ts";
import { indent } from "../table.ts";
import type { Edit } from "./edit-customer.ts";
import { UneditableYamlError } from "./edit-yaml.ts";

/** The file that a stack is deployed from, as it is now. */
export interface CustomerOnDisk {
  /** Absolute, and no link. */
  readonly path: string;
  /** Relative to the project, for messages. */
  readonly name: string;
  readonly text: string;
  readonly file: CustomerFile;
}

/**
 * Finds the file that a stack is deployed from: the one its settings name, or the one that is called like it.
 *
 * @throws CommandFailure where there is none.
 */
export function findCustomer(project: string, stack: string): string {
  const path = resolve(project, configuredFile(project, stack) || customerFileOf(stack));
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw notThere(`there is no customer's file ${relative(project, path)}`);
  }
}

/** Reads the setting where the engine keeps it: to ask the engine takes a second. */
function configuredFile(project: string, stack: string): string | undefined {
  const settings = join(project, `Pulumi.${stack.slice(stack.lastIndexOf("/") + 1)}.yaml`);
  if (!existsSync(settings)) return undefined;
  const { config } = (parse(readFileSync(settings, "utf8")) ?? {}) as { readonly config?: Readonly<Record<string, unknown>> };
  const [, file] = Object.entries(config ?? {}).find(([key]) => key.endsWith(":customerFile")) ?? [];
  return typeof file === "string" ? file : undefined;
}

/**
 * Reads a customer's file that has a bastion.
 *
 * @throws CommandFailure with everything that is wrong with it.
 */
export function readCustomer(project: string, path: string): CustomerOnDisk {
  const name = relative(project, path);
  const text = readFileSync(path, "utf8");
  return { path, name, text, file: parseBastionFile(text, name) };
}

/**
 * Changes a customer's file: wholly or not at all, also if the machine loses power, and only if nobody else has changed it.
 *
 * @throws CommandFailure where it is written in a way that cannot be changed without touching the rest.
 */
export async function changeCustomer({ path, name, text }: CustomerOnDisk, change: Edit, interruption: AbortSignal): Promise<void> {
  const changed = changedText(text, name, change);
  parseBastionFile(changed, name);
  await inStage(path, async (stage) => {
    const draft = join(stage, "customer.yaml");
    const { mode } = statSync(path);
    const handle = await open(draft, "wx", mode);
    try {
      await handle.writeFile(changed);
      await handle.sync();
    } finally {
      await handle.close();
    }
    interruption.throwIfAborted();
    if (readFileSync(path, "utf8") !== text)
      throw failed(`${name} has been changed in the meantime; look at it, and type the command again`);
    await rename(draft, path);
  });
}

function changedText(text: string, name: string, change: Edit): string {
  try {
    return change(text);
  } catch (error) {
    if (!(error instanceof UneditableYamlError)) throw error;
    throw failed(
      `${name} cannot be changed without writing it anew: it has aliases, or a form that is seldom used, at that place; write it in the plain form, or make the change in an editor`,
    );
  }
}

function parseBastionFile(text: string, name: string): CustomerFile {
  try {
    const file = parseCustomer(text, name);
    if (file.target !== "private-link") return file;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw failed(`the customer's file cannot be used:\n${indent(error.message)}`);
  }
  throw notThere(`${name} has no bastion, so there are no keys to change`);
}
