import { setTimeout as sleep } from "node:timers/promises";
import type { Probe } from "../api/pod.ts";

/** Whether a probe went well, and what it said if not. */
export type ProbeOutcome = { readonly ok: true } | { readonly ok: false; readonly output: string };

/** Probes until told otherwise, and says each time that enough of the same came in a row, also if it is nothing new. */
export async function keepProbing(
  probe: Probe,
  attempt: (timeoutSeconds: number) => Promise<ProbeOutcome>,
  signal: AbortSignal,
  judge: (outcome: ProbeOutcome) => void,
): Promise<void> {
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1, successThreshold = 1, failureThreshold = 3 } = probe;
  try {
    await sleep(initialDelaySeconds * 1000, undefined, { signal });
    for (let inRow = 0, last: boolean | undefined; ; ) {
      const outcome = await attempt(timeoutSeconds);
      if (signal.aborted) return;
      inRow = outcome.ok === last ? inRow + 1 : 1;
      last = outcome.ok;
      if (inRow >= (outcome.ok ? successThreshold : failureThreshold)) judge(outcome);
      await sleep(periodSeconds * 1000, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
