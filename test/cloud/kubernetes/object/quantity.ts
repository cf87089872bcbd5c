const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?([EPTGMk]i|Ki|[numkMGTPE]|[eE][+-]?\d+)?$/;
const NANO_DIGITS = 9;
/** By their power of ten. */
const DECIMAL_SUFFIXES: readonly (readonly [suffix: string, power: number])[] = [
  ["E", 18],
  ["P", 15],
  ["T", 12],
  ["G", 9],
  ["M", 6],
  ["k", 3],
  ["", 0],
  ["m", -3],
  ["u", -6],
  ["n", -9],
];
/** By their power of 1024, from the largest. */
const BINARY_SUFFIXES = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"];

/**
 * The spelling of a quantity that the API server stores: `0.5` is `500m`, and `1024Mi` is `1Gi`. What it would not
 * understand, or round, stays as it is.
 */
export function canonicalQuantity(quantity: string): string {
  const [, sign = "", whole = "", fraction = "", suffix = ""] = QUANTITY.exec(quantity) ?? [];
  if (whole + fraction === "" || fraction.length > NANO_DIGITS) return quantity;
  const nanos = BigInt(whole + fraction.padEnd(NANO_DIGITS, "0"));
  const spelled = suffix.endsWith("i") ? binary(nanos, suffix) : decimal(nanos, suffix);
  return spelled === undefined ? quantity : (sign === "-" ? sign : "") + spelled;
}

function binary(nanos: bigint, suffix: string): string | undefined {
  const scaled = nanos * 1024n ** BigInt(BINARY_SUFFIXES.length - BINARY_SUFFIXES.indexOf(suffix));
  const unit = 10n ** BigInt(NANO_DIGITS);
  if (scaled < 1024n * unit) return decimal(scaled, "");
  if (scaled % unit !== 0n) return undefined;
  const value = scaled / unit;
  const powers = BINARY_SUFFIXES.map((name, index) => [name, 1024n ** BigInt(BINARY_SUFFIXES.length - index)] as const);
  const [name = "", size = 1n] = powers.find(([, size]) => value % size === 0n) ?? [];
  return `${value / size}${name}`;
}

function decimal(nanos: bigint, suffix: string): string | undefined {
  if (/^[eE]./.test(suffix)) return undefined;
  const power = DECIMAL_SUFFIXES.find(([name]) => name === suffix)?.[1] ?? 0;
  const scale = 10n ** BigInt(Math.abs(power));
  if (power < 0 && nanos % scale !== 0n) return undefined;
  const value = power < 0 ? nanos / scale : nanos * scale;
  if (value === 0n) return "0";
  const [name, size] = DECIMAL_SUFFIXES.map(([name, power]) => [name, 10n ** BigInt(power + NANO_DIGITS)] as const).find(
    ([, size]) => value % size === 0n,
  ) ?? ["n", 1n];
  return `${value / size}${name}`;
}
