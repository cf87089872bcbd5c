import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "./wait.ts";

/**
 * sshd charges an address 5 s for each login that it refuses, and shuts it out once it owes 15 s (`PerSourcePenalties`). Who waits longer
 * than a refusal costs never owes that much.
 */
const LOGIN_RETRY_SECONDS = 6;

/** Logs in again after each refusal, with a pause as a service manager's `RestartSec` makes it, until the bastion lets somebody in. */
export async function logInUntilAllowed<T>(what: string, logIn: () => Promise<T | undefined | false>): Promise<T> {
  return waitUntil(`${what} to be let in`, async () => {
    const result = await logIn();
    if (result === undefined || result === false) await sleep(LOGIN_RETRY_SECONDS * 1000);
    return result;
  });
}
