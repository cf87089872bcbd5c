import { setTimeout as sleep } from "node:timers/promises";

/** Waits for a condition, and says what it waited for when the limit has passed. */
export async function waitUntil<T>(
  what: string,
  limitSeconds: number,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = Date.now() + limitSeconds * 1000;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > end) throw new Error(`waited ${limitSeconds} s for: ${what}`);
    await sleep(100);
  }
}
