import { contains, overlap } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import { object, objects, recordsOf, text, texts } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { refuseBlock } from "../address-block.ts";
import { findById, isWithin, referenceIn, referrersOf } from "../arm-id.ts";
import type { ArmResource } from "../arm-resource.ts";
import { refuseAbsentReference, refuseNetworkName } from "../names.ts";
import { etagOf } from "../subscription.ts";
import { TYPE } from "../types.ts";
import { reference } from "./reference.ts";

const LONGEST_PREFIX_LENGTH = 29;
/** Services that are reached by endpoints of a subnet; those of one region say which ones they reach. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.AzureActiveDirectory": ["*"],
  "Microsoft.AzureCosmosDB": ["*"],
  "Microsoft.CognitiveServices": ["*"],
  "Microsoft.ContainerRegistry": ["*"],
  "Microsoft.EventHub": ["*"],
  "Microsoft.KeyVault": ["*"],
  "Microsoft.ServiceBus": ["*"],
  "Microsoft.Sql": [],
  "Microsoft.Storage": [],
  "Microsoft.Storage.Global": ["*"],
  "Microsoft.Web": ["*"],
};

/** A subnet of a virtual network. */
export const subnet: ArmResource = {
  token: TYPE.subnet,
  type: "Microsoft.Network/virtualNetworks/subnets",
  apiVersion: "2024-05-01",
  names: ["virtualNetworkName", "subnetName"],
  path: ({ virtualNetworkName, subnetName }) =>
    `/providers/Microsoft.Network/virtualNetworks/${String(virtualNetworkName)}/subnets/${String(subnetName)}`,
  properties: {
    addressPrefix: { type: "string" },
    addressPrefixes: { type: { list: "string" } },
    defaultOutboundAccess: { type: "boolean" },
    delegations: { type: { list: { object: { name: { type: "string" }, serviceName: { type: "string" } } } } },
    name: { type: "string" },
    natGateway: { type: reference },
    networkSecurityGroup: { type: reference },
    privateEndpointNetworkPolicies: { type: "string" },
    privateLinkServiceNetworkPolicies: { type: "string" },
    routeTable: { type: reference },
    serviceEndpoints: { type: { list: { object: { locations: { type: { list: "string" } }, service: { type: "string" } } } } },
  },
  outputs: ["etag", "ipConfigurations", "privateEndpoints", "provisioningState", "purpose"],
  linked: ({ networkSecurityGroup, routeTable, natGateway }) => [
    ...(networkSecurityGroup === undefined ? [] : ["Microsoft.Network/networkSecurityGroups/join/action"]),
    ...(routeTable === undefined ? [] : ["Microsoft.Network/routeTables/join/action"]),
    ...(natGateway === undefined ? [] : ["Microsoft.Network/natGateways/join/action"]),
  ],

  put(state, { id, name, body, former }) {
    refuseNetworkName(name);
    const networkId = id.replace(/\/subnets\/[^/]+$/, "");
    const network = findById(state, TYPE.virtualNetwork, networkId)?.[1];
    if (network === undefined)
      throw new ApiError(
        "ParentResourceNotFound",
        `Failed to perform 'write' on resource(s) of type 'virtualNetworks/subnets', because the parent resource '${networkId}' could not be found.`,
      );
    refuseBlocks(state, id, name, body, network);
    refuseGroup(state, id, body, network);
    return {
      privateEndpointNetworkPolicies: "Disabled",
      privateLinkServiceNetworkPolicies: "Enabled",
      ...body,
      delegations: objects(body, "delegations"),
      etag: etagOf(body),
      provisioningState: "Succeeded",
      ...(body.serviceEndpoints === undefined ? {} : { serviceEndpoints: serviceEndpoints(body, String(network.location)) }),
      ...(former?.ipConfigurations === undefined ? {} : { ipConfigurations: former.ipConfigurations }),
    };
  },

  refuseRemoval: (state, id, { name }) => refuseSubnetInUse(state, id, String(name)),
};

/** The blocks of a subnet, which says one or several. */
export function blocksOfSubnet(record: Readonly<WorldRecord>): string[] {
  const one = text(record, "addressPrefix");
  return [...(one === undefined ? [] : [one]), ...texts(record, "addressPrefixes")];
}

/** Refuses to remove a subnet that anything is in. */
export function refuseSubnetInUse(state: WorldState, id: string, name: string): void {
  const types = Object.keys(state.records).filter((type) => type !== TYPE.virtualNetwork && type !== TYPE.networkSecurityGroup);
  const [user] = referrersOf(state, id, types);
  if (user !== undefined)
    throw new ApiError(
      "InUseSubnetCannotBeDeleted",
      `Subnet ${name} is in use by ${user[1]} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`,
    );
}

function refuseBlocks(state: WorldState, id: string, name: string, body: Readonly<WorldRecord>, network: WorldRecord): void {
  const blocks = blocksOfSubnet(body);
  if (blocks.length === 0) throw new ApiError("InvalidRequestFormat", `Cannot parse the request: subnet '${name}' has no address prefix.`);
  const outer = texts(object(network, "addressSpace"), "addressPrefixes");
  const others = recordsOf(state, TYPE.subnet).filter(([other]) => other !== id && isWithin(other, id.replace(/\/subnets\/[^/]+$/, "")));
  for (const block of blocks) {
    refuseBlock(block, id);
    if (!outer.some((one) => contains(one, block)))
      throw new ApiError(
        "NetcfgSubnetRangeOutsideVnet",
        `Subnet '${name}' is not valid because its IP address range is outside the IP address range of virtual network '${String(network.name)}'.`,
      );
    if (Number(block.split("/")[1]) > LONGEST_PREFIX_LENGTH)
      throw new ApiError("NetcfgInvalidSubnet", `Subnet '${name}' is not valid in virtual network '${String(network.name)}'.`);
    if (others.some(([, other]) => blocksOfSubnet(other).some((one) => overlap(one, block))))
      throw new ApiError(
        "NetcfgSubnetRangesOverlap",
        `Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${String(network.name)}'.`,
      );
  }
  const taken = recordsOf(state, TYPE.networkInterface).flatMap(([, nic]) =>
    objects(nic, "ipConfigurations").filter((one) => referenceIn(one, "subnet")?.toLowerCase() === id.toLowerCase()),
  );
  const left = taken.find((one) => !blocks.some((block) => contains(block, `${String(one.privateIPAddress)}/32`)));
  if (left !== undefined)
    throw new ApiError(
      "InUsePrefixCannotBeDeleted",
      `IpPrefix ${blocks.join()} on Subnet ${name} has active allocations and cannot be deleted.`,
    );
}

function refuseGroup(state: WorldState, id: string, body: Readonly<WorldRecord>, network: WorldRecord): void {
  const groupId = referenceIn(body, "networkSecurityGroup");
  if (groupId === undefined) return;
  const group = findById(state, TYPE.networkSecurityGroup, groupId)?.[1];
  if (group === undefined || group.location !== network.location) refuseAbsentReference(groupId, id);
}

function serviceEndpoints(body: Readonly<WorldRecord>, location: string): WorldRecord[] {
  return objects(body, "serviceEndpoints").map((endpoint) => {
    const locations = SERVICES[String(endpoint.service)];
    if (locations === undefined)
      throw new ApiError(
        "InvalidServiceEndpointService",
        `Service endpoint ${String(endpoint.service)} is not a supported service. Supported services are: ${Object.keys(SERVICES).join()}.`,
      );
    return { locations: locations.length === 0 ? [location] : locations, ...endpoint, provisioningState: "Succeeded" };
  });
}
