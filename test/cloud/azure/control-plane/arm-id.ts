import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";

/** Whether two ids of Azure Resource Manager mean the same: it does not tell upper case from lower case. */
export function isSameId(left: unknown, right: unknown): boolean {
  return typeof left === "string" && typeof right === "string" && left.toLowerCase() === right.toLowerCase();
}

/** A record by its id, with the id as it was written when it was made. */
export function findById(state: WorldState, type: string, id: unknown): [id: string, record: WorldRecord] | undefined {
  return recordsOf(state, type).find(([known]) => isSameId(known, id));
}

/** The last part of an id, or the name itself. */
export function nameIn(id: unknown): string {
  return String(id).split("/").at(-1) ?? "";
}

/** What follows a collection's name in an id, such as `resourceGroups`. */
export function partOf(id: unknown, collection: string): string {
  return new RegExp(`/${collection}/([^/]+)`, "i").exec(String(id))?.[1] ?? "";
}

/** What is in something has an id that begins with its id. */
export function isWithin(id: string, outer: string): boolean {
  return id.toLowerCase().startsWith(`${outer.toLowerCase()}/`);
}

/** The id in a reference such as `subnet: { id }`. */
export function referenceIn(record: Readonly<WorldRecord> | undefined, property: string): string | undefined {
  const value = record?.[property];
  const id = typeof value === "object" && value !== null ? (value as { id?: unknown }).id : undefined;
  return typeof id === "string" ? id : undefined;
}

/** Everything that refers to a resource by its id, with the type it is of. */
export function referrersOf(state: WorldState, id: string, types: readonly string[] = Object.keys(state.records)): [string, string][] {
  return types.flatMap((type) =>
    recordsOf(state, type).flatMap(([user, record]): [string, string][] => (refersTo(record, id) ? [[type, user]] : [])),
  );
}

function refersTo(value: unknown, id: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isSameId((value as { id?: unknown }).id, id)) return true;
  return Object.values(value).some((inner) => refersTo(inner, id));
}
