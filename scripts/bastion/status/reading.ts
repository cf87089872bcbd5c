import { CommandFailure, EXIT_CODES } from "../command-failure.ts";
import type { BastionStatus } from "./parse-status.ts";

/** What has come of asking a bastion: its status, why it could not be asked, or nothing yet. */
export interface BastionReading {
  readonly stack: string;
  readonly status?: BastionStatus;
  readonly problem?: string;
  /** When that was by our clock: milliseconds since 1970. */
  readonly atMs: number;
}

/** What has come of it where it failed. An interruption, or a fault of ours, is nobody's reading. */
export function failedReading(stack: string, error: unknown, interruption: AbortSignal): BastionReading {
  interruption.throwIfAborted();
  if (!(error instanceof CommandFailure)) throw error;
  return { stack, problem: error.message, atMs: Date.now() };
}

/** What asking several ends with. Not to know is worse than to know of a tunnel that is down. */
export function exitCodeOf(readings: readonly BastionReading[]): number {
  if (readings.some(({ status }) => status === undefined)) return EXIT_CODES.failed;
  const isUp = readings.every(({ status }) => status?.tunnels.every(({ state }) => state === "up"));
  return isUp ? EXIT_CODES.done : EXIT_CODES.tunnelNotUp;
}
