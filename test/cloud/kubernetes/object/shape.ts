import { isDeepStrictEqual } from "node:util";
import { isPlainObject, type PlainObject } from "./plain.ts";

/** Of an object, what another one has too: the live object as far as its inputs said something. */
export function inShapeOf(source: PlainObject, shape: PlainObject): PlainObject {
  return Object.fromEntries(
    Object.entries(source)
      .filter(([key]) => Object.hasOwn(shape, key))
      .map(([key, value]) => [key, valueInShape(value, shape[key])]),
  );
}

function valueInShape(value: unknown, shape: unknown): unknown {
  if (isPlainObject(value) && isPlainObject(shape)) return inShapeOf(value, shape);
  if (!Array.isArray(value) || !Array.isArray(shape)) return value;
  return value.slice(0, shape.length).map((inner, index) => valueInShape(inner, shape[index]));
}

/**
 * Inputs without what the API server leaves out because it means nothing: an empty value that was asked for before as
 * well, and is not in the object.
 */
export function withoutLeftOut(inputs: PlainObject, former: PlainObject, live: PlainObject): PlainObject {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([key, value]) => Object.hasOwn(live, key) || !isEmpty(value) || !isDeepStrictEqual(value, former[key]))
      .map(([key, value]) => [key, valueWithoutLeftOut(value, former[key], live[key])]),
  );
}

function valueWithoutLeftOut(value: unknown, former: unknown, live: unknown): unknown {
  if (isPlainObject(value) && isPlainObject(former) && isPlainObject(live)) return withoutLeftOut(value, former, live);
  if (!Array.isArray(value) || !Array.isArray(former) || !Array.isArray(live)) return value;
  return value.map((inner, index) => valueWithoutLeftOut(inner, former[index], live[index]));
}

function isEmpty(value: unknown): boolean {
  if (value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
