import { isDeepStrictEqual } from "node:util";
import { hasUnknown, type Properties } from "../../plugin/values.ts";
import type { Difference } from "../../world/provider/difference.ts";
import { isAbsent, type Property, type PropertySchema, type PropertyType } from "../../world/provider/property.ts";

/** Where inputs are not as they were, part by part. What the resource is in truth does not count. */
export function inputDifferences(schema: PropertySchema, before: Properties, after: Properties, prefix = ""): Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !name.startsWith("__"))
    .flatMap((name) => differenceOf(schema[name], prefix + name, before[name], after[name]));
}

function differenceOf(property: Property | undefined, path: string, before: unknown, after: unknown): Difference[] {
  const replaces = property?.replaces === true;
  if (isAbsent(before) && isAbsent(after)) return [];
  if (isAbsent(before)) return [{ path, replaces, change: "add" }];
  if (isAbsent(after)) return [{ path, replaces, change: "delete" }];
  if (isDeepStrictEqual(before, after) || property?.same?.(before, after)) return [];
  if (isParts(before) && isParts(after)) {
    const parts = inputDifferences(partsOf(property?.type), before, after, `${path}.`);
    // Of a property that replaces, a part that is added or taken away does not.
    return replaces ? parts.map((part) => (part.change === "update" ? { ...part, replaces } : part)) : parts;
  }
  if (Array.isArray(before) && Array.isArray(after) && !after.some((item) => typeof item === "string" && hasUnknown(item)))
    return itemDifferences(property?.type, path, before, after);
  return [{ path, replaces, change: "update" }];
}

function itemDifferences(
  type: PropertyType | undefined,
  path: string,
  before: readonly unknown[],
  after: readonly unknown[],
): Difference[] {
  const item = typeof type === "object" && "list" in type ? { type: type.list } : undefined;
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => {
    const at = `${path}[${index}]`;
    if (index >= before.length) return [{ path: at, replaces: false, change: "add" as const }];
    if (index >= after.length) return [{ path: at, replaces: false, change: "delete" as const }];
    return differenceOf(item, at, before[index], after[index]);
  }).flat();
}

/** The properties of an object's parts. */
export function partsOf(type: PropertyType | undefined): PropertySchema {
  return typeof type === "object" && "object" in type ? type.object : {};
}

export function isParts(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
