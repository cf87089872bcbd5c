import { hasUnknown, type Properties } from "../../plugin/values.ts";

/** The shape of a property's value. `json` is a document that may be given as text or as an object. */
export type PropertyType =
  | "string"
  | "number"
  | "boolean"
  | "json"
  | { readonly list: PropertyType }
  | { readonly set: PropertyType }
  | { readonly map: PropertyType }
  | { readonly object: PropertySchema };

/** What the real provider's schema says of a property that may be given. */
export interface Property {
  readonly type: PropertyType;
  readonly required?: boolean;
  /** The cloud chooses a value where none is given, so that leaving it out is no change. */
  readonly computed?: boolean;
  /** A change needs a new resource. */
  readonly replaces?: boolean;
  /** What leaving it out means. */
  readonly default?: unknown;
  readonly allowed?: readonly string[];
  readonly conflictsWith?: readonly string[];
  /** Calls that change it in place. Without any, it is a matter between the program and its provider. */
  readonly changedBy?: readonly string[] | ((actual: unknown, asked: unknown) => readonly string[]);
  /** Why a value is refused, or `undefined` if it is not. */
  readonly check?: (value: never) => string | undefined;
  /** Whether what is there and what is asked for mean the same although they differ. */
  readonly same?: (actual: unknown, asked: unknown) => boolean;
}

export type PropertySchema = Readonly<Record<string, Property>>;

/** A property with what is wrong with it. */
export interface PropertyProblem {
  readonly property: string;
  readonly reason: string;
}

/** Every way in which inputs do not meet a schema. Values of a preview that are not known yet pass. */
export function checkProperties(schema: PropertySchema, inputs: Properties, path = ""): PropertyProblem[] {
  const problems: PropertyProblem[] = [];
  for (const [name, value] of Object.entries(inputs)) {
    if (schema[name] === undefined && !name.startsWith("__"))
      problems.push({ property: path + name, reason: "An argument of this name is not expected here" });
    else if (value !== undefined && value !== null) problems.push(...checkValue(schema[name]?.type, value, path + name));
  }
  for (const [name, property] of Object.entries(schema)) {
    const value = inputs[name];
    if (isAbsent(value)) {
      if (property.required) problems.push({ property: path + name, reason: `Missing required argument. "${path + name}" is required` });
      continue;
    }
    for (const other of property.conflictsWith ?? [])
      if (!isAbsent(inputs[other]))
        problems.push({ property: path + name, reason: `Conflicting configuration arguments. "${other}" is given too` });
    if (hasUnknown(value)) continue;
    if (property.allowed && !property.allowed.includes(value as string))
      problems.push({ property: path + name, reason: `expected ${name} to be one of ${JSON.stringify(property.allowed)}, got ${value}` });
    const reason = (property.check as ((value: unknown) => string | undefined) | undefined)?.(value);
    if (reason !== undefined) problems.push({ property: path + name, reason });
  }
  return problems;
}

/** Inputs with documents as text and defaults filled in, as they go into state. */
export function completeInputs(schema: PropertySchema, inputs: Properties): Properties {
  const given = Object.entries(inputs).filter(([, value]) => !isAbsent(value));
  return Object.fromEntries(given.map(([name, value]) => [name, schema[name]?.type === "json" ? asText(value) : value]));
}

/** Whether nothing is said about a property. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function asText(value: unknown): unknown {
  return typeof value === "string" || hasUnknown(value) ? value : JSON.stringify(value);
}

function checkValue(type: PropertyType | undefined, value: unknown, path: string): PropertyProblem[] {
  if (type === undefined || (typeof value === "string" && hasUnknown(value))) return [];
  if (type === "json") return typeof value === "string" || isObject(value) ? [] : [wrongType("a document", value, path)];
  if (typeof type === "string") return typeof value === type ? [] : [wrongType(`a ${type}`, value, path)];
  if ("object" in type) return isObject(value) ? checkProperties(type.object, value, `${path}.`) : [wrongType("an object", value, path)];
  if ("map" in type)
    return isObject(value)
      ? Object.entries(value).flatMap(([key, inner]) => checkValue(type.map, inner, `${path}.${key}`))
      : [wrongType("a map", value, path)];
  const element = "list" in type ? type.list : type.set;
  if (!Array.isArray(value)) return [wrongType("a list", value, path)];
  return value.flatMap((inner, index) => checkValue(element, inner, `${path}[${index}]`));
}

function wrongType(expected: string, value: unknown, property: string): PropertyProblem {
  return { property, reason: `expected ${expected}, got ${Array.isArray(value) ? "a list" : `a ${typeof value}`}` };
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
