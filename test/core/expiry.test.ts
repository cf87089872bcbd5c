import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExpiry, renderExpiryTime } from "../../components/core/expiry.ts";
import { problemsOf } from "../support/problems.ts";

test.each([
  ["2027-06-30", "20270630235959Z"],
  ["2028-02-29", "20280229235959Z"],
  ["2027-06-30T18:00Z", "20270630180000Z"],
  ["2027-06-30T18:00:01Z", "20270630180001Z"],
  ["2027-06-30T18:00+02:00", "20270630160000Z"],
  ["2027-06-30T18:00-05:30", "20270630233000Z"],
  ["2027-01-01T00:30+01:00", "20261231233000Z"],
  ["9999-12-31", "99991231235959Z"],
])("%s is written as %s", (text, written) => {
  expect(renderExpiryTime(parseExpiry(text))).toBe(written);
});

test("a date is the end of that day in UTC, in milliseconds since 1970", () => {
  expect(parseExpiry("2027-06-30")).toBe(Date.UTC(2027, 5, 30, 23, 59, 59));
});

test.each([
  "",
  "never",
  "2027",
  "2027-06",
  "2027-6-30",
  "20270630",
  "30.06.2027",
  "2027/06/30",
  "2027-06-30 ",
  "2027-06-30\n",
  "2027-06-31",
  "2027-02-29",
  "2100-02-29",
  "2027-00-10",
  "2027-13-01",
  "2027-06-00",
  "2027-06-32",
  "2027-06-30T18:00",
  "2027-06-30T18:00:00",
  "2027-06-30 18:00Z",
  "2027-06-30T18Z",
  "2027-06-30T25:00Z",
  "2027-06-30T18:60Z",
  "2027-06-30T18:00:60Z",
  "2027-06-30T18:00+0200",
  "2027-06-30T18:00+24:00",
  "2027-06-30T18:00+02:60",
  "2027-06-30T18:00:00.5Z",
  "2027-06-30t18:00z",
  '2027-06-30",permitopen="*:22',
])("%j is refused", (text) => {
  const reason = `got ${JSON.stringify(text)}; expected a date such as "2027-06-30" (the end of that day, UTC) or a time with its offset such as "2027-06-30T18:00Z"`;
  expect(problemsOf(() => parseExpiry(text))).toEqual([{ path: "", reason }]);
});

test("what is accepted is always written as fourteen digits and Z: sshd refuses the whole key for any other form", () => {
  const two = (max: number) => fc.nat({ max }).map((n) => `${n}`.padStart(2, "0"));
  const offset = fc.oneof(
    fc.constant("Z"),
    fc.tuple(fc.constantFrom("+", "-"), two(25), two(61)).map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
  );
  const year = fc.oneof(fc.constantFrom("0000", "0001", "9999"), fc.integer({ min: 1970, max: 9999 }).map(String));
  const text = fc
    .tuple(year, two(13), two(32), two(25), two(61), offset)
    .map(([y, month, day, hour, minute, at]) => `${y}-${month}-${day}T${hour}:${minute}${at}`);
  /** The moment that fourteen digits mean to sshd. */
  const readBack = (written: string) => Date.parse(written.replace(/^(....)(..)(..)(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const parsed = (candidate: string) => {
    try {
      return parseExpiry(candidate);
    } catch {
      return undefined;
    }
  };
  fc.assert(
    fc.property(text, (candidate) => {
      const moment = parsed(candidate);
      if (moment === undefined) return;
      const written = renderExpiryTime(moment);
      expect(written).toMatch(/^\d{14}Z$/);
      expect(readBack(written)).toBe(moment);
    }),
    { numRuns: 3000, examples: [["9999-12-31T23:59-23:00"], ["0000-01-01T00:00+23:00"]] },
  );
});
