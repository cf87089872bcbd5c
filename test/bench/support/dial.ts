import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { CustomerFolder, SshSession } from "../../e2e/support/customer.ts";
import type { Site } from "./site.ts";

const LIMIT_SECONDS = 60;
/** Short beside what is measured, and long enough to leave the cores to the machine that boots. */
const PAUSE_MS = 50;

/**
 * Types a command of ssh, verbosely, again whenever it has failed, until it says something in one line. Gives the time, as
 * of `performance.now()`, at which it was said; the session is ended.
 */
export async function dialUntil(site: Site, customer: CustomerFolder, command: string, says: RegExp): Promise<number> {
  // An attempt must not wait on when the machine answers again: TCP itself asks at longer and longer intervals.
  const attempt = command.replace(/^ssh /, "ssh -v -o ConnectTimeout=1 ");
  const limit = AbortSignal.timeout(LIMIT_SECONDS * 1000);
  for (;;) {
    await site.checkpoint();
    const session = customer.open(attempt);
    const saidAt = await listen(session, says, limit);
    if (session.isRunning && (saidAt !== undefined || limit.aborted)) await session.end();
    if (saidAt !== undefined) return saidAt;
    if (limit.aborted) throw new Error(`ssh did not say ${says} within ${LIMIT_SECONDS} s, but at last:\n${session.said}`);
    await sleep(PAUSE_MS);
  }
}

/** When a session says something; `undefined` where it ends without, or the limit has passed. */
async function listen(session: SshSession, says: RegExp, limit: AbortSignal): Promise<number | undefined> {
  const lines = createInterface({ input: session.process.stderr as NodeJS.ReadableStream, signal: limit });
  for await (const line of lines) if (says.test(line)) return performance.now();
  return undefined;
}
