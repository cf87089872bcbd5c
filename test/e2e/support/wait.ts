import { setTimeout as sleep } from "node:timers/promises";

/** A limit is patience with a loaded machine. It asserts nothing: how long things take is for the benchmarks to say. */
export const PATIENCE_SECONDS = 120;

/**
 * Waits for a condition, and says what it waited for when the limit has passed.
 * @param limitSeconds for what the product promises to happen in time.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  limitSeconds = PATIENCE_SECONDS,
): Promise<T> {
  const end = Date.now() + limitSeconds * 1000;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > end) throw new Error(`waited ${limitSeconds} s for: ${what}`);
    await sleep(100);
  }
}
