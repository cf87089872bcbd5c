import { isDeepStrictEqual } from "node:util";
import { hasUnknown, type Properties } from "../../plugin/values.ts";
import { isAbsent, type Property, type PropertySchema, type PropertyType } from "./property.ts";

/** A property, or a part of one, that is not as asked for. */
export interface Difference {
  /** Such as `rootBlockDevice.encrypted`. */
  readonly path: string;
  readonly replaces: boolean;
  /** What becomes of it, where that is known; it is changed otherwise. */
  readonly change?: "add" | "delete" | "update";
}

/** Where a resource is not as its inputs ask. Values a preview does not know yet count as different. */
export function differences(schema: PropertySchema, actual: Properties, asked: Properties, prefix = ""): Difference[] {
  return Object.entries(schema).flatMap(([name, property]) => differenceOf(property, actual[name], asked[name], prefix + name));
}

function differenceOf(property: Property, actual: unknown, asked: unknown, path: string): Difference[] {
  const { type, replaces = false } = property;
  if (typeof type === "object" && "object" in type && isParts(actual) && isParts(asked) && !hasUnknown(asked)) {
    const parts = differences(type.object, actual, asked, `${path}.`);
    return replaces ? parts.map((part) => ({ ...part, replaces })) : parts;
  }
  return isAsAsked(property, actual, asked) ? [] : [{ path, replaces }];
}

function isAsAsked(property: Property, actual: unknown, asked: unknown): boolean {
  if (isAbsent(asked)) return property.computed === true || isEmpty(actual) || isDeepStrictEqual(actual, property.default);
  if (hasUnknown(asked)) return false;
  if (property.same?.(actual, asked)) return true;
  return isSame(property.type, actual, asked);
}

function isSame(type: PropertyType, actual: unknown, asked: unknown): boolean {
  if (isEmpty(actual) && isEmpty(asked)) return true;
  if (isEmpty(actual) || isEmpty(asked)) return false;
  if (type === "json") return isDeepStrictEqual(document(actual), document(asked));
  if (typeof type === "string" || "map" in type) return isDeepStrictEqual(actual, asked);
  if ("object" in type) return differences(type.object, actual as Properties, asked as Properties).length === 0;
  const [left, right] = [actual as unknown[], asked as unknown[]];
  if (left.length !== right.length) return false;
  if ("list" in type) return right.every((value, index) => isSame(type.list, left[index], value));
  return right.every((value) => left.some((other) => isSame(type.set, other, value)));
}

/** What no value is indistinguishable from, for the real provider. */
function isEmpty(value: unknown): boolean {
  if (isAbsent(value) || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value as object).length === 0;
}

function isParts(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function document(text: unknown): unknown {
  try {
    return JSON.parse(text as string);
  } catch {
    return text;
  }
}
