import { createHash, randomUUID } from "node:crypto";
import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldState } from "../../world/world.ts";
import { isSameId } from "./arm-id.ts";
import { seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

/** What the provider's configuration says. */
export interface AzureContext {
  readonly subscriptionId: string | undefined;
  readonly location: string | undefined;
}

const REGIONS = ["westeurope", "northeurope", "germanywestcentral", "swedencentral", "uksouth", "eastus", "westus2"];
const ZONES = ["1", "2", "3"];

/** The subscription that calls are about. */
export function subscriptionOf(state: WorldState, { subscriptionId }: AzureContext): string {
  const own = seedsOf(state).subscriptionId;
  if (subscriptionId !== undefined && subscriptionId !== own)
    throw new ApiError("SubscriptionNotFound", `The subscription '${subscriptionId}' could not be found.`);
  return own;
}

export function resourceGroupId(subscriptionId: string, name: unknown): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${String(name)}`;
}

/** The region of a resource group, or `undefined` where there is no such group. */
export function regionOfGroup(state: WorldState, name: string): string | undefined {
  const declared = recordsOf(state, TYPE.resourceGroup).find(([, group]) => isSameId(group.name, name));
  return (
    (declared?.[1].location as string | undefined) ?? seedsOf(state).resourceGroups.find((group) => isSameId(group.name, name))?.location
  );
}

export function refuseAbsentGroup(state: WorldState, name: unknown): void {
  if (regionOfGroup(state, String(name)) === undefined)
    throw new ApiError("ResourceGroupNotFound", `Resource group '${String(name)}' could not be found.`);
}

/** `West Europe` and `westeurope` are the same region. */
export function normalLocation(location: unknown): string {
  return String(location).replaceAll(" ", "").toLowerCase();
}

export function isSameLocation(actual: unknown, asked: unknown): boolean {
  return normalLocation(actual) === normalLocation(asked);
}

/** Refuses a region there is not. */
export function refuseLocation(location: unknown, armType: string): void {
  if (!REGIONS.includes(normalLocation(location)))
    throw new ApiError(
      "LocationNotAvailableForResourceType",
      `The provided location '${String(location)}' is not available for resource type '${armType}'. List of available regions for the resource type is '${REGIONS.join()}'.`,
    );
}

/** Refuses zones that no region has. */
export function refuseZones(zones: unknown, armType: string, name: string, location: unknown): void {
  const unknown = ((zones ?? []) as string[]).filter((zone) => !ZONES.includes(zone));
  if (unknown.length > 0)
    throw new ApiError(
      "InvalidAvailabilityZone",
      `The zone(s) '${unknown.join()}' for resource '${armType}/${name}' is not supported. The supported zones for location '${String(location)}' are '${ZONES.join()}'.`,
    );
}

/** An id as Azure gives to what it makes. */
export function newGuid(): string {
  return randomUUID();
}

/** What tells one version of a resource from another. */
export function etagOf(record: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(record)).digest("hex");
  return `W/"${hash.slice(0, 8)}-${hash.slice(8, 12)}-${hash.slice(12, 16)}-${hash.slice(16, 20)}-${hash.slice(20, 32)}"`;
}
