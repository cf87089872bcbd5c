import { createInterface } from "node:readline/promises";
import { failed } from "./command-failure.ts";

/** Asks a person something, and gives the line that was typed. */
export type Ask = (question: string) => Promise<string>;

/**
 * Lets questions be asked on the terminal this process has. They go to standard error: standard output is for results.
 *
 * @throws what `interruption` says on Ctrl-C, and CommandFailure at the end of the input.
 */
export async function withTerminalQuestions<T>(interruption: AbortSignal, converse: (ask: Ask) => Promise<T>): Promise<T> {
  interruption.throwIfAborted();
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const stopped = Promise.withResolvers<never>();
  // Whoever waits sees it; nobody waiting is no error.
  stopped.promise.catch(() => {});
  const end = (reason: unknown) => {
    // What comes next does not stand behind the question.
    process.stderr.write("\n");
    stopped.reject(reason);
  };
  const stop = () => end(interruption.reason);
  const stopAtEnd = () => end(failed("the input has ended before every question was answered; nothing was done"));
  // While a line is edited the terminal hands Ctrl-C to us as a key.
  reader.on("SIGINT", () => process.emit("SIGINT"));
  reader.on("close", stopAtEnd);
  interruption.addEventListener("abort", stop);
  // Lines may come before they are asked for, as when they are pasted.
  const lines = reader[Symbol.asyncIterator]();
  try {
    return await converse(async (question) => {
      reader.setPrompt(question);
      reader.prompt();
      const { value } = await Promise.race([lines.next(), stopped.promise]);
      return String(value ?? (await stopped.promise)).trim();
    });
  } finally {
    interruption.removeEventListener("abort", stop);
    reader.off("close", stopAtEnd);
    reader.close();
  }
}

/** Whether somebody sits at this process's terminal, to be asked. */
export function isAskable(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}
