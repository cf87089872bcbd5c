import type { LocalWorkspace, StackSummary } from "@pulumi/pulumi/automation/index.js";
import { InvalidInputError } from "../../components/core/problem.ts";
import { type CommandFailure, notThere } from "./command-failure.ts";
import { engineFailure } from "./engine-failure.ts";
import { BASTION } from "./invocation.ts";
import { parseOutputs, type StackDescription } from "./parse-outputs.ts";
import { type PrivateKeys, privateKeysIn } from "./private-keys.ts";
import { findProject } from "./project.ts";
import { indent } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Reads what a stack exports, that of a name or the one that is selected in the folder. Nothing is selected by it.
 *
 * @throws CommandFailure where there is no project, no such stack, nothing deployed, or something other than a bastion.
 */
export async function readStack(terminal: Terminal, name: string | undefined): Promise<StackDescription> {
  const { stack, outputs } = await readOutputs(terminal, name);
  return describe(stack, outputs);
}

/** What a stack exports, and its private keys apart from that. */
export interface StackWithKeys {
  readonly description: StackDescription;
  readonly keys: PrivateKeys;
}

/** The same with the private keys, for a command that delivers one. */
export async function readStackWithKeys(terminal: Terminal, name: string | undefined): Promise<StackWithKeys> {
  const { stack, outputs } = await readOutputs(terminal, name);
  return { description: describe(stack, outputs), keys: privateKeysIn(outputs) };
}

/** How many stacks are asked about at once, where several are meant: each is a program or two of the engine's. */
export const STACKS_AT_ONCE = 4;

/** Names of the project's stacks that have something deployed. */
export async function listDeployedStacks({ folder, interruption }: Terminal): Promise<string[]> {
  findProject(folder);
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
  const listing = LocalWorkspace.create({ workDir: folder }).then((workspace) => workspace.listStacks());
  const stacks = await untilInterrupted(interruption, listing).catch((error: unknown) => {
    throw error instanceof Error && error.name === "CommandError" ? engineFailure("the stacks cannot be listed", error) : error;
  });
  return stacks.filter(({ resourceCount }) => resourceCount).map(({ name }) => name);
}

interface NamedOutputs {
  readonly stack: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

async function readOutputs({ folder, interruption }: Terminal, name: string | undefined): Promise<NamedOutputs> {
  findProject(folder);
  return untilInterrupted(interruption, read(folder, name));
}

async function read(folder: string, name: string | undefined): Promise<NamedOutputs> {
  // Loaded when it is needed: it is most of the time that `--help` would take.
  const { LocalWorkspace, StackNotFoundError } = await import("@pulumi/pulumi/automation/index.js");
  try {
    const workspace = await LocalWorkspace.create({ workDir: folder });
    const stack = name ?? selectedOf(await workspace.listStacks());
    const outputs = await workspace.stackOutputs(stack).catch(async (error: unknown) => {
      throw error instanceof StackNotFoundError ? await noSuchStack(workspace, stack) : error;
    });
    return { stack, outputs: Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value])) };
  } catch (error) {
    throw error instanceof Error && error.name === "CommandError" ? engineFailure("the outputs cannot be read", error) : error;
  }
}

function describe(stack: string, outputs: Readonly<Record<string, unknown>>): StackDescription {
  if (Object.keys(outputs).length === 0)
    throw notThere(`stack ${stack} has no outputs: it was never deployed, or has been destroyed; deploy it with: ${BASTION} up ${stack}`);
  try {
    return parseOutputs(stack, outputs);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw notThere(`the outputs of stack ${stack} are not those of a bastion of this version:\n${indent(error.message)}`);
  }
}

/** The stack that is selected in the folder, out of all of them. */
export function selectedOf(stacks: readonly StackSummary[]): string {
  const selected = stacks.find(({ current }) => current);
  if (selected === undefined) throw notThere(`no stack is selected in this folder; name one: ${listed(stacks)}`);
  return selected.name;
}

async function noSuchStack(workspace: LocalWorkspace, stack: string): Promise<CommandFailure> {
  return notThere(`there is no stack ${JSON.stringify(stack)}; there is: ${listed(await workspace.listStacks())}`);
}

function listed(stacks: readonly { readonly name: string }[]): string {
  return stacks.length === 0 ? `none yet (${BASTION} init NAME)` : stacks.map(({ name }) => name).join(", ");
}

/** The engine's helpers cannot be told to stop; whoever waits for them can stop waiting. */
export async function untilInterrupted<T>(interruption: AbortSignal, work: Promise<T>): Promise<T> {
  interruption.throwIfAborted();
  const interrupted = Promise.withResolvers<never>();
  const stop = () => interrupted.reject(interruption.reason);
  interruption.addEventListener("abort", stop);
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    interruption.removeEventListener("abort", stop);
  }
}
