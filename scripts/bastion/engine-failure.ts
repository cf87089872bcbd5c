import { type CommandFailure, failed } from "./command-failure.ts";

/** Whether an error is the Automation API's report of a command of the CLI that has failed. */
export function isEngineError(error: unknown): error is Error {
  return error instanceof Error && ["CommandError", "ConcurrentUpdateError", "StackNotFoundError"].includes(error.name);
}

/**
 * Says why the engine could not do something: what it says itself, in all that the Automation API reports.
 *
 * @param what what did not work: "the outputs cannot be read".
 */
export function engineFailure(what: string, { message }: Error): CommandFailure {
  if (message.includes("spawn pulumi ENOENT"))
    return failed("the Pulumi CLI is not on the PATH; install it, or let the project's own script find it");
  const reasons = [...message.matchAll(/\berror: (.+)$/gm)].map(([, reason = ""]) => reason);
  return failed(`${what}: ${reasons.length === 0 ? message.trim() : [...new Set(reasons)].join("; ")}`);
}
