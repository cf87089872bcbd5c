import { objects, text } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { findById } from "./arm-id.ts";
import { etagOf, newGuid } from "./subscription.ts";
import { TYPE } from "./types.ts";

const ARM_TYPE = "Microsoft.Network/networkInterfaces";

/** An address of a network interface that Azure makes. */
export interface OwnedConfiguration {
  readonly name: string;
  readonly subnetId: string;
  readonly privateIPAddress: string;
}

/** Makes the network interface of an endpoint or a service, or gives it other addresses. It is its owner's, and goes with it. */
export function putInterface(
  state: WorldState,
  id: string,
  owner: { readonly property: "privateEndpoint" | "privateLinkService"; readonly id: string; readonly location: unknown },
  configurations: readonly OwnedConfiguration[],
): void {
  const former = findById(state, TYPE.networkInterface, id)?.[1];
  state.records[TYPE.networkInterface] = {
    ...state.records[TYPE.networkInterface],
    [id]: {
      azureApiVersion: "2024-05-01",
      dnsSettings: { appliedDnsServers: [], dnsServers: [] },
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      etag: etagOf(configurations),
      hostedWorkloads: [],
      ipConfigurations: configurations.map(({ name, subnetId, privateIPAddress }, index) => ({
        id: `${id}/ipConfigurations/${name}`,
        name,
        primary: index === 0,
        privateIPAddress,
        privateIPAddressVersion: "IPv4",
        privateIPAllocationMethod: "Dynamic",
        provisioningState: "Succeeded",
        subnet: { id: subnetId },
        type: `${ARM_TYPE}/ipConfigurations`,
      })),
      location: owner.location,
      macAddress: "",
      name: id.split("/").at(-1),
      nicType: "Standard",
      [owner.property]: { id: owner.id },
      provisioningState: "Succeeded",
      resourceGuid: former?.resourceGuid ?? newGuid(),
      type: ARM_TYPE,
      vnetEncryptionSupported: false,
    },
  };
}

/** The addresses of a network interface by the names of its configurations, and its id. */
export function addressesOfInterface(state: WorldState, owner: WorldRecord | undefined): Map<string, string> {
  const [, record] = findById(state, TYPE.networkInterface, interfaceOf(owner)) ?? [];
  return new Map(objects(record, "ipConfigurations").map((one) => [String(one.name), String(one.privateIPAddress)]));
}

/** The id of the network interface of an endpoint or a service. */
export function interfaceOf(owner: WorldRecord | undefined): string | undefined {
  return text(objects(owner, "networkInterfaces")[0], "id");
}

/** Removes the network interface of an endpoint or a service. */
export function removeInterface(state: WorldState, owner: WorldRecord): void {
  const [id = ""] = findById(state, TYPE.networkInterface, interfaceOf(owner)) ?? [];
  delete state.records[TYPE.networkInterface]?.[id];
}
