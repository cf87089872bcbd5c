import type { Benchmark, Comparison, Goal } from "./benchmark.ts";
import type { Run } from "./measure.ts";
import { type Summary, summarize } from "./statistics.ts";

/** A comparison with its figures. */
export interface ComparedFigures extends Comparison {
  readonly benchmark: string;
  readonly subjectSamples: readonly number[];
  readonly baselineSamples: readonly number[];
  /** Subject divided by baseline, of one run each. */
  readonly ratio: Summary;
  /** Whether the median ratio meets the goal, where there is one. */
  readonly isGoalMet?: boolean;
}

export function compare(benchmark: Benchmark, runs: readonly Run[]): ComparedFigures[] {
  return benchmark.comparisons.map((comparison) => {
    const samplesOf = (candidate: string) => runs.map((run) => run[candidate]?.[comparison.metric] ?? Number.NaN);
    const subjectSamples = samplesOf(comparison.subject);
    const baselineSamples = samplesOf(comparison.baseline);
    const ratio = summarize(subjectSamples.map((sample, run) => sample / (baselineSamples[run] ?? Number.NaN)));
    const { goal } = comparison;
    return {
      benchmark: benchmark.name,
      ...comparison,
      subjectSamples,
      baselineSamples,
      ratio,
      ...(goal === undefined ? {} : { isGoalMet: isMet(goal, ratio.median) }),
    };
  });
}

function isMet(goal: Goal, ratio: number): boolean {
  return "atMost" in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
}
