import { mapBounded } from "../bounded.ts";
import { failed } from "../command-failure.ts";
import { readStackWithKeys, STACKS_AT_ONCE, type StackWithKeys } from "../stack-description.ts";
import type { Terminal } from "../terminal.ts";
import { ChangeLog, LiveTable } from "./displays.ts";
import { type OperatorLoginOptions, withOperatorLogin } from "./operator-login.ts";
import { type BastionReading, failedReading } from "./reading.ts";
import { watchBastion } from "./watch-bastion.ts";

export interface WatchStacksOptions {
  readonly login: OperatorLoginOptions;
  readonly intervalSeconds: number;
  /** Lines for a program, on a terminal as well. */
  readonly json: boolean;
}

/**
 * Watches the bastions of stacks: a live table on a terminal, elsewhere a line for each change. Ends when nobody reads it any
 * more. A stack that cannot be asked as things are set up is told of once, and does not keep the others from it.
 *
 * @throws the reason of an interruption, and CommandFailure where no stack can be asked.
 */
export async function watchStacks(terminal: Terminal, stacks: readonly string[], options: WatchStacksOptions): Promise<void> {
  const unread = new AbortController();
  process.stdout.once("error", () => unread.abort());
  const fault = new AbortController();
  const interruption = AbortSignal.any([terminal.interruption, unread.signal, fault.signal]);
  const isLive = process.stdout.isTTY === true && !options.json;
  const display = isLive ? new LiveTable(stacks, process.stdout, terminal.emphasize) : new ChangeLog(terminal.print, options);
  const show = (reading: BastionReading) => display.show(reading);
  const giveUp = (stack: string, error: unknown) => {
    const reading = failedReading(stack, error, interruption);
    if (stacks.length === 1) throw error;
    show(reading);
  };
  const watch = async (stack: string, found: StackWithKeys) => {
    const { login, intervalSeconds } = options;
    await withOperatorLogin(found, login, (operator) => watchBastion(stack, operator, { intervalSeconds, interruption, show }));
  };
  try {
    const watched = await mapBounded(stacks, STACKS_AT_ONCE, async (stack) => {
      const found = await readStackWithKeys(terminal, stack).catch((error: unknown) => giveUp(stack, error));
      return found === undefined ? async () => {} : () => watch(stack, found).catch((error: unknown) => giveUp(stack, error));
    });
    // Each is waited for: it takes its key and its ssh away.
    await Promise.all(watched.map((begin) => begin().catch((error: unknown) => fault.abort(error))));
  } finally {
    display.end();
  }
  terminal.interruption.throwIfAborted();
  if (unread.signal.aborted) return;
  fault.signal.throwIfAborted();
  throw failed("no bastion can be asked, for the reasons above");
}
