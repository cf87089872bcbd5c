import { constants } from "node:os";
import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { boot } from "./boot.ts";
import { bulk } from "./bulk.ts";
import { type ComparedFigures, compare } from "./compare.ts";
import { readConditions, renderConditions } from "./conditions.ts";
import { connect } from "./connect.ts";
import { jump } from "./jump.ts";
import { keys } from "./keys.ts";
import { measure } from "./measure.ts";
import { preview } from "./preview.ts";
import { spec } from "./spec.ts";
import { Site } from "./support/site.ts";
import { renderTable } from "./table.ts";

const BENCHMARKS: readonly Benchmark[] = [preview, bulk, connect, spec, keys, jump, boot];

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
  const notes: string[] = [];
  const site = await Site.open();
  try {
    for (const benchmark of benchmarks) {
      if (benchmark.skipReason !== undefined) {
        notes.push(`${benchmark.name}: skipped, since it ${benchmark.skipReason}`);
        continue;
      }
      const measured = await measure(benchmark, site, runs);
      figures.push(...compare(benchmark, measured));
      if (benchmark.note !== undefined) notes.push(`${benchmark.name}: ${benchmark.note(measured)}`);
    }
  } catch (error) {
    const { interruptedBy } = site;
    process.stderr.write(`${interruptedBy === undefined ? `failed: ${error}` : `interrupted by ${interruptedBy}`}\n`);
    process.exitCode = interruptedBy === undefined ? 1 : 128 + constants.signals[interruptedBy];
  } finally {
    await site.close();
  }
  if (figures.length === 0 && notes.length === 0) return;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ conditions, runs, figures, notes }, undefined, 2)}\n`
      : `\n${[renderConditions(conditions), ...notes].join("\n")}\n${figures.length === 0 ? "" : `\n${renderTable(figures)}`}`,
  );
}
