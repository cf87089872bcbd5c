import type { WorldRecord, WorldState } from "./world.ts";

/** Records of a type, with their ids. */
export function recordsOf(state: WorldState, type: string): [id: string, record: WorldRecord][] {
  return Object.entries(state.records[type] ?? {});
}

/** A property that is a text, or `undefined` where it is absent, empty or something else. */
export function text(record: WorldRecord | undefined, property: string): string | undefined {
  const value = record?.[property];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A property that is a list of texts; none where it is absent. */
export function texts(record: WorldRecord | undefined, property: string): string[] {
  const value = record?.[property];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A property that is a list of objects. */
export function objects(record: WorldRecord | undefined, property: string): WorldRecord[] {
  const value = record?.[property];
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}

/** A property that is an object, or a list of at most one, as some of the provider's are. */
export function object(record: WorldRecord | undefined, property: string): WorldRecord | undefined {
  const value = record?.[property];
  if (Array.isArray(value)) return objects(record, property)[0];
  return typeof value === "object" && value !== null ? (value as WorldRecord) : undefined;
}
