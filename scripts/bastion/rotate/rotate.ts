import { setTimeout as sleep } from "node:timers/promises";
import { CommandFailure, failed } from "../command-failure.ts";
import { deploy } from "../deploy/deploy.ts";
import { findProject } from "../project.ts";
import { readStackWithKeys } from "../stack-description.ts";
import type { Terminal } from "../terminal.ts";
import { askForEvidence } from "./ask-for-evidence.ts";
import { changeCustomer, findCustomer, readCustomer } from "./customer-on-disk.ts";
import { noEvidence } from "./evidence.ts";
import { Stage } from "./locate-rotation.ts";
import { Outcome, type Rotated } from "./outcome.ts";
import { planRotation, type Step, type Wish } from "./plan-rotation.ts";
import { lookAtRotation, type Subject } from "./rotation.ts";

export interface RotateOptions {
  readonly stack: string | undefined;
  readonly subject: Subject;
  readonly wish: Wish;
  readonly isForced: boolean;
  /** Private key of an operator, where it is not in the stack. */
  readonly identity: string | undefined;
  /** Whether to stay until the rotation can be finished. */
  readonly waits: boolean;
  /** Asked before anything is changed; throws where that is not wanted. */
  readonly confirm: (what: string) => Promise<void>;
}

const POLL_MS = 3000;

/** What is asked about before it is done. */
const QUESTIONS: Readonly<Record<Exclude<Step["kind"], "wait" | "nothing" | "refuse">, (title: string) => string>> = {
  begin: (title) => `This has ${title} get new keys, beside those that are in use, and deploys it.`,
  deploy: (title) => `This deploys the change of ${title} that is in the customer's file already.`,
  finish: (title) => `This drops the old keys of ${title}, and deploys it.`,
  abandon: (title) => `This drops the new keys of ${title}, and deploys it.`,
};

/**
 * Does of a rotation what can be done now. All it knows is in the customer's file and in the stack: after an interruption at
 * whatever point the same call goes on.
 *
 * @throws CommandFailure where something speaks against it, or the engine failed.
 */
export async function rotate(terminal: Terminal, options: RotateOptions): Promise<Rotated> {
  const { subject, wish, isForced } = options;
  const project = findProject(terminal.folder);
  let told = "";
  for (;;) {
    const deployed = await readStackWithKeys(terminal, options.stack);
    const { stack, bastion } = deployed.description;
    const customer = readCustomer(project, findCustomer(project, stack));
    const rotation = lookAtRotation(subject, customer.file, bastion, Date.now());
    const evidence =
      rotation.stage === Stage.Changing
        ? await askForEvidence(terminal, deployed, rotation, options)
        : noEvidence("nothing is to be known yet");
    const step = planRotation({ ...rotation, wish, isForced, evidence });
    const end = (outcome: Outcome, reasons: readonly string[] = []): Rotated => {
      const { title, isGenerated } = rotation;
      return { stack, subject, title, isGenerated, outcome, reasons };
    };
    switch (step.kind) {
      case "refuse":
        throw failed(`${rotation.title}: ${step.reason}`);
      case "nothing":
        return end(Outcome.Nothing, [step.reason]);
      case "wait": {
        if (!options.waits) return end(Outcome.Waiting, step.reasons);
        const text = step.reasons.join("; ");
        if (text !== told) process.stderr.write(`  waiting: ${text}\n`);
        told = text;
        await pause(terminal.interruption);
        break;
      }
      default: {
        await options.confirm(QUESTIONS[step.kind](rotation.title));
        if (step.kind !== "deploy") await changeCustomer(customer, rotation.edits[step.kind], terminal.interruption);
        await deploy(terminal, "up", { name: stack });
        const outcome = outcomeOf(step.kind, rotation.stage);
        if (outcome !== Outcome.Begun || !options.waits) return end(outcome);
      }
    }
  }
}

function outcomeOf(kind: "begin" | "deploy" | "finish" | "abandon", stage: Stage): Outcome {
  if (kind === "begin" || stage === Stage.Beginning) return kind === "abandon" ? Outcome.Abandoned : Outcome.Begun;
  if (kind === "deploy") return stage === Stage.Finishing ? Outcome.Finished : Outcome.Abandoned;
  return kind === "finish" ? Outcome.Finished : Outcome.Abandoned;
}

async function pause(interruption: AbortSignal): Promise<void> {
  await sleep(POLL_MS, undefined, { signal: interruption }).catch(() => {});
  if (!interruption.aborted) return;
  const { reason } = interruption;
  throw reason instanceof CommandFailure
    ? new CommandFailure(reason.exitCode, `${reason.message}; nothing is lost, and the same command goes on waiting`)
    : reason;
}
