import { objects, recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { findById, isSameId, isWithin, referenceIn } from "./arm-id.ts";
import { TYPE } from "./types.ts";

/** Has resources say who uses them, as Azure does. */
export function noteUses(state: WorldState): void {
  noteMachines(state);
  const configurations = ipConfigurations(state);
  for (const [id, address] of recordsOf(state, TYPE.publicIPAddress)) {
    const user = configurations.find((one) => isSameId(referenceIn(one, "publicIPAddress"), id));
    set(address, "ipConfiguration", user && { id: user.id });
  }
  for (const [id, subnet] of recordsOf(state, TYPE.subnet)) {
    const users = configurations.filter((one) => isSameId(referenceIn(one, "subnet"), id));
    set(subnet, "ipConfigurations", users.length > 0 ? users.map((one) => ({ id: one.id })) : undefined);
  }
  for (const [id, group] of recordsOf(state, TYPE.networkSecurityGroup))
    for (const [property, type] of [
      ["networkInterfaces", TYPE.networkInterface],
      ["subnets", TYPE.subnet],
    ] as const) {
      const users = recordsOf(state, type).filter(([, one]) => isSameId(referenceIn(one, "networkSecurityGroup"), id));
      set(group, property, users.length > 0 ? users.map(([user]) => ({ id: user })) : undefined);
    }
  for (const [id, network] of recordsOf(state, TYPE.virtualNetwork))
    network.subnets = recordsOf(state, TYPE.subnet).flatMap(([subnetId, { name, addressPrefix, addressPrefixes }]) =>
      isWithin(subnetId, id) ? [{ id: subnetId, name, addressPrefix, addressPrefixes }] : [],
    );
}

/** Every IP configuration of a network interface, with its id. */
export function ipConfigurations(state: WorldState): WorldRecord[] {
  return recordsOf(state, TYPE.networkInterface).flatMap(([, record]) => objects(record, "ipConfigurations"));
}

function noteMachines(state: WorldState): void {
  const holders = recordsOf(state, TYPE.virtualMachine).flatMap(([id, { networkProfile }]) =>
    objects(networkProfile as WorldRecord, "networkInterfaces").map((one) => ({ id, interfaceId: String(one.id) })),
  );
  for (const [id, record] of recordsOf(state, TYPE.networkInterface)) {
    const holder = holders.find(({ interfaceId }) => isSameId(interfaceId, id));
    set(record, "virtualMachine", holder && { id: holder.id });
  }
  for (const { interfaceId } of holders) {
    const found = findById(state, TYPE.networkInterface, interfaceId);
    if (found !== undefined) found[1].primary = true;
  }
}

function set(record: WorldRecord, property: string, value: unknown): void {
  if (value === undefined) delete record[property];
  else record[property] = value;
}
