import { hasUnknown, type Properties } from "../../plugin/values.ts";
import { isAbsent, type PropertyProblem, type PropertySchema, type PropertyType } from "../../world/provider/property.ts";
import { isParts } from "./input-differences.ts";

/** What azure-native finds wrong with inputs before it calls anything: it knows types, lengths and patterns, and no more. */
export function checkInputs(schema: PropertySchema, inputs: Properties, prefix = ""): PropertyProblem[] {
  const missing = Object.entries(schema).flatMap(([name, { required }]) =>
    required && isAbsent(inputs[name]) ? [problem(missingReason(prefix + name))] : [],
  );
  const wrong = Object.entries(inputs).flatMap(([name, value]) => {
    if (isAbsent(value) || name.startsWith("__")) return [];
    const property = schema[name];
    if (property === undefined) return [problem(`the stand-in does not know the property '${prefix + name}'`)];
    const problems = checkValue(property.type, value, prefix + name);
    const reason = hasUnknown(value) || problems.length > 0 ? undefined : (property.check as Check | undefined)?.(value);
    return reason === undefined ? problems : [problem(reason)];
  });
  return [...missing, ...wrong];
}

type Check = (value: unknown) => string | undefined;

/** A property whose text has to match a pattern, and how azure-native says so. */
export function matching(name: string, pattern: RegExp): Check {
  return (value) => (pattern.test(String(value)) ? undefined : `'${name}' does not match expression '${pattern.source}'`);
}

function missingReason(path: string): string {
  const reason = `missing required property '${path}'`;
  return path === "location"
    ? `${reason}. Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'.`
    : reason;
}

function checkValue(type: PropertyType, value: unknown, path: string): PropertyProblem[] {
  if (typeof value === "string" && hasUnknown(value)) return [];
  if (typeof type === "string") return typeof value === type ? [] : [wrongType(type, value, path)];
  if ("map" in type) return isParts(value) ? [] : [wrongType("object", value, path)];
  if ("object" in type) return isParts(value) ? checkInputs(type.object, value, `${path}.`) : [wrongType("object", value, path)];
  const item = "list" in type ? type.list : type.set;
  if (!Array.isArray(value)) return [wrongType("array", value, path)];
  return value.flatMap((inner, index) => checkValue(item, inner, `${path}[${index}]`));
}

function wrongType(expected: string, value: unknown, path: string): PropertyProblem {
  return problem(`'${path}' should be of type '${expected}' but got ${Array.isArray(value) ? "an array" : `a ${typeof value}`}`);
}

function problem(reason: string): PropertyProblem {
  return { property: "", reason };
}
