import type { Goal } from "./benchmark.ts";
import type { ComparedFigures } from "./compare.ts";
import { type Summary, summarize } from "./statistics.ts";

const HEADER = ["benchmark", "measured", "min/median/max", "baseline", "min/median/max", "ratio min/median/max", "goal"];

/** Renders figures as a table, one line for each comparison. */
export function renderTable(figures: readonly ComparedFigures[]): string {
  const rows = [HEADER, ...figures.map(renderRow)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function renderRow(figures: ComparedFigures): string[] {
  const { benchmark, metric, unit, subject, baseline, subjectSamples, baselineSamples, ratio } = figures;
  return [
    `${benchmark}, ${metric}`,
    subject,
    `${renderSummary(summarize(subjectSamples))} ${unit}`,
    baseline,
    `${renderSummary(summarize(baselineSamples))} ${unit}`,
    `${renderSummary(ratio)} ×`,
    figures.goal === undefined ? "" : `${renderGoal(figures.goal, unit)}: ${figures.isGoalMet ? "met" : "MISSED"}`,
  ];
}

function renderGoal(goal: Goal, unit: string): string {
  if ("subjectAtMost" in goal) return `≤ ${goal.subjectAtMost} ${unit}`;
  return "atMost" in goal ? `≤ ${goal.atMost} ×` : `≥ ${goal.atLeast} ×`;
}

function renderSummary({ min, median, max }: Summary): string {
  return [min, median, max].map(renderFigure).join("/");
}

/** Three digits that count. */
function renderFigure(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
}
