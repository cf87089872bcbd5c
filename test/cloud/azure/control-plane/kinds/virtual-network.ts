import { contains, overlap } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import { object, objects, recordsOf, texts } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { refuseBlock } from "../address-block.ts";
import { isWithin } from "../arm-id.ts";
import type { ArmResource } from "../arm-resource.ts";
import { refuseNetworkName } from "../names.ts";
import { etagOf, newGuid } from "../subscription.ts";
import { TYPE } from "../types.ts";
import { blocksOfSubnet, refuseSubnetInUse } from "./subnet.ts";

/** A virtual network. Its subnets are resources of their own here. */
export const virtualNetwork: ArmResource = {
  token: TYPE.virtualNetwork,
  type: "Microsoft.Network/virtualNetworks",
  apiVersion: "2024-05-01",
  names: ["virtualNetworkName"],
  path: ({ virtualNetworkName }) => `/providers/Microsoft.Network/virtualNetworks/${String(virtualNetworkName)}`,
  location: "replaces",
  hasTags: true,
  properties: {
    addressSpace: { type: { object: { addressPrefixes: { type: { list: "string" } } } } },
    dhcpOptions: { type: { object: { dnsServers: { type: { list: "string" } } } } },
    enableDdosProtection: { type: "boolean" },
    enableVmProtection: { type: "boolean" },
    flowTimeoutInMinutes: { type: "number" },
    privateEndpointVNetPolicies: { type: "string" },
  },
  outputs: ["etag", "provisioningState", "resourceGuid", "subnets", "virtualNetworkPeerings"],

  put(state, { id, name, body, former }) {
    refuseNetworkName(name);
    const blocks = texts(object(body, "addressSpace"), "addressPrefixes");
    if (blocks.length === 0)
      throw new ApiError(
        "InvalidRequestFormat",
        "Cannot parse the request: addressSpace.addressPrefixes of the virtual network is missing or empty.",
      );
    for (const [index, block] of blocks.entries()) {
      refuseBlock(block, id);
      const other = blocks.slice(0, index).find((one) => overlap(one, block));
      if (other !== undefined)
        throw new ApiError(
          "NetcfgVirtualNetworkAddressSpaceOverlaps",
          `Address prefixes ${other} and ${block} of virtual network '${name}' overlap.`,
        );
    }
    for (const [, subnet] of subnetsOf(state, id))
      for (const block of blocksOfSubnet(subnet))
        if (!blocks.some((outer) => contains(outer, block))) refuseOutside(String(subnet.name), name);
    return {
      enableDdosProtection: false,
      privateEndpointVNetPolicies: "Disabled",
      ...body,
      etag: etagOf(body),
      provisioningState: "Succeeded",
      resourceGuid: former?.resourceGuid ?? newGuid(),
      virtualNetworkPeerings: objects(former, "virtualNetworkPeerings"),
    };
  },

  refuseRemoval(state, id) {
    for (const [subnetId, subnet] of subnetsOf(state, id)) refuseSubnetInUse(state, subnetId, String(subnet.name));
  },

  removed(state, id) {
    for (const [subnetId] of subnetsOf(state, id)) delete state.records[TYPE.subnet]?.[subnetId];
  },
};

function subnetsOf(state: WorldState, id: string): [string, WorldRecord][] {
  return recordsOf(state, TYPE.subnet).filter(([subnetId]) => isWithin(subnetId, id));
}

function refuseOutside(subnet: string, network: string): never {
  throw new ApiError(
    "NetcfgSubnetRangeOutsideVnet",
    `Subnet '${subnet}' is not valid because its IP address range is outside the IP address range of virtual network '${network}'.`,
  );
}
