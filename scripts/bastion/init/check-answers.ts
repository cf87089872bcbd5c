import { InvalidInputError, type Problem, quoteForMessage } from "../../../components/core/problem.ts";
import { parseCustomer } from "../../../stacks/parse-customer.ts";
import { type Answers, EXAMPLE_ANSWERS, PLACEMENTS } from "./answers.ts";
import { type CustomerDraft, type PlacementDraft, TARGETS, type Target } from "./customer-draft.ts";
import { parseClient, parseExposure, parseTunnel, type ReadFile, UnreadableAnswer } from "./parse-answers.ts";
import { renderCustomer } from "./render-customer.ts";

export interface CheckedAnswers {
  readonly draft: CustomerDraft;
  /** Everything that is wrong, each at the option by which it was said: `--tunnel orders`. */
  readonly problems: readonly Problem[];
}

/**
 * Makes a customer's file of answers, and checks it as `bastion up` will. What is missing or cannot be read is
 * reported, and an example stands for it while the rest is checked.
 */
export function checkAnswers(answers: Answers, readFile: ReadFile): CheckedAnswers {
  const problems: Problem[] = [];
  const tryTo = <T>(path: string, parse: () => T, example: T): T => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      problems.push({ path, reason: error.message });
      return example;
    }
  };
  const target = tryTo("--target", () => parseTarget(answers.target), "local");
  const all = withExamples(answers, target, problems);
  const draft: CustomerDraft = {
    customer: `${all.name}`,
    target,
    ...placementOf(target, all, (text) => tryTo("--exposure", () => parseExposure(text), { kind: "none" })),
    clientCidrs: all.clientCidrs,
    consumerCidrs: all.consumerCidrs,
    tunnels: all.tunnels.map((text, index) =>
      tryTo("--tunnel", () => parseTunnel(text), { name: `unreadable-${index}`, destination: "unreadable:1" }),
    ),
    clients: all.clients.map((text, index) =>
      tryTo("--client", () => parseClient(text, readFile), { name: `unreadable-${index}`, generateKey: "ed25519" }),
    ),
  };
  return { draft, problems: [...problems, ...checkDraft(draft)] };
}

function parseTarget(target: string | undefined): Target {
  const found = TARGETS.find((known) => known === target);
  if (found !== undefined) return found;
  const got = target === undefined ? "is missing" : `got ${quoteForMessage(target)}`;
  throw new UnreadableAnswer(`${got}; allowed is ${TARGETS.join(", ")}`);
}

const MISSING = {
  name: { option: "NAME", reason: "is missing; name the customer: the file and the stack are called so" },
  clientCidrs: { option: "--client-cidr", reason: 'is missing; name the CIDR blocks that may reach sshd, such as "198.51.100.0/24"' },
  consumerCidrs: {
    option: "--consumer-cidr",
    reason: 'is missing; name the CIDR blocks that may reach bind ports, such as "10.20.0.0/16"',
  },
  tunnels: { option: "--tunnel", reason: "is missing; name a data source, such as orders=orders-db.internal:5432" },
  clients: { option: "--client", reason: "is missing; name who opens the tunnels, such as dc1" },
} as const satisfies Partial<Record<keyof Answers, { readonly option: string; readonly reason: string }>>;

function withExamples(answers: Answers, target: Target, problems: Problem[]): Answers {
  const all: { -readonly [K in keyof Answers]: Answers[K] } = { ...answers };
  for (const [field, { option, reason }] of Object.entries(MISSING)) {
    const key = field as keyof typeof MISSING;
    if (answers[key] !== undefined && answers[key].length > 0) continue;
    problems.push({ path: option, reason });
    Object.assign(all, { [key]: EXAMPLE_ANSWERS[key] });
  }
  for (const { setting, targets, isRequired, example } of PLACEMENTS) {
    const isOfTarget = targets.includes(target);
    if (answers[setting] !== undefined && !isOfTarget)
      problems.push({
        path: `--${setting}`,
        reason: `goes with the target ${targets.join(" and ")}, and this one is ${target}; leave it out`,
      });
    if (answers[setting] !== undefined || !isOfTarget || !isRequired) continue;
    problems.push({ path: `--${setting}`, reason: `is missing; the target ${target} needs it, such as ${example}` });
    all[setting] = example;
  }
  return all;
}

function placementOf(target: Target, answers: Answers, readExposure: (text: string) => ReturnType<typeof parseExposure>): PlacementDraft {
  const { region, zone = "", location = "", namespace = "", image = "", exposure = "", host } = answers;
  const named = host === undefined ? {} : { host };
  switch (target) {
    case "aws":
      return region === undefined ? {} : { aws: { region } };
    case "gcp":
      return { gcp: { zone } };
    case "azure":
      return { azure: { location } };
    case "kubernetes":
      return { kubernetes: { namespace, image, exposure: readExposure(exposure), ...named } };
    case "local":
      return host === undefined ? {} : { local: named };
  }
}

function checkDraft(draft: CustomerDraft): Problem[] {
  try {
    parseCustomer(renderCustomer(draft), "new");
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems.map(({ path, reason }) => ({ path: optionOf(path.replace(/^new:\d+ ?/, ""), draft), reason }));
  }
}

const OPTIONS: readonly (readonly [RegExp, string])[] = [
  [/^customer$/, "NAME"],
  [/^clientCidrs\b/, "--client-cidr"],
  [/^consumerCidrs\b/, "--consumer-cidr"],
  [/^tunnels$/, "--tunnel"],
  [/^clients$/, "--client"],
  [/^\w+\.(region|zone|location|namespace|image|exposure|host)\b/, "--$1"],
];

/** The option by which was said what stands at a place of the file. */
function optionOf(path: string, { tunnels, clients }: CustomerDraft): string {
  const element = /^(?<list>tunnels|clients)\[(?<index>\d+)\]/.exec(path)?.groups;
  if (element !== undefined) {
    const { list, index } = element;
    const { name } = (list === "tunnels" ? tunnels : clients)[Number(index)] ?? { name: "" };
    return `--${list === "tunnels" ? "tunnel" : "client"} ${quoteForMessage(name).replaceAll('"', "")}`;
  }
  for (const [pattern, option] of OPTIONS) {
    const match = pattern.exec(path);
    if (match !== null) return match[0].replace(pattern, option);
  }
  return path;
}
