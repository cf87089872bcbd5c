import type { Benchmark, Figures } from "./benchmark.ts";
import type { Site } from "./support/site.ts";

/** One round: what was measured of each candidate. */
export type Run = Readonly<Record<string, Figures>>;

/** Measures the candidates of a benchmark in turn (A, B, A, B, …), after one round that does not count. */
export async function measure(benchmark: Benchmark, site: Site, runs: number): Promise<readonly Run[]> {
  const candidates = Object.entries(await benchmark.prepare(site));
  const rounds: Run[] = [];
  for (let round = 0; round <= runs; round += 1) {
    site.progress(`${benchmark.name}: ${round === 0 ? "warming up" : `run ${round} of ${runs}`}`);
    const figures: Record<string, Figures> = {};
    for (const [candidate, measureOnce] of candidates) {
      site.checkpoint();
      figures[candidate] = await measureOnce();
    }
    rounds.push(figures);
  }
  return rounds.slice(1);
}
