import type { Benchmark, Figures, Run } from "./benchmark.ts";
import type { Site } from "./support/site.ts";

/** Measures the candidates of a benchmark in turn (A, B, A, B, …), after one round that does not count. */
export async function measure(benchmark: Benchmark, site: Site, runs: number): Promise<readonly Run[]> {
  const candidates = Object.entries(await benchmark.prepare(site));
  const rounds: Run[] = [];
  for (let round = 0; round <= runs; round += 1) {
    site.progress(`${benchmark.name}: ${round === 0 ? "warming up" : `run ${round} of ${runs}`}`);
    const figures: Record<string, Figures> = {};
    for (const [candidate, measureOnce] of candidates) {
      await site.checkpoint();
      figures[candidate] = await measureOnce();
    }
    rounds.push(figures);
  }
  return rounds.slice(1);
}
