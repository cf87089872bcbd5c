import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { CommandFailure, failed } from "../command-failure.ts";
import { engineFailure, isEngineError } from "../engine-failure.ts";
import { BASTION } from "../invocation.ts";
import { findProject } from "../project.ts";
import { untilInterrupted } from "../stack-description.ts";
import type { Terminal } from "../terminal.ts";
import { EngineRunError } from "./engine.ts";
import { openStack } from "./open-stack.ts";
import { type Changes, type Operation, Progress } from "./progress.ts";
import { ProgressPrinter } from "./progress-printer.ts";

/** What the engine has done with a stack. */
export interface Deployed {
  readonly operation: Operation;
  readonly stack: string;
  /** Whether the stack was made for it. */
  readonly isNew: boolean;
  readonly changes: Changes;
  readonly durationMs: number;
  /** What the stack exports, its secrets included: nothing to print as it is. Only after `up`. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

export interface DeployOptions {
  /** Stack of the customer; the one that is selected when left out. */
  readonly name: string | undefined;
  /** Asked with the stack's name before anything is done; throws where that is not wanted. */
  readonly confirm?: (stack: string) => Promise<void>;
}

/**
 * Runs the engine on a customer's stack, and shows on standard error what it does.
 *
 * @throws CommandFailure where it failed or was interrupted, with the state that things are in.
 */
export async function deploy(terminal: Terminal, operation: Operation, { name, confirm }: DeployOptions): Promise<Deployed> {
  const { interruption, emphasize } = terminal;
  const project = findProject(terminal.folder);
  const { stack, isNew } = await untilInterrupted(interruption, openStack(project, name, operation !== "destroy")).catch(
    (error: unknown) => {
      throw isEngineError(error) ? engineFailure("the stack cannot be opened", error) : error;
    },
  );
  await confirm?.(stack.name);

  const startedAtMs = performance.now();
  const progress = new Progress(operation, startedAtMs);
  const printer = new ProgressPrinter(progress, process.stderr, emphasize);
  let hasToldWhy = false;
  const onEvent = (event: EngineEvent) => {
    hasToldWhy ||= event.diagnosticEvent?.severity === "error";
    printer.show(event);
  };
  const announce = () => printer.say("stopping: the step that runs is let to its end; Ctrl-C again cuts it off");
  interruption.addEventListener("abort", announce, { once: true });
  try {
    const outputs = await run(stack, operation, { onEvent, signal: interruption });
    return { operation, stack: stack.name, isNew, changes: progress.changes, durationMs: performance.now() - startedAtMs, outputs };
  } catch (error) {
    printer.end();
    if (interruption.aborted) throw interrupted(interruption, stack.name, operation, progress);
    if (!(error instanceof EngineRunError) && !isEngineError(error)) throw error;
    const what = `${operation} of ${stack.name} has failed`;
    if (!hasToldWhy) throw engineFailure(what, error);
    throw failed(`${what}, for the reason above${operation === "preview" ? "" : `; ${describeState(operation, stack.name, progress)}`}`);
  } finally {
    interruption.removeEventListener("abort", announce);
    printer.end();
  }
}

interface RunOptions {
  readonly onEvent: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
}

async function run(stack: Stack, operation: Operation, options: RunOptions): Promise<Readonly<Record<string, unknown>>> {
  if (operation !== "up") {
    await stack[operation](options);
    return {};
  }
  const { outputs } = await stack.up(options);
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

function interrupted({ reason }: AbortSignal, stack: string, operation: Operation, progress: Progress): unknown {
  if (!(reason instanceof CommandFailure) || operation === "preview") return reason;
  return new CommandFailure(reason.exitCode, `${reason.message}; ${describeState(operation, stack, progress)}`);
}

function describeState(operation: Operation, stack: string, { finished, unfinished }: Progress): string {
  const changed = finished === 0 ? "nothing was changed" : `${finished} ${finished === 1 ? "change is" : "changes are"} made and recorded`;
  const cutOff = unfinished.length === 0 ? "" : `, what was not ended is ${unfinished.join(", ")}`;
  return `${changed}${cutOff}; to go on from there: ${BASTION} ${operation} ${stack}`;
}
