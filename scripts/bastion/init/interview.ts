import type { Ask } from "../line-reader.ts";
import { type Answers, EXAMPLE_ANSWERS, PLACEMENTS } from "./answers.ts";
import { checkAnswers } from "./check-answers.ts";
import { TARGETS } from "./customer-draft.ts";
import type { ReadFile } from "./parse-answers.ts";

export interface Interviewer {
  readonly ask: Ask;
  /** Says to the person why an answer will not do. */
  readonly explain: (reason: string) => void;
  readonly readFile: ReadFile;
  /** Why a name cannot be taken, beside its form: its file exists. */
  readonly checkName: (name: string) => string | undefined;
}

interface Question {
  readonly text: string;
  /** What an empty answer means. */
  readonly standard?: string;
  /** What an empty answer does, in words. */
  readonly otherwise?: string;
}

/**
 * Asks a person for everything a new customer's file needs, one question a line. An answer that will not do is
 * explained, and asked for again.
 */
export async function interview(interviewer: Interviewer, given: string | undefined): Promise<Answers> {
  let answers: Answers = EXAMPLE_ANSWERS;

  /** Asks until what the answer makes of all others is right. */
  const settle = async (question: Question, answersWith: (answer: string) => Answers): Promise<string> => {
    for (;;) {
      const answer = await askOnce(interviewer.ask, question);
      const reasons = problemsOf(interviewer, answersWith(answer));
      if (reasons.length === 0) {
        answers = answersWith(answer);
        return answer;
      }
      for (const reason of reasons) interviewer.explain(reason);
    }
  };

  if (given === undefined) await settle({ text: "Name of the customer" }, (name) => ({ ...answers, name }));
  else answers = { ...answers, name: given };
  await settle({ text: `Target (${TARGETS.join(", ")})`, standard: "local" }, (target) => ({ ...answers, target, ...examplesFor(target) }));
  for (const { setting, targets, isRequired, question } of PLACEMENTS) {
    if (!targets.some((target) => target === answers.target)) continue;
    await settle({ text: question, ...(isRequired ? {} : { otherwise: "none" }) }, (answer) => ({
      ...answers,
      [setting]: answer === "" && !isRequired ? undefined : answer,
    }));
  }
  await settle({ text: "CIDR blocks that may reach sshd, such as 198.51.100.0/24" }, (blocks) => ({
    ...answers,
    clientCidrs: listOf(blocks),
  }));
  await settle({ text: "CIDR blocks that may reach bind ports, such as 10.20.0.0/16" }, (blocks) => ({
    ...answers,
    consumerCidrs: listOf(blocks),
  }));
  await askForTunnels();
  await askForClients();
  return answers;

  async function askForTunnels(): Promise<void> {
    for (let earlier: readonly string[] = []; ; earlier = answers.tunnels) {
      const first = earlier.length === 0;
      const name = await settle(
        first ? { text: "Name of a tunnel", standard: "orders" } : { text: "Another tunnel", otherwise: "none" },
        (answer) => (answer === "" ? answers : { ...answers, tunnels: [...earlier, `${answer}=data-source:1`] }),
      );
      if (name === "") return;
      const destination = await settle({ text: `Data source of ${name}, host:port as the customer's agent sees it` }, (answer) => ({
        ...answers,
        tunnels: [...earlier, `${name}=${answer}`],
      }));
      await settle({ text: `Bind port of ${name}`, otherwise: "allocated" }, (answer) => ({
        ...answers,
        tunnels: [...earlier, answer === "" ? `${name}=${destination}` : `${name}=${destination}@${answer}`],
      }));
    }
  }

  async function askForClients(): Promise<void> {
    for (let earlier: readonly string[] = []; ; earlier = answers.clients) {
      const first = earlier.length === 0;
      const name = await settle(
        first ? { text: "Name of a client", standard: "dc1" } : { text: "Another client", otherwise: "none" },
        (answer) => (answer === "" ? answers : { ...answers, clients: [...earlier, answer] }),
      );
      if (name === "") return;
      await settle({ text: `File with the public key of ${name}`, otherwise: "have a key made" }, (answer) => ({
        ...answers,
        clients: [...earlier, answer === "" ? name : `${name}=${answer}`],
      }));
    }
  }
}

async function askOnce(ask: Ask, { text, standard, otherwise }: Question): Promise<string> {
  const brackets = standard ?? otherwise;
  const answer = await ask(`${text}${brackets === undefined ? "" : ` [${brackets}]`}: `);
  return answer === "" ? (standard ?? "") : answer;
}

/** What stands for the settings of a target until they have been asked for. */
function examplesFor(target: string): Partial<Answers> {
  const required = PLACEMENTS.filter(({ targets, isRequired }) => isRequired && targets.some((known) => known === target));
  return Object.fromEntries(required.map(({ setting, example }) => [setting, example]));
}

function problemsOf({ readFile, checkName }: Interviewer, answers: Answers): string[] {
  const taken = checkName(`${answers.name}`);
  return [...checkAnswers(answers, readFile).problems.map(({ reason }) => reason), ...(taken === undefined ? [] : [taken])];
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
