import { InvalidInputError, quoteForMessage } from "./problem.ts";

const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads the moment a key stops working, in milliseconds since 1970.
 *
 * `2027-06-30` is the end of that day in UTC: a key that "expires on the 30th" still works on the 30th.
 * A time of day needs its offset, `2027-06-30T18:00Z` or `2027-06-30T18:00+02:00` (RFC 3339).
 *
 * @throws InvalidInputError with an empty path.
 */
export function parseExpiry(text: string): number {
  const match = FORM.exec(text);
  const [, year, month, day, hour, minute, second, offset] = match ?? [];
  const time = hour === undefined ? "23:59:59" : `${hour}:${minute}:${second ?? "00"}`;
  const moment = Date.parse(`${year}-${month}-${day}T${time}${offset ?? "Z"}`);
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  // A year of five digits, by way of an offset, would make sshd refuse the whole key.
  const isFourDigitYear = moment < Date.UTC(10000, 0) && moment >= Date.UTC(1970, 0);
  if (match === null || !isFourDigitYear || Number(day) > daysInMonth)
    throw new InvalidInputError([
      {
        path: "",
        reason: `got ${quoteForMessage(text)}; expected a date such as "2027-06-30" (the end of that day, UTC) or a time with its offset such as "2027-06-30T18:00Z"`,
      },
    ]);
  return moment;
}

/** Renders a moment as `authorized_keys` wants it, in UTC: `20270630235959Z` (sshd(8), OpenSSH ≥ 9.1). */
export function renderExpiryTime(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
}
