import { isDeepStrictEqual } from "node:util";
import { isSecret, type Properties, secret, withoutSecrets } from "../../plugin/values.ts";
import { isAbsent, type PropertySchema, type PropertyType } from "../../world/provider/property.ts";
import { isParts } from "./input-differences.ts";

/**
 * Inputs of a resource that was read again. What Azure says now is compared with what it said before, and only what differs
 * between the two goes into the inputs: a value that Azure chose by itself is no input of anybody's.
 */
export function foundInputs(schema: PropertySchema, inputs: Properties, before: Properties, now: Properties): Properties {
  const [former, current] = [before, now].map((state) => inputShape(schema, withoutSecrets(state) as Properties)) as [
    Properties,
    Properties,
  ];
  if (Object.keys(inputs).length === 0) return current;
  return applied(inputs, former, current) as Properties;
}

/** What inputs could say of an output. */
function inputShape(schema: PropertySchema, state: Properties): Properties {
  const shape = (type: PropertyType, value: unknown): unknown => {
    if (typeof type === "object" && "object" in type && isParts(value)) return inputShape(type.object, value);
    if (typeof type === "object" && "list" in type && Array.isArray(value)) return value.map((item) => shape(type.list, item));
    return value;
  };
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, { type }]) => (isAbsent(state[name]) ? [] : [[name, shape(type, state[name])]])),
  );
}

function applied(input: unknown, before: unknown, now: unknown): unknown {
  if (isDeepStrictEqual(before, now)) return input;
  if (isSecret(input) && !isParts(withoutSecrets(input))) return secret(now);
  if (isParts(input) && isParts(before) && isParts(now)) {
    const names = new Set([...Object.keys(input), ...Object.keys(before), ...Object.keys(now)]);
    const values = [...names].map((name): [string, unknown] => [name, applied(input[name], before[name], now[name])]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }
  if (Array.isArray(input) && Array.isArray(before) && Array.isArray(now))
    return now.map((item, index) => (index < input.length && index < before.length ? applied(input[index], before[index], item) : item));
  return now;
}
