import { parseCidr } from "../../../../components/core/cidr.ts";
import { addressesOf, contains, firstFree } from "../../world/cidr-blocks.ts";
import { ApiError } from "../../world/provider/api.ts";
import { objects } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { isSameId, referenceIn } from "./arm-id.ts";
import { blocksOfSubnet } from "./kinds/subnet.ts";
import { TYPE } from "./types.ts";

/** Azure keeps the first four addresses of a subnet, and the last. */
const KEPT_AT_START = 4n;
const KEPT_AT_END = 1n;

/** The address of a subnet that was asked for, or the first one that is free. */
export function takePrivateAddress(state: WorldState, [subnetId, subnet]: [string, WorldRecord], userId: string, asked?: string): string {
  const [block = ""] = blocksOfSubnet(subnet);
  const candidates = [...addressesOf(parseCidr(block), KEPT_AT_START, KEPT_AT_END)];
  const taken = addressesIn(state, subnetId, userId);
  if (asked === undefined) {
    const free = firstFree(candidates, new Set(taken.keys()));
    if (free === undefined)
      throw new ApiError(
        "SubnetIsFull",
        `Subnet ${String(subnet.name)} with address prefix ${block} does not have enough capacity for 1 IP addresses.`,
      );
    return free;
  }
  if (!contains(block, `${asked}/32`))
    throw new ApiError(
      "PrivateIPAddressNotInSubnet",
      `Private static IP address ${asked} does not belong to the range of subnet prefix ${block}.`,
    );
  if (!candidates.includes(asked))
    throw new ApiError(
      "PrivateIPAddressInReservedRange",
      `Private static IP address ${asked} falls within reserved IP range of subnet prefix ${block}.`,
    );
  const holder = taken.get(asked);
  if (holder !== undefined)
    throw new ApiError(
      "PrivateIPAddressIsAllocated",
      `IP configuration ${userId} is using the private IP address ${asked} which is already allocated to resource ${holder}.`,
    );
  return asked;
}

/** Who has which address of a subnet: every resource with IP configurations, whatever it is. */
function addressesIn(state: WorldState, subnetId: string, exceptId: string): Map<string, string> {
  const holders = Object.entries(state.records)
    .filter(([type]) => type !== TYPE.subnet)
    .flatMap(([, records]) => Object.values(records))
    .flatMap((record) => [...objects(record, "ipConfigurations"), ...objects(record, "frontendIPConfigurations")]);
  return new Map(
    holders
      .filter((one) => !isSameId(one.id, exceptId) && isSameId(referenceIn(one, "subnet"), subnetId) && one.privateIPAddress !== undefined)
      .map((one) => [String(one.privateIPAddress), String(one.id)]),
  );
}
