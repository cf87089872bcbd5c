import { parseCidr } from "../../../../components/core/cidr.ts";
import { addressesOf, contains, firstFree, freePublicAddress } from "../../world/cidr-blocks.ts";
import { ApiError } from "../../world/provider/api.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { referenced } from "./project.ts";
import { TYPE } from "./types.ts";

/** GCP keeps the first two addresses of a subnetwork and the last two. */
const KEPT_AT_EACH_END = 2n;

/** A network interface of an instance, as its record has it. */
export interface InterfaceRecord {
  readonly network: string;
  readonly subnetwork: string;
  readonly networkIp: string;
  readonly accessConfigs: readonly { readonly natIp: string; readonly networkTier: string }[];
}

/** Every network interface there is, with the id of its instance. */
export function interfacesOf(state: WorldState): [id: string, one: InterfaceRecord][] {
  return recordsOf(state, TYPE.instance).flatMap(([id, record]) =>
    (record.networkInterfaces as InterfaceRecord[]).map((one): [string, InterfaceRecord] => [id, one]),
  );
}

/** The address of a subnetwork that was asked for, or the first one that is free. Others have reserved some. */
export function takeInternalAddress(state: WorldState, subnetworkId: string, asked?: string, instanceId?: string): string {
  const { ipCidrRange } = referenced(state, TYPE.subnetwork, subnetworkId, "resource.networkInterfaces[0].subnetwork");
  const isOurs = ({ subnetwork }: { readonly subnetwork?: unknown }) => String(subnetwork).endsWith(`/${subnetworkId}`);
  const reserved = recordsOf(state, TYPE.address).filter(([, one]) => isOurs(one));
  const inUse = new Map(
    interfacesOf(state).flatMap(([id, one]) => (isOurs(one) && id !== instanceId ? [[one.networkIp, id] as const] : [])),
  );
  const candidates = [...addressesOf(parseCidr(String(ipCidrRange)), KEPT_AT_EACH_END, KEPT_AT_EACH_END)];
  if (asked === undefined) {
    const free = firstFree(candidates, new Set([...inUse.keys(), ...reserved.map(([, { address }]) => String(address))]));
    if (free === undefined) throw new ApiError("IP_SPACE_EXHAUSTED", `IP space of '${subnetworkId}' is exhausted.`);
    return free;
  }
  if (!contains(String(ipCidrRange), `${asked}/32`))
    throw new ApiError("badRequest", `Requested internal IP address ${asked} is outside the subnetwork/network range.`);
  if (!candidates.includes(asked)) throw new ApiError("badRequest", `IP address ${asked} is reserved by Google in the subnetwork.`);
  const holder = inUse.get(asked) ?? (instanceId === undefined ? reserved.find(([, { address }]) => address === asked)?.[0] : undefined);
  if (holder !== undefined)
    throw new ApiError("IP_IN_USE_BY_ANOTHER_RESOURCE", `IP '${asked}' is already being used by another resource '${holder}'.`);
  return asked;
}

/** A public address that nobody has. */
export function takePublicAddress(state: WorldState): string {
  const reserved = recordsOf(state, TYPE.address).map(([, { address }]) => String(address));
  const ephemeral = interfacesOf(state).flatMap(([, { accessConfigs }]) => accessConfigs.map(({ natIp }) => natIp));
  const free = freePublicAddress(new Set([...reserved, ...ephemeral]));
  if (free === undefined) throw new ApiError("quotaExceeded", "Quota 'STATIC_ADDRESSES' exceeded.");
  return free;
}

/** The record of a reserved external address. */
export function externalAddress(state: WorldState, address: string, region: string): WorldRecord {
  const found = recordsOf(state, TYPE.address).find(
    ([, one]) => one.address === address && one.addressType === "EXTERNAL" && one.region === region,
  );
  if (found === undefined)
    throw new ApiError(
      "invalid",
      `Invalid value for field 'resource.networkInterfaces[0].accessConfigs[0].natIP': '${address}'. The specified external IP address '${address}' was not found in region '${region}'.`,
    );
  return found[1];
}

/** Has the reserved addresses say who uses them. */
export function noteUsers(state: WorldState): void {
  const uses = new Map<string, string>();
  for (const [id, record] of recordsOf(state, TYPE.instance))
    for (const { networkIp, accessConfigs } of record.networkInterfaces as InterfaceRecord[])
      for (const address of [networkIp, ...accessConfigs.map(({ natIp }) => natIp)]) uses.set(address, String(record.selfLink ?? id));
  for (const [, record] of recordsOf(state, TYPE.address)) {
    const user = uses.get(String(record.address));
    record.users = user === undefined ? [] : [user];
  }
}
