import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";

/** What the engine is asked to do with a stack. */
export type Operation = "up" | "preview" | "destroy";

/** How many resources something is done to, by what is done: `{ create: 9, same: 2 }`. */
export type Changes = Readonly<Partial<Record<OpType, number>>>;

interface StepWords {
  readonly planned: string;
  readonly running: string;
  readonly done: string;
}

/** What a person reads of each step. Steps that are not here do nothing that anybody sees. */
const STEPS: Readonly<Partial<Record<OpType, StepWords>>> = {
  create: { planned: "to create", running: "creating", done: "created" },
  update: { planned: "to update", running: "updating", done: "updated" },
  delete: { planned: "to delete", running: "deleting", done: "deleted" },
  "create-replacement": { planned: "to replace", running: "replacing", done: "replaced" },
  "delete-replaced": { planned: "to delete (replaced)", running: "deleting the replaced", done: "deleted the replaced" },
  import: { planned: "to import", running: "importing", done: "imported" },
  refresh: { planned: "to refresh", running: "refreshing", done: "refreshed" },
};

const SUMMARY: readonly (readonly [OpType, keyof StepWords | "unchanged"])[] = [
  ["create", "done"],
  ["update", "done"],
  ["create-replacement", "done"],
  ["import", "done"],
  ["delete", "done"],
  ["same", "unchanged"],
];

/** How a diagnostic begins. Others are for those who debug the engine. */
const SEVERITY_LABELS: Readonly<Record<string, string>> = { info: "", "info#err": "", warning: "warning: ", error: "error: " };

/** A line of progress. */
export interface ProgressLine {
  readonly kind: "started" | "done" | "planned" | "failed" | "diagnostic";
  readonly text: string;
}

interface RunningStep {
  readonly words: StepWords;
  /** Whether something outside is worked on. A component is only made of others, and ends with them. */
  readonly isCustom: boolean;
  readonly resource: string;
  readonly startedAtMs: number;
}

/** Follows what the engine does, event by event, and puts it in words. */
export class Progress {
  readonly #operation: Operation;
  readonly #startedAtMs: number;
  readonly #running = new Map<string, RunningStep>();
  #finished = 0;
  #changes: Changes = {};

  /** @param nowMs time of a clock that only goes forward, as everywhere here. */
  constructor(operation: Operation, nowMs: number) {
    this.#operation = operation;
    this.#startedAtMs = nowMs;
  }

  /** Takes the next event, and gives what there is to say about it. */
  take(event: EngineEvent, nowMs: number): ProgressLine[] {
    if (event.summaryEvent !== undefined) this.#changes = event.summaryEvent.resourceChanges;
    if (event.diagnosticEvent !== undefined) return describeDiagnostic(event.diagnosticEvent);
    if (event.resourcePreEvent !== undefined) return this.#start(event.resourcePreEvent.metadata, nowMs);
    if (event.resOutputsEvent !== undefined) return this.#finish(event.resOutputsEvent.metadata, nowMs, "done");
    if (event.resOpFailedEvent !== undefined) return this.#finish(event.resOpFailedEvent.metadata, nowMs, "failed");
    return [];
  }

  /** What is being done right now, for one live line. */
  describeNow(nowMs: number): string {
    return [
      this.unfinished.join(", ") || "waiting for the engine",
      `${this.#finished} done`,
      renderSeconds(nowMs - this.#startedAtMs),
    ].join(" · ");
  }

  /** Resources with which something was begun and has not ended. */
  get unfinished(): readonly string[] {
    const steps = [...this.#running.values()].filter(({ isCustom }) => isCustom);
    return steps.map(({ words, resource }) => `${words.running} ${resource}`);
  }

  /** How many resources have been changed so far. */
  get finished(): number {
    return this.#finished;
  }

  /** What the engine says at its end. */
  get changes(): Changes {
    return this.#changes;
  }

  #start({ op, urn, old, new: wanted }: StepEventMetadata, nowMs: number): ProgressLine[] {
    const words = STEPS[op];
    if (words === undefined || isDefaultProvider(urn)) return [];
    const resource = describeResource(urn);
    if (this.#operation === "preview") return [{ kind: "planned", text: `${words.planned} ${resource}` }];
    this.#running.set(`${op} ${urn}`, { words, resource, isCustom: (wanted ?? old)?.custom === true, startedAtMs: nowMs });
    return [{ kind: "started", text: `${words.running} ${resource}` }];
  }

  #finish({ op, urn }: StepEventMetadata, nowMs: number, kind: "done" | "failed"): ProgressLine[] {
    const step = this.#running.get(`${op} ${urn}`);
    if (step === undefined || !this.#running.delete(`${op} ${urn}`)) return [];
    const time = renderSeconds(nowMs - step.startedAtMs);
    if (kind === "failed") return [{ kind, text: `failed at ${step.words.running} ${step.resource} (${time})` }];
    this.#finished += 1;
    return [{ kind, text: `${step.words.done} ${step.resource} (${this.#finished} done, ${time})` }];
  }
}

/** Renders how much was changed, or would be: `9 created, 2 unchanged`. */
export function renderChanges(changes: Changes, operation: Operation): string {
  const counts = SUMMARY.flatMap(([op, words]) => {
    const count = changes[op] ?? 0;
    if (count === 0) return [];
    const tense = operation === "preview" && words !== "unchanged" ? "planned" : words;
    return [`${count} ${tense === "unchanged" ? tense : STEPS[op]?.[tense]}`];
  });
  return counts.join(", ") || "nothing to do";
}

/** Renders a time: `0.4 s`, `12 s`, `3 min 5 s`. */
export function renderSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function describeDiagnostic({ message, severity, urn, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): ProgressLine[] {
  const text = toPlainText(message).trimEnd();
  const label = SEVERITY_LABELS[severity];
  if (label === undefined || ephemeral || text === "") return [];
  return [{ kind: "diagnostic", text: `${label}${urn ? `${describeResource(urn)}: ` : ""}${text}` }];
}

/** The engine makes these for itself, and does not count them. */
function isDefaultProvider(urn: string): boolean {
  return /::pulumi:providers:[^:]+::default(?:_|$)/.test(urn);
}

/** The last part of the type, and the name: `Sshd acme-sshd`. */
function describeResource(urn: string): string {
  const [, , types = "", ...name] = urn.slice("urn:pulumi:".length).split("::");
  const type = types.slice(types.lastIndexOf(":") + 1);
  return toPlainText(`${type} ${name.join("::")}`);
}

/** Takes out the engine's marks for colours, and what would draw on the terminal. */
function toPlainText(text: string): string {
  return text.replaceAll(/<\{%.*?%\}>/g, "").replaceAll(/(?![\n\t])\p{Cc}/gu, "");
}
