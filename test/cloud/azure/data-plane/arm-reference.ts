import { object, text } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { findById } from "../control-plane/arm-id.ts";

/** The record with an id. */
export function recordOf(state: WorldState, type: string, id: string | undefined): WorldRecord | undefined {
  return findById(state, type, id)?.[1];
}

/** The record that a property refers to, as `{ id }`. */
export function referenced(state: WorldState, type: string, record: WorldRecord | undefined, property: string): WorldRecord | undefined {
  return recordOf(state, type, text(object(record, property), "id"));
}
