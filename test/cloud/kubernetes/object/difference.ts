import { isDeepStrictEqual } from "node:util";
import { hasUnknown } from "../../plugin/values.ts";
import { isPlainObject, type PlainObject } from "./plain.ts";

/** A field that is not as asked for. */
export interface Difference {
  /** As Pulumi spells it, such as `spec.ports[0].port` or `data["a.b"]`. */
  readonly path: string;
  readonly change: "add" | "delete" | "update";
  /** Needs another object. */
  readonly replaces: boolean;
}

type Path = readonly (string | number)[];

/**
 * Where inputs differ from the object as it is, as far as the former inputs said something.
 *
 * @param replacing fields whose change needs another object, such as `.spec.containers[*].image`.
 */
export function differences(actual: PlainObject, asked: PlainObject, replacing: readonly string[]): Difference[] {
  const steps = replacing.map((field) => field.replaceAll("[*]", ".[*]").split(".").slice(1));
  return differencesOfObjects(actual, asked, []).map(({ path, change, value }) => ({
    path: renderPath(path),
    change,
    replaces: steps.some((field) => isTouched(field, path, value)),
  }));
}

interface Change extends Pick<Difference, "change"> {
  readonly path: Path;
  /** `undefined` of what is deleted, or not known yet. */
  readonly value: unknown;
}

function differencesOfObjects(actual: PlainObject, asked: PlainObject, path: Path): Change[] {
  const keys = new Set([...Object.keys(actual), ...Object.keys(asked)]);
  return [...keys].flatMap((key) => differencesOf(actual[key], asked[key], [...path, key]));
}

function differencesOf(actual: unknown, asked: unknown, path: Path): Change[] {
  if (asked === undefined) return actual === undefined ? [] : [{ path, change: "delete", value: undefined }];
  const value = typeof asked === "string" && hasUnknown(asked) ? undefined : asked;
  if (actual === undefined) return [{ path, change: "add", value }];
  if (isPlainObject(actual) && isPlainObject(asked)) return differencesOfObjects(actual, asked, path);
  if (Array.isArray(actual) && Array.isArray(asked))
    return Array.from({ length: Math.max(actual.length, asked.length) }).flatMap((_, index) =>
      differencesOf(actual[index], asked[index], [...path, index]),
    );
  return isDeepStrictEqual(actual, asked) ? [] : [{ path, change: "update", value }];
}

/** Whether a change is one of a field: of a part of it, or of something that it is a part of. */
function isTouched(field: readonly string[], path: Path, value: unknown): boolean {
  const [first, ...rest] = field;
  if (first === undefined) return true;
  const [step, ...others] = path;
  if (step !== undefined) return (first === "[*]" ? typeof step === "number" : first === step) && isTouched(rest, others, value);
  // What is not known could be anything.
  if (value === undefined) return true;
  if (first === "[*]") return Array.isArray(value) && value.some((inner) => isTouched(rest, [], inner));
  return isPlainObject(value) && Object.hasOwn(value, first) && isTouched(rest, [], value[first]);
}

function renderPath(path: Path): string {
  return path.reduce<string>((rendered, step) => {
    if (typeof step === "number") return `${rendered}[${step}]`;
    if (/[."[\]]/.test(step)) return `${rendered}["${step.replaceAll('"', '\\"')}"]`;
    return rendered === "" ? step : `${rendered}.${step}`;
  }, "");
}
