import { createHash, randomInt } from "node:crypto";
import type { Properties } from "../../plugin/values.ts";
import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { regionOfZone, seedsOf, zonesOf } from "./seeds.ts";

/** What the provider's configuration says. */
export interface GcpContext {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly zone: string | undefined;
  readonly defaultLabels: Readonly<Record<string, string>>;
  /** Whether Pulumi labels what it provisions. */
  readonly addsAttributionLabel: boolean;
}

export const COMPUTE = "https://www.googleapis.com/compute/v1/";

/** The project of a resource: its own input, or else the provider's. */
export function projectOf(state: WorldState, inputs: Properties, context: GcpContext): string {
  const project = inputs.project ?? context.project;
  if (typeof project !== "string") throw new ApiError("", "project: required field is not set");
  if (project !== seedsOf(state).project)
    throw new ApiError("forbidden", `The caller does not have permission on project '${project}', or it may not exist.`);
  return project;
}

/** The region of a resource: its own input, or else the provider's, or that of its zone. */
export function regionOf(inputs: Properties, context: GcpContext): string {
  const region = inputs.region ?? context.region ?? regionOfZone(context.zone ?? "");
  if (typeof region !== "string")
    throw new ApiError("", "Cannot determine region: set in this resource, or set provider-level 'region' or 'zone'.");
  if (zonesOf(nameIn(region)).length === 0) throw new ApiError("invalid", `Invalid value for field 'region': '${region}'. Unknown region.`);
  return nameIn(region);
}

/** The zone of a resource, which has to exist. */
export function zoneOf(inputs: Properties, context: GcpContext): string {
  const zone = inputs.zone ?? context.zone;
  if (typeof zone !== "string") throw new ApiError("", "Cannot determine zone: set in this resource, or set provider-level zone.");
  if (regionOfZone(nameIn(zone)) === undefined) throw new ApiError("invalid", `Invalid value for field 'zone': '${zone}'. Unknown zone.`);
  return nameIn(zone);
}

/** The last part of a link, or the name itself. */
export function nameIn(reference: unknown): string {
  return String(reference).split("/").at(-1) ?? "";
}

/** The id a reference means: it may be a link, a part of one from `projects/` on, or a name in a collection. */
export function idOf(reference: unknown, project: string, collection: string): string {
  const text = String(reference);
  const start = text.indexOf("projects/");
  if (start >= 0) return text.slice(start);
  return text.includes("/") ? `projects/${project}/${text}` : `projects/${project}/${collection}/${text}`;
}

/** Whether two references mean the same: the provider compares what follows the version of the API, or names. */
export function isSameReference(actual: unknown, asked: unknown): boolean {
  const [left, right] = [actual, asked].map((one) => String(one).replace(/^https:\/\/[^/]+\/compute\/[^/]+\//, ""));
  if (left === undefined || right === undefined) return false;
  return left === right || (!(left.includes("/") && right.includes("/")) && nameIn(left) === nameIn(right));
}

/** A record that others refer to. */
export function referenced(state: WorldState, type: string, id: string, field: string): WorldRecord {
  const record = state.records[type]?.[id];
  if (record === undefined)
    throw new ApiError("invalid", `Invalid value for field '${field}': '${COMPUTE}${id}'. The referenced resource cannot be found.`);
  return record;
}

/** Refuses what has a name already. */
export function refuseTwin(state: WorldState, type: string, id: string): void {
  if (state.records[type]?.[id] !== undefined) throw new ApiError("alreadyExists", `The resource '${id}' already exists`);
}

/** Refuses to remove what others use. */
export function refuseUsers(state: WorldState, what: string, id: string, users: readonly [type: string, property: string][]): void {
  for (const [type, property] of users)
    for (const [user, record] of recordsOf(state, type)) if (String(record[property]).endsWith(`/${id}`)) refuseUse(what, id, user);
}

export function refuseUse(what: string, id: string, user: string): never {
  throw new ApiError("resourceInUseByAnotherResource", `The ${what} resource '${id}' is already being used by '${user}'`);
}

/** An id as Google numbers everything. */
export function newNumber(): string {
  return `${randomInt(1, 9)}${Array.from({ length: 18 }, () => randomInt(0, 10)).join("")}`;
}

/** What tells one version of a resource's part from another. */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64").slice(0, 11).replace(/[+/]/g, "_").concat("=");
}

export function now(): string {
  return new Date().toISOString();
}
