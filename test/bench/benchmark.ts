import type { Site } from "./support/site.ts";

/** Something that is measured beside a baseline. */
export interface Benchmark {
  readonly name: string;
  /** What is measured, in one sentence. */
  readonly about: string;
  readonly comparisons: readonly Comparison[];
  /** What is missing here to measure it, as the end of a sentence; `undefined` where nothing is. */
  readonly skipReason?: string | undefined;
  /** What a reader has to know to judge the figures. */
  note?(runs: readonly Run[]): string;
  /** Sets up what is needed. Everything it starts is ended with the site. */
  prepare(site: Site): Promise<Readonly<Record<string, () => Promise<Figures>>>>;
}

/** What one measurement of one candidate gives: a figure for each metric. */
export type Figures = Readonly<Record<string, number>>;

/** One round: what was measured of each candidate. */
export type Run = Readonly<Record<string, Figures>>;

/** Two candidates that stand in one line of the table. */
export interface Comparison {
  readonly metric: string;
  readonly unit: string;
  readonly subject: string;
  readonly baseline: string;
  /** What is meant to be reached; nothing fails when it is not. */
  readonly goal?: Goal | undefined;
}

/** For the ratio of subject to baseline, or for the subject's own figure. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number } | { readonly subjectAtMost: number };
