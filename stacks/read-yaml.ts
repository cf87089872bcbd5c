import { type Document, isAlias, isMap, isScalar, LineCounter, parseDocument, visit } from "yaml";
import { InvalidInputError, type Problem } from "../components/core/problem.ts";

/** A step from a mapping or a list to what is in it. */
export type Key = string | number;

/** What a YAML file says, and where it says it. */
export interface YamlFile {
  readonly content: unknown;
  /** The line of what the keys lead to, or of the nearest thing around it that is there. */
  lineOf(keys: readonly Key[]): number;
}

/** What is wrong, in words of our own: those of the parser quote the file, which may hold a key. */
const SYNTAX_PROBLEMS: Readonly<Record<string, string>> = {
  BAD_INDENT: "the indentation does not fit the lines around it",
  DUPLICATE_KEY: "Map keys must be unique",
  MISSING_CHAR: "a quote, bracket, colon or comma is missing",
  MULTIPLE_DOCS: "a second document begins here; one file is one customer",
  TAB_AS_INDENT: "a tab stands where only spaces indent",
  UNEXPECTED_TOKEN: "something stands here that does not belong to what comes before",
};

/**
 * Reads YAML 1.2.
 *
 * @param file name of the file, for messages.
 * @throws InvalidInputError with paths such as `acme.yaml:12`. No message repeats anything of the file.
 */
export function readYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
  const problems = [
    ...document.errors.map(({ code, pos }) => problemAt(pos[0], `is not valid YAML: ${SYNTAX_PROBLEMS[code] ?? inWords(code)}`)),
    ...aliasesWithoutAnchor(document).map((offset) => problemAt(offset, "is an alias, but nothing before it has the anchor of that name")),
  ];
  if (problems.length > 0) throw new InvalidInputError(problems);
  return { content: toPlain(document, file), lineOf: (keys) => lineOf(document, lines, keys) };

  function problemAt(offset: number, reason: string): Problem {
    return { path: `${file}:${lines.linePos(offset).line}`, reason };
  }
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // The parser counts what aliases multiply to.
    if (error instanceof ReferenceError)
      throw new InvalidInputError([{ path: `${file}:1`, reason: "has aliases that multiply without end" }]);
    throw error;
  }
}

function aliasesWithoutAnchor(document: Document): number[] {
  const offsets: number[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined) offsets.push(alias.range?.[0] ?? 0);
    },
  });
  return offsets;
}

function lineOf(document: Document, lines: LineCounter, keys: readonly Key[]): number {
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const offset = offsetOf(document, keys.slice(0, depth));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

/** Where a value stands, or its name where it has one. Values behind an alias stand where the alias does. */
function offsetOf(document: Document, keys: readonly Key[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  let isBehindAlias = false;
  for (const key of keys) {
    if (isAlias(node)) {
      node = node.resolve(document);
      isBehindAlias = true;
    }
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    const child = pair?.value ?? (isMap(node) ? undefined : (node as { get?(key: Key, keepScalar: true): unknown }).get?.(key, true));
    const place = isScalar(pair?.key) ? pair.key.range : (child as { range?: readonly number[] } | undefined)?.range;
    if (place === undefined || place === null) return undefined;
    if (!isBehindAlias) offset = place[0];
    node = child;
  }
  return offset;
}

function inWords(code: string): string {
  return code.toLowerCase().replaceAll("_", " ");
}
