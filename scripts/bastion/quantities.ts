const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Renders how long something lasts, in its two largest units: `12 s`, `3 min 12 s`, `4 h 5 min`, `12 d 4 h`. */
export function renderDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE_SECONDS) return `${whole} s`;
  if (whole < HOUR_SECONDS) return `${Math.floor(whole / MINUTE_SECONDS)} min ${whole % MINUTE_SECONDS} s`;
  if (whole < DAY_SECONDS) return `${Math.floor(whole / HOUR_SECONDS)} h ${Math.floor((whole % HOUR_SECONDS) / MINUTE_SECONDS)} min`;
  return `${Math.floor(whole / DAY_SECONDS)} d ${Math.floor((whole % DAY_SECONDS) / HOUR_SECONDS)} h`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Renders a number of bytes with three digits, in units of 1000: `999 B`, `1.20 kB`, `34.5 MB`. */
export function renderBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be rounded up to four digits is one of the next unit.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${value} B`;
  return `${value.toPrecision(3)} ${BYTE_UNITS[unit]}`;
}
