import type { z } from "zod";
import { checkBastion } from "../components/core/check-bastion.ts";
import { checkName } from "../components/core/name.ts";
import { InvalidInputError, type Problem, quoteForMessage } from "../components/core/problem.ts";
import { checkPrivateLink, checkPrivateLinkFile } from "./check-private-link.ts";
import { checkTarget, otherConsumersOf, type PartialCustomer } from "./check-target.ts";
import { type CustomerFile, customerFileSchema, type PrivateLinkFile, privateLinkFileSchema } from "./customer-file.ts";
import { type Key, readYaml } from "./read-yaml.ts";

/**
 * Reads a customer's file: YAML, then its shape, then what it means. All problems come at once, each with the line
 * it stands on; none of them repeats a key.
 *
 * @param file name of the file, for messages.
 * @throws InvalidInputError with paths such as `acme.yaml:12 clients[1].publicKeys[0]`.
 */
export function parseCustomer(text: string, file: string): CustomerFile | PrivateLinkFile {
  const { content, lineOf } = readYaml(text, file);
  const schema = isObject(content) && content.target === "private-link" ? privateLinkFileSchema : customerFileSchema;
  const shape = schema.safeParse(content, { reportInput: true });
  const misshapen = shape.success ? [] : shape.error.issues.flatMap((issue) => describeIssue(issue, schema));
  const meaning = checkMeaning(content, misshapen);
  // Who knows what a value is for also knows what to do when it is missing.
  const explained = new Set(meaning.map(({ path }) => path));
  const unexplained = misshapen.filter(({ keys, isMissing }) => !(isMissing && explained.has(renderKeys(keys))));
  const problems = [
    ...unexplained.map(({ keys, reason }) => ({ keys, path: renderKeys(keys), reason })),
    ...meaning.map(({ path, reason }) => ({ keys: keysOf(path), path, reason })),
  ];
  if (problems.length > 0)
    throw new InvalidInputError(
      problems.map(({ keys, path, reason }) => ({ path: [`${file}:${lineOf(keys)}`, path].filter(Boolean).join(" "), reason })),
    );
  return shape.data as CustomerFile | PrivateLinkFile;
}

/** Checks what is left once the values that cannot be read have been taken out. */
function checkMeaning(content: unknown, misshapen: readonly ShapeProblem[]): Problem[] {
  const rest = (isObject(content) ? structuredClone(content) : {}) as PartialCustomer;
  const unreadable = misshapen.filter(({ isMissing }) => !isMissing).map(({ keys }) => keys);
  for (const keys of unreadable) removeAt(rest, keys);
  const paths = new Set(unreadable.map(renderKeys));
  const customerReason = rest.customer === undefined ? undefined : checkName(rest.customer);
  return [
    ...(customerReason === undefined ? [] : [{ path: "customer", reason: customerReason }]),
    ...checkParts(rest, paths).filter(({ path }) => !paths.has(path)),
  ];
}

function checkParts(rest: PartialCustomer, paths: ReadonlySet<string>): Problem[] {
  if (rest.target === "private-link") return checkPrivateLinkFile(rest, paths);
  return [
    ...checkBastion(rest, { unreadable: paths, otherConsumers: otherConsumersOf(rest, paths) }),
    ...checkTarget(rest),
    ...checkPrivateLink(rest, paths),
  ];
}

interface ShapeProblem {
  readonly keys: readonly Key[];
  /** Whether there is no value at all. */
  readonly isMissing: boolean;
  readonly reason: string;
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.core.$ZodType): ShapeProblem[] {
  const keys = issue.path as Key[];
  const isMissing = issue.input === undefined;
  switch (issue.code) {
    case "unrecognized_keys": {
      const allowed = allowedFields(keys, schema).join(", ");
      return issue.keys.map((key) => ({ keys: [...keys, key], isMissing: false, reason: `is no field here; allowed is ${allowed}` }));
    }
    case "invalid_value": {
      const elsewhere = keys.length === 1 && keys[0] === "target" ? ["private-link"] : [];
      return [{ keys, isMissing, reason: `${got(issue.input)}; allowed is ${[...issue.values, ...elsewhere].map(String).join(", ")}` }];
    }
    case "invalid_type":
      return [{ keys, isMissing, reason: `${got(issue.input)}; expected ${EXPECTED[issue.expected] ?? issue.expected}` }];
    case "too_big":
    case "too_small":
      return [{ keys, isMissing, reason: `${got(issue.input)}; expected ${EXPECTED.int}` }];
    default:
      return [{ keys, isMissing, reason: issue.message }];
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a mapping",
  string: "a text",
  int: "a whole number",
  number: "a whole number",
  boolean: "true or false",
};

/** What was given, unless it is a long text: that may be a key. */
function got(value: unknown): string {
  if (value === undefined) return "is missing";
  if (typeof value === "string" && value.length > 40) return `got a text of ${value.length} characters`;
  if (Array.isArray(value)) return "got a list";
  return isObject(value) ? "got a mapping" : `got ${quoteForMessage(value)}`;
}

/** The fields that may stand at a place of the file. */
function allowedFields(keys: readonly Key[], schema: z.core.$ZodType): string[] {
  const shapeAt = keys.reduce<z.core.$ZodType>((type, key) => {
    const { element, shape } = definitionOf(type);
    return (typeof key === "number" ? element : shape?.[key]) ?? type;
  }, schema);
  return Object.keys(definitionOf(shapeAt).shape ?? {});
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Record<string, z.core.$ZodType>;
}

function definitionOf(type: z.core.$ZodType): Definition {
  const definition = type._zod.def as unknown as Definition;
  return definition.type === "optional" && definition.innerType !== undefined ? definitionOf(definition.innerType) : definition;
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
  return keys.reduce<string>(
    (path, key) => (typeof key === "number" ? `${path}[${key}]` : [path, renderField(key)].filter(Boolean).join(".")),
    "",
  );
}

/** A field's name, as long as it looks like one: anything else could draw on a terminal, or be a key. */
function renderField(name: string): string {
  if (/^[\w.<@-]{1,40}$/.test(name)) return name;
  return name.length > 40 ? "…" : encodeURIComponent(name.toWellFormed());
}

function keysOf(path: string): Key[] {
  return [...path.matchAll(/[^.[\]]+/g)].map(([key]) => (/^\d+$/.test(key) ? Number(key) : key));
}
