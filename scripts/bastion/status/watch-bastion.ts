import { setTimeout as sleep } from "node:timers/promises";
import { type BastionReading, failedReading } from "./reading.ts";
import { type OperatorLogin, StatusConnection } from "./status-connection.ts";

/**
 * The pause before dialling anew doubles up to the longest. sshd shuts an address out for a while where logins from it fail
 * more often (`PerSourcePenalties`), with all who share it.
 */
const FIRST_PAUSE_SECONDS = 2;
const LONGEST_PAUSE_SECONDS = 15;

export interface WatchOptions {
  readonly intervalSeconds: number;
  /** Ends the watching. */
  readonly interruption: AbortSignal;
  /** Gets what comes of each look. */
  readonly show: (reading: BastionReading) => void;
}

/**
 * Asks a bastion again and again, over one connection that is dialled anew when it has ended.
 *
 * @throws the reason of the interruption; nothing else ends it.
 */
export async function watchBastion(stack: string, login: OperatorLogin, options: WatchOptions): Promise<never> {
  const { intervalSeconds, interruption, show } = options;
  let pauseSeconds = FIRST_PAUSE_SECONDS;
  for (;;) {
    const connection = new StatusConnection(login);
    try {
      for (;;) {
        show({ stack, status: await connection.read(interruption), atMs: Date.now() });
        pauseSeconds = FIRST_PAUSE_SECONDS;
        await pause(intervalSeconds, interruption);
      }
    } catch (error) {
      show(failedReading(stack, error, interruption));
    } finally {
      await connection.close();
    }
    await pause(pauseSeconds, interruption);
    pauseSeconds = Math.min(2 * pauseSeconds, LONGEST_PAUSE_SECONDS);
  }
}

async function pause(seconds: number, interruption: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal: interruption }).catch(() => interruption.throwIfAborted());
}
