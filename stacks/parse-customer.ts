import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { checkBastion, type PartialSpec } from "../components/core/check-bastion.ts";
import { checkName } from "../components/core/name.ts";
import { InvalidInputError, type Problem, quoteForMessage } from "../components/core/problem.ts";
import { type CustomerFile, customerFileSchema } from "./customer-file.ts";

type Key = string | number;

/**
 * Reads a customer's file: YAML, then its shape, then what it means. All problems come at once, each with the line
 * it stands on; none of them repeats a key.
 *
 * @param file name of the file, for messages.
 * @throws InvalidInputError with paths such as `acme.yaml:12 clients[1].publicKeys[0]`.
 */
export function parseCustomer(text: string, file: string): CustomerFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0)
    throw new InvalidInputError(
      document.errors.map((error) => ({
        path: `${file}:${lines.linePos(error.pos[0]).line}`,
        // The rest of the message is an excerpt of the file, which may be a key.
        reason: `is not valid YAML: ${(error.message.split(" at line ")[0] ?? "").split("\n")[0]}`,
      })),
    );

  const content: unknown = document.toJS();
  const shape = customerFileSchema.safeParse(content);
  const misshapen = shape.success ? [] : shape.error.issues.flatMap(describeIssue);
  const rest = structuredClone(content) as PartialSpec & { customer?: string };
  for (const { keys } of misshapen) removeAt(rest, keys);

  const problems = [
    ...misshapen.map(({ keys, reason }) => ({ path: renderKeys(keys), reason })),
    ...checkCustomerName(rest),
    ...(isObject(content) ? checkBastion(rest) : []),
  ];
  if (problems.length > 0)
    throw new InvalidInputError(
      problems.map(({ path, reason }) => ({ path: [`${file}:${lineOf(path)}`, path].filter(Boolean).join(" "), reason })),
    );
  return shape.data as CustomerFile;

  /** The line of what a path leads to, or of the nearest thing around it that is there. */
  function lineOf(path: string): number {
    const keys = [...path.matchAll(/[^.[\]]+/g)].map(([key]) => (/^\d+$/.test(key) ? Number(key) : key));
    for (; keys.length > 0; keys.pop()) {
      const parent = document.getIn(keys.slice(0, -1), true);
      const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1)) : undefined;
      const node = isScalar(pair?.key) ? pair.key : (document.getIn(keys, true) as { range?: [number] } | undefined);
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

interface ShapeProblem {
  readonly keys: readonly Key[];
  readonly reason: string;
}

function describeIssue(issue: z.core.$ZodIssue): ShapeProblem[] {
  const keys = issue.path as Key[];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ keys: [...keys, key], reason: `is no field here; allowed is ${allowedFields(keys).join(", ")}` }));
    case "invalid_value":
      return [{ keys, reason: `${got(issue.input)}; allowed is ${issue.values.map(String).join(", ")}` }];
    case "invalid_type":
      return [
        {
          keys,
          reason:
            issue.input === undefined
              ? `is missing; expected ${article(issue.expected)}`
              : `${got(issue.input)}; expected ${article(issue.expected)}`,
        },
      ];
    default:
      return [{ keys, reason: issue.message }];
  }
}

/** What was given, unless it is a long text: that may be a key. */
function got(value: unknown): string {
  if (value === undefined) return "is missing";
  if (typeof value === "string" && value.length > 40) return `got a text of ${value.length} characters`;
  return `got ${typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "a mapping") : quoteForMessage(value)}`;
}

const WORDS: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a mapping",
  string: "a text",
  int: "a whole number",
  number: "a whole number",
  boolean: "true or false",
};

function article(expected: string): string {
  return WORDS[expected] ?? expected;
}

/** The fields that may stand at a place of the file. */
function allowedFields(keys: readonly Key[]): string[] {
  let at: z.core.$ZodType = customerFileSchema;
  for (const key of keys) {
    at = unwrap(at);
    const { def } = at._zod as unknown as { def: { element?: z.core.$ZodType; shape?: Record<string, z.core.$ZodType> } };
    at = (typeof key === "number" ? def.element : def.shape?.[key]) ?? at;
  }
  const { def } = unwrap(at)._zod as unknown as { def: { shape?: Record<string, unknown> } };
  return Object.keys(def.shape ?? {});
}

function unwrap(type: z.core.$ZodType): z.core.$ZodType {
  const { def } = type._zod as unknown as { def: { type: string; innerType?: z.core.$ZodType } };
  return def.type === "optional" && def.innerType !== undefined ? unwrap(def.innerType) : type;
}

function checkCustomerName({ customer }: { customer?: string }): Problem[] {
  const reason = customer === undefined ? undefined : checkName(customer);
  return reason === undefined ? [] : [{ path: "customer", reason }];
}

/** Takes a value out, leaving the places of its neighbours as they are. */
function removeAt(root: unknown, keys: readonly Key[]): void {
  const parent = keys.slice(0, -1).reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), root);
  const last = keys.at(-1);
  if (!isObject(parent) || last === undefined) return;
  if (Array.isArray(parent)) parent[Number(last)] = undefined;
  else delete parent[last];
}

function isObject(value: unknown): value is Record<Key, unknown> {
  return typeof value === "object" && value !== null;
}

function renderKeys(keys: readonly Key[]): string {
  return keys.reduce<string>((path, key) => (typeof key === "number" ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`), "");
}
