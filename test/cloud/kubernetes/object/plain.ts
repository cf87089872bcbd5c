/** An object of JSON. */
export type PlainObject = Readonly<Record<string, unknown>>;

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is at a path of an object, or `undefined`. */
export function at(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isPlainObject(inner) ? inner[key] : undefined), object);
}

/** The object with a value at a path; without it where the value is `undefined`. */
export function withValueAt(object: PlainObject, [key, ...rest]: readonly string[], value: unknown): PlainObject {
  if (key === undefined) return object;
  const { [key]: former, ...others } = object;
  const inner = rest.length === 0 ? value : withValueAt(isPlainObject(former) ? former : {}, rest, value);
  return inner === undefined ? others : { ...object, [key]: inner };
}
