#!/usr/bin/env node
import { constants } from "node:os";
import { styleText } from "node:util";
import { CommanderError } from "commander";
import { CommandFailure, EXIT_CODES } from "./command-failure.ts";
import { createProgram } from "./program.ts";

const interruption = new AbortController();
// Not `once`: the engine's library ends the process itself where it finds no listener of ours beside its own. And npm
// passes on what the terminal has sent already, so the same signal comes twice.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => interruption.abort(new CommandFailure(128 + constants.signals[signal], `interrupted by ${signal}`)));

// Whoever reads us may have seen enough (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const program = createProgram({
  folder: process.cwd(),
  print: (text) => process.stdout.write(text),
  emphasize: styleText,
  interruption: interruption.signal,
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
  // What was begun has been cleaned up; what the engine still does is not waited for.
  if (interruption.signal.aborted) process.exit();
}

function exitCodeFor(error: unknown): number {
  // It has printed what there is to say; for it, a command without a word is no mistake of usage.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.wrongUsage;
  const label = styleText("red", "error:", { stream: process.stderr });
  process.stderr.write(`${label} ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof CommandFailure ? error.exitCode : EXIT_CODES.failed;
}
