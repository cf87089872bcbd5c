import { resolve } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { runProgram } from "./support/processes.ts";

const PROGRAMS = resolve(import.meta.dirname, "../../components/host/programs");
const PODS = 1_000;
const GOAL_MS = 50;

/** What discovery costs each login at a jump host, when nothing has to be looked up. */
export const jump: Benchmark = {
  name: "jump",
  about: `the key command of a jump host into ${PODS} workload pods, with a key of its cache, against a bare start of Python`,
  comparisons: [{ metric: "time", unit: "ms", subject: "key command", baseline: "bare Python", goal: { subjectAtMost: GOAL_MS } }],

  async prepare(site) {
    return {
      "key command": () => runProgram(site, "key_command.py", PROGRAMS, `${PODS}`),
      "bare Python": () => runProgram(site, "key_command.py", PROGRAMS, "0"),
    };
  },
};
