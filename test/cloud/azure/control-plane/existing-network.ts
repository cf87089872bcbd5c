import type { WorldState } from "../../world/world.ts";
import { seedsOf } from "./seeds.ts";
import { resourceGroupId } from "./subscription.ts";
import { TYPE } from "./types.ts";
import { noteUses } from "./uses.ts";

/** A network that is there without anybody having declared it. */
export interface ExistingNetwork {
  readonly name: string;
  readonly addressPrefix: string;
  /** Address prefixes of its subnets, by name. */
  readonly subnets: Readonly<Record<string, string>>;
  readonly serviceEndpoints?: readonly string[];
  readonly resourceGroup?: string;
  readonly location?: string;
}

/** Puts a network with its subnets into a world, and gives their ids. */
export function addExistingNetwork(
  state: WorldState,
  network: ExistingNetwork,
): { id: string; subnetIds: Readonly<Record<string, string>> } {
  const { name, addressPrefix, subnets, serviceEndpoints = [], resourceGroup = "platform", location = "westeurope" } = network;
  const type = "Microsoft.Network/virtualNetworks";
  const id = `${resourceGroupId(seedsOf(state).subscriptionId, resourceGroup)}/providers/${type}/${name}`;
  const common = { azureApiVersion: "2024-05-01", provisioningState: "Succeeded" };
  const add = (token: string, recordId: string, record: object) => {
    state.records[token] = { ...state.records[token], [recordId]: { ...common, ...record } };
  };
  add(TYPE.virtualNetwork, id, { addressSpace: { addressPrefixes: [addressPrefix] }, location, name, type, virtualNetworkPeerings: [] });
  const subnetIds = Object.fromEntries(
    Object.entries(subnets).map(([subnet, prefix]) => {
      add(TYPE.subnet, `${id}/subnets/${subnet}`, {
        addressPrefix: prefix,
        delegations: [],
        name: subnet,
        privateEndpointNetworkPolicies: "Disabled",
        privateLinkServiceNetworkPolicies: "Enabled",
        ...(serviceEndpoints.length === 0
          ? {}
          : { serviceEndpoints: serviceEndpoints.map((service) => ({ locations: ["*"], provisioningState: "Succeeded", service })) }),
        type: `${type}/subnets`,
      });
      return [subnet, `${id}/subnets/${subnet}`];
    }),
  );
  noteUses(state);
  return { id, subnetIds };
}
