import type { Benchmark } from "./benchmark.ts";
import type { Site } from "./support/site.ts";

/** Samples by candidate and metric, in the order of the runs. */
export type Samples = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** Measures the candidates of a benchmark in turn (A, B, A, B, …), after one round that does not count. */
export async function measure(benchmark: Benchmark, site: Site, runs: number): Promise<Samples> {
  const candidates = Object.entries(await benchmark.prepare(site));
  const samples: Record<string, Record<string, number[]>> = {};
  for (let run = 0; run <= runs; run += 1) {
    site.progress(`${benchmark.name}: ${run === 0 ? "warming up" : `run ${run} of ${runs}`}`);
    for (const [candidate, measureOnce] of candidates) {
      site.checkpoint();
      const figures = await measureOnce();
      if (run === 0) continue;
      const taken = (samples[candidate] ??= {});
      for (const [metric, figure] of Object.entries(figures)) (taken[metric] ??= []).push(figure);
    }
  }
  return samples;
}
