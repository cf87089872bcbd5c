import type { Benchmark, Comparison, Goal, Run } from "./benchmark.ts";
import { type Summary, summarize } from "./statistics.ts";

/** A comparison with its figures. */
export interface ComparedFigures extends Comparison {
  readonly benchmark: string;
  readonly subjectSamples: readonly number[];
  readonly baselineSamples: readonly number[];
  /** Subject divided by baseline, of one run each. */
  readonly ratio: Summary;
  /** Whether the median meets the goal, where there is one. */
  readonly isGoalMet?: boolean;
}

export function compare(benchmark: Benchmark, runs: readonly Run[]): ComparedFigures[] {
  return benchmark.comparisons.map((comparison) => {
    const { metric, subject, baseline, goal } = comparison;
    const subjectSamples = samplesOf(runs, subject, metric);
    const baselineSamples = samplesOf(runs, baseline, metric);
    const ratio = summarize(runs.map((run) => figureOf(run, subject, metric) / figureOf(run, baseline, metric)));
    return {
      benchmark: benchmark.name,
      ...comparison,
      subjectSamples,
      baselineSamples,
      ratio,
      ...(goal === undefined ? {} : { isGoalMet: isMet(goal, ratio.median, summarize(subjectSamples).median) }),
    };
  });
}

/** The figures of one candidate, one for each run. */
export function samplesOf(runs: readonly Run[], candidate: string, metric: string): number[] {
  return runs.map((run) => figureOf(run, candidate, metric));
}

function figureOf(run: Run, candidate: string, metric: string): number {
  const figure = run[candidate]?.[metric];
  if (figure === undefined) throw new RangeError(`${candidate}: no ${metric} was measured`);
  return figure;
}

function isMet(goal: Goal, ratio: number, subject: number): boolean {
  if ("subjectAtMost" in goal) return subject <= goal.subjectAtMost;
  return "atMost" in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
}
