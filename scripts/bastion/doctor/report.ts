import { DOCTOR_EXIT_CODES, type Side } from "../../../components/kit/doctor/diagnosis.ts";
import { PLATFORM_DIAGNOSES, type PlatformDiagnosis } from "../../../components/kit/doctor/platform-diagnoses.ts";
import { renderTable } from "../table.ts";
import type { Emphasize } from "../terminal.ts";

/** One thing that was looked at. */
export interface Check {
  readonly step: string;
  /** What it was looked at. */
  readonly subject: string;
  readonly result: "ok" | "failed" | "skipped";
  readonly seen: string;
  /** What is wrong, where it failed. */
  readonly diagnosis?: PlatformDiagnosis;
}

export interface DoctorReport {
  readonly stack: string;
  readonly checks: readonly Check[];
  readonly exitCode: number;
}

/**
 * Puts together what was looked at; the first fault decides what the command ends with.
 *
 * Who is not let in to sshd may be let in to the bind ports. Where one of those answers, sshd runs.
 */
export function concludeReport(stack: string, ssh: readonly Check[], tunnels: readonly Check[]): DoctorReport {
  const isUp = tunnels.some(({ result, diagnosis }) => result === "ok" || diagnosis === "data-source-down");
  const checks = [
    ...ssh.map((check) =>
      isUp && check.diagnosis === "connection-timeout"
        ? { ...withoutDiagnosis(check), result: "skipped" as const, seen: "this machine is not let in; a tunnel is up, so sshd runs" }
        : check,
    ),
    ...tunnels,
  ];
  const first = checks.find(({ diagnosis }) => diagnosis !== undefined)?.diagnosis;
  return { stack, checks, exitCode: first === undefined ? DOCTOR_EXIT_CODES.healthy : DOCTOR_EXIT_CODES[PLATFORM_DIAGNOSES[first].side] };
}

function withoutDiagnosis({ diagnosis: _diagnosis, ...check }: Check): Check {
  return check;
}

const MARKS = { ok: "ok", failed: "FAIL", skipped: "–" } as const;
const WHOSE: Readonly<Record<Side, string>> = {
  customer: "the customer's side",
  platform: "the platform's side",
  undecided: "either side: it cannot be told from here",
};

/** Renders a report for a person: a checklist, what each fault means, and a last line that says it all. */
export function renderReport({ stack, checks }: DoctorReport, emphasize: Emphasize): string {
  const list = renderTable(checks.map(({ step, subject, result, seen }) => [MARKS[result], step, subject, seen]));
  const faults = faultsOf(checks);
  const explained = faults.map(([name, { meaning, side, remedy }]) => {
    const title = emphasize("bold", name);
    return `\n${title}\n  It means:  ${meaning}\n  Whose:     ${WHOSE[side]}\n  To do:     ${remedy}\n`;
  });
  const conclusion =
    faults.length === 0
      ? emphasize("green", `${stack}: healthy`)
      : emphasize("red", `${stack}: ${faults.map(([name, { side }]) => `${name} (${WHOSE[side]})`).join(", ")}`);
  return `${list}${explained.join("")}\n${conclusion}\n`;
}

/** A report as plain data. */
export function describeReport({ stack, checks, exitCode }: DoctorReport) {
  const faults = faultsOf(checks).map(([diagnosis, { step, side, meaning, remedy }]) => ({ diagnosis, step, side, meaning, remedy }));
  return { stack, healthy: faults.length === 0, exitCode, checks, faults };
}

/** Each kind of fault once, in the order of the checks. */
function faultsOf(checks: readonly Check[]) {
  const names = new Set(checks.flatMap(({ diagnosis }) => diagnosis ?? []));
  return [...names].map((name) => [name, PLATFORM_DIAGNOSES[name]] as const);
}
