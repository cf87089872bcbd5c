import { randomBytes } from "node:crypto";
import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { seedsOf } from "./seeds.ts";

/** What the provider's configuration says. */
export interface AwsContext {
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
}

/** An id as EC2 gives them, such as `i-0123456789abcdef0`. */
export function newId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString("hex")}`;
}

export function arnOf(state: WorldState, service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:${seedsOf(state).accountId}:${resource}`;
}

/** What every resource of EC2 says of itself. */
export function ec2Identity(state: WorldState, region: string, resource: string): { arn: string; ownerId: string; region: string } {
  return { arn: arnOf(state, "ec2", region, resource), ownerId: seedsOf(state).accountId, region };
}

/** The region of a resource: its own input, or else the provider's. */
export function regionOf(inputs: Readonly<Record<string, unknown>>, context: AwsContext): string {
  return typeof inputs.region === "string" ? inputs.region : context.region;
}

/** A record that others refer to; in another region it is as good as absent. */
export function existing(state: WorldState, type: string, id: unknown, region: string, code: string, what: string): WorldRecord {
  const record = state.records[type]?.[String(id)];
  if (record === undefined || (record.region !== undefined && record.region !== region))
    throw new ApiError(code, `The ${what} '${String(id)}' does not exist`);
  return record;
}

/** Refuses to remove what others depend on. */
export function refuseDependents(state: WorldState, what: string, uses: readonly [type: string, property: string][], id: string): void {
  for (const [type, property] of uses)
    for (const [, record] of recordsOf(state, type))
      if (record[property] === id || (Array.isArray(record[property]) && record[property].includes(id)))
        throw new ApiError("DependencyViolation", `The ${what} '${id}' has dependencies and cannot be deleted.`);
}
