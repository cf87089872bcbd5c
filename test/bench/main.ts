import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { bulk } from "./bulk.ts";
import { type ComparedFigures, compare } from "./compare.ts";
import { readConditions, renderConditions } from "./conditions.ts";
import { connect } from "./connect.ts";
import { measure } from "./measure.ts";
import { preview } from "./preview.ts";
import { spec } from "./spec.ts";
import { Site } from "./support/site.ts";
import { renderTable } from "./table.ts";

const BENCHMARKS: readonly Benchmark[] = [preview, bulk, connect, spec];

const HELP = `Usage: npm run bench [-- OPTIONS]

Measures, each beside a baseline in the same run:
${BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(8)} ${about}\n`).join("")}
  --only NAME   this one only; may be given several times
  --runs N      runs of each (default 5), after one that does not count
  --json        print the figures of all runs as JSON instead of a table
  --help        this text

Goals are shown beside the figures and never decide about the exit code: machines differ, and so does what else they do.
`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: BENCHMARKS.map(({ name }) => name) },
    runs: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const runs = Number(options.runs);
const unknown = options.only.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
if (options.help) process.stdout.write(HELP);
else if (unknown !== undefined) refuse(`--only ${unknown}: there is no such benchmark`);
else if (!Number.isInteger(runs) || runs < 1) refuse(`--runs ${options.runs}: expected a whole number from 1`);
else await runBenchmarks(BENCHMARKS.filter(({ name }) => options.only.includes(name)));

function refuse(reason: string): void {
  process.stderr.write(`${reason}\n\n${HELP}`);
  process.exitCode = 2;
}

async function runBenchmarks(benchmarks: readonly Benchmark[]): Promise<void> {
  const conditions = readConditions();
  const figures: ComparedFigures[] = [];
  const site = await Site.open();
  try {
    for (const benchmark of benchmarks) figures.push(...compare(benchmark, await measure(benchmark, site, runs)));
  } catch (error) {
    process.stderr.write(`${site.interruptedBy === undefined ? `failed: ${error}` : `interrupted by ${site.interruptedBy}`}\n`);
    process.exitCode = site.interruptedBy === undefined ? 1 : 130;
  } finally {
    await site.close();
  }
  if (figures.length === 0) return;
  if (options.json) process.stdout.write(`${JSON.stringify({ conditions, runs, figures }, undefined, 2)}\n`);
  else {
    const notes = benchmarks.flatMap(({ note }) => (note === undefined ? [] : [note]));
    process.stdout.write(`\n${renderConditions(conditions)}\nFigures of ${runs} runs\n${notes.join("\n")}\n\n${renderTable(figures)}`);
  }
}
