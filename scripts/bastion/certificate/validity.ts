import { wrongUsage } from "../command-failure.ts";

/** From when until when a certificate logs in, in milliseconds since 1970. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The bastion's clock may be behind ours: a certificate of this very second would not be valid there yet. */
const BACK_DATED_SECONDS = 300;

/** Ten years, as seconds. What is valid longer is no certificate but a key. */
const LONGEST_SECONDS = 3650 * 86_400;

/**
 * Reads how long a certificate is to be valid: `90m`, `8h`, `1d12h`.
 *
 * @param now milliseconds since 1970.
 * @throws CommandFailure for what is no such time.
 */
export function parseValidFor(text: string, now: number): Validity {
  const isTime = /^(?:\d{1,9}[smhdw])+$/.test(text);
  const seconds = [...text.matchAll(/(\d+)([smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (SECONDS[`${unit}`] ?? 0),
    0,
  );
  if (!isTime || seconds < 1 || seconds > LONGEST_SECONDS)
    throw wrongUsage(`--valid-for: got ${JSON.stringify(text)}; expected a time such as 90m, 8h or 1d, of at most ten years`);
  const second = Math.floor(now / 1000);
  return { from: (second - BACK_DATED_SECONDS) * 1000, until: (second + seconds) * 1000 };
}

/** Renders it for `ssh-keygen -V` with the time zone set to UTC: `20261122173326:20261123013326`. */
export function renderValidity({ from, until }: Validity): string {
  return [from, until].map((moment) => new Date(moment).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")).join(":");
}
