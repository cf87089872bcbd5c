/** What is told of the samples of several runs. */
export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function summarize(samples: readonly number[]): Summary {
  return { min: Math.min(...samples), median: percentile(samples, 50), max: Math.max(...samples) };
}

/** The value that `percent` of the samples do not exceed; between two samples, what lies on the line that joins them. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (below === undefined || above === undefined) throw new RangeError("no samples");
  return below + (above - below) * (at - Math.floor(at));
}
