import type { WorldRecord, WorldState } from "../../world/world.ts";
import { findById } from "./arm-id.ts";
import { refuseAbsentReference } from "./names.ts";
import { isSameLocation } from "./subscription.ts";
import { TYPE } from "./types.ts";

/** The virtual network of a subnet, by its id. */
export function networkOfSubnet(subnetId: unknown): string {
  return String(subnetId).split(/\/subnets\//i)[0] ?? "";
}

/** A subnet that something refers to, which has to be in the same region. */
export function subnetOf(state: WorldState, subnetId: unknown, location: unknown, user: string): [id: string, subnet: WorldRecord] {
  const networkId = networkOfSubnet(subnetId);
  const network = findById(state, TYPE.virtualNetwork, networkId)?.[1];
  if (network === undefined || !isSameLocation(network.location, location)) return refuseAbsentReference(networkId, user);
  return findById(state, TYPE.subnet, subnetId) ?? refuseAbsentReference(subnetId, user);
}
