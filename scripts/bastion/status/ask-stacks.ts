import { mapBounded } from "../bounded.ts";
import { readStackWithKeys, STACKS_AT_ONCE } from "../stack-description.ts";
import type { Terminal } from "../terminal.ts";
import { fetchStatus } from "./fetch-status.ts";
import { type OperatorLoginOptions, withOperatorLogin } from "./operator-login.ts";
import { type BastionReading, failedReading } from "./reading.ts";
import type { OperatorLogin } from "./status-connection.ts";

/**
 * Asks the bastions of stacks once. One that cannot be asked does not keep the others from it.
 *
 * @throws CommandFailure where a single stack is meant, and cannot be asked as things are set up.
 */
export function askStacks(terminal: Terminal, stacks: readonly string[], options: OperatorLoginOptions): Promise<BastionReading[]> {
  const { interruption } = terminal;
  return mapBounded(stacks, STACKS_AT_ONCE, async (stack) => {
    const asked = askStack(terminal, stack, options);
    return stacks.length === 1 ? asked : asked.catch((error: unknown) => failedReading(stack, error, interruption));
  });
}

async function askStack(terminal: Terminal, stack: string, options: OperatorLoginOptions): Promise<BastionReading> {
  const found = await readStackWithKeys(terminal, stack);
  return withOperatorLogin(found, options, (login) => ask(stack, login, terminal.interruption));
}

async function ask(stack: string, login: OperatorLogin, interruption: AbortSignal): Promise<BastionReading> {
  try {
    return { stack, status: await fetchStatus(login, interruption), atMs: Date.now() };
  } catch (error) {
    return failedReading(stack, error, interruption);
  }
}
