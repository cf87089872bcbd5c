import type { Properties } from "../../../plugin/values.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import { object, objects } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { findById, isSameId, referenceIn } from "../arm-id.ts";
import type { ArmResource, PutRequest } from "../arm-resource.ts";
import { refuseAbsentReference, refuseNetworkName } from "../names.ts";
import { takePrivateAddress } from "../private-address.ts";
import { etagOf, isSameLocation, newGuid } from "../subscription.ts";
import { TYPE } from "../types.ts";
import { ipConfigurations } from "../uses.ts";
import { reference } from "./reference.ts";

const ARM_TYPE = "Microsoft.Network/networkInterfaces";
/** Addresses of this vendor are Azure's. */
const MAC_PREFIX = "00-22-48";

const ipConfiguration: PropertySchema = {
  applicationSecurityGroups: { type: { list: reference } },
  id: { type: "string" },
  loadBalancerBackendAddressPools: { type: { list: reference } },
  name: { type: "string" },
  primary: { type: "boolean" },
  privateIPAddress: { type: "string" },
  privateIPAddressVersion: { type: "string" },
  privateIPAllocationMethod: { type: "string" },
  publicIPAddress: { type: reference },
  subnet: { type: reference },
};

/** A network interface. */
export const networkInterface: ArmResource = {
  token: TYPE.networkInterface,
  type: ARM_TYPE,
  apiVersion: "2024-05-01",
  names: ["networkInterfaceName"],
  path: ({ networkInterfaceName }) => `/providers/${ARM_TYPE}/${String(networkInterfaceName)}`,
  location: "stays",
  hasTags: true,
  properties: {
    dnsSettings: { type: { object: { dnsServers: { type: { list: "string" } }, internalDnsNameLabel: { type: "string" } } } },
    enableAcceleratedNetworking: { type: "boolean" },
    enableIPForwarding: { type: "boolean" },
    ipConfigurations: { type: { list: { object: ipConfiguration } } },
    networkSecurityGroup: { type: reference },
    nicType: { type: "string" },
  },
  outputs: [
    "etag",
    "hostedWorkloads",
    "macAddress",
    "primary",
    "privateEndpoint",
    "provisioningState",
    "resourceGuid",
    "virtualMachine",
    "vnetEncryptionSupported",
  ],

  linked(inputs) {
    const all = objects(inputs as WorldRecord, "ipConfigurations");
    return [
      "Microsoft.Network/virtualNetworks/subnets/join/action",
      ...(all.some((one) => one.publicIPAddress !== undefined) ? ["Microsoft.Network/publicIPAddresses/join/action"] : []),
      ...(all.some((one) => one.loadBalancerBackendAddressPools !== undefined)
        ? ["Microsoft.Network/loadBalancers/backendAddressPools/join/action"]
        : []),
      ...(inputs.networkSecurityGroup === undefined ? [] : ["Microsoft.Network/networkSecurityGroups/join/action"]),
    ];
  },

  put(state, request) {
    const { id, name, body, former } = request;
    refuseNetworkName(name);
    refuseGroup(state, id, body);
    const asked = objects(body as WorldRecord, "ipConfigurations");
    if (asked.length === 0)
      throw new ApiError(
        "NetworkInterfaceMustHaveAtLeastOneIpConfiguration",
        `Network interface ${id} must have one or more IP configurations.`,
      );
    return {
      dnsSettings: { appliedDnsServers: [], dnsServers: [] },
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      hostedWorkloads: [],
      nicType: "Standard",
      ...body,
      etag: etagOf(body),
      ipConfigurations: asked.map((one, index) => configurationOf(state, request, one, index)),
      ...(former?.virtualMachine === undefined ? {} : { virtualMachine: former.virtualMachine }),
      macAddress:
        former?.macAddress ??
        `${MAC_PREFIX}-${newGuid()
          .slice(0, 6)
          .toUpperCase()
          .replace(/(..)(?=.)/g, "$1-")}`,
      provisioningState: "Succeeded",
      resourceGuid: former?.resourceGuid ?? newGuid(),
      vnetEncryptionSupported: false,
    };
  },

  refuseRemoval(_state, id, record) {
    const machine = referenceIn(record, "virtualMachine");
    if (machine !== undefined)
      throw new ApiError(
        "NicInUse",
        `Network Interface ${id} is used by existing resource ${machine}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`,
      );
  },
};

function refuseGroup(state: WorldState, id: string, body: Properties): void {
  const groupId = referenceIn(body, "networkSecurityGroup");
  if (groupId === undefined) return;
  const group = findById(state, TYPE.networkSecurityGroup, groupId)?.[1];
  if (group === undefined || !isSameLocation(group.location, body.location)) refuseAbsentReference(groupId, id);
}

function configurationOf(state: WorldState, { id: interfaceId, body, former }: PutRequest, asked: WorldRecord, index: number): WorldRecord {
  const name = String(asked.name ?? "");
  if (name === "") throw new ApiError("InvalidRequestFormat", "Cannot parse the request: an IP configuration has no name.");
  const id = `${interfaceId}/ipConfigurations/${name}`;
  const subnetId = referenceIn(asked, "subnet");
  const subnet = findById(state, TYPE.subnet, subnetId);
  const network = findById(state, TYPE.virtualNetwork, subnetId?.replace(/\/subnets\/[^/]+$/i, ""))?.[1];
  if (subnet === undefined || network === undefined || !isSameLocation(network.location, body.location))
    refuseAbsentReference(subnetId ?? "(none)", interfaceId);
  const before = objects(former, "ipConfigurations").find((one) => one.name === name);
  refuseAnotherNetwork(before, subnet[0]);
  refusePublicAddress(state, id, asked, body);
  const method = String(asked.privateIPAllocationMethod ?? "Dynamic");
  const stays = isSameId(referenceIn(before, "subnet"), subnet[0]) ? (before?.privateIPAddress as string | undefined) : undefined;
  const wanted = method === "Static" ? asked.privateIPAddress : stays;
  if (method === "Static" && wanted === undefined)
    throw new ApiError(
      "IpAllocationStaticWithoutPrivateIPAddress",
      `IP configuration ${id} has allocation method Static, and no private IP address is specified.`,
    );
  return {
    primary: index === 0,
    privateIPAddressVersion: "IPv4",
    ...asked,
    etag: etagOf(asked),
    id,
    privateIPAddress: takePrivateAddress(state, subnet, id, wanted as string | undefined),
    privateIPAllocationMethod: method,
    provisioningState: "Succeeded",
    subnet: { ...object(asked, "subnet"), id: subnet[0] },
    type: `${ARM_TYPE}/ipConfigurations`,
  };
}

function refuseAnotherNetwork(before: WorldRecord | undefined, subnetId: string): void {
  const networkOf = (id: string | undefined) => id?.replace(/\/subnets\/[^/]+$/i, "");
  const former = networkOf(referenceIn(before, "subnet"));
  if (former !== undefined && !isSameId(former, networkOf(subnetId)))
    throw new ApiError(
      "SubnetsNotInSameVnet",
      `Subnet ${subnetId} is not in the same virtual network as the subnet the network interface was made in, ${former}.`,
    );
}

function refusePublicAddress(state: WorldState, id: string, asked: WorldRecord, body: Properties): void {
  const addressId = referenceIn(asked, "publicIPAddress");
  if (addressId === undefined) return;
  const address = findById(state, TYPE.publicIPAddress, addressId)?.[1];
  if (address === undefined || !isSameLocation(address.location, body.location)) refuseAbsentReference(addressId, id);
  const other = ipConfigurations(state).find((one) => !isSameId(one.id, id) && isSameId(referenceIn(one, "publicIPAddress"), addressId));
  if (other !== undefined)
    throw new ApiError(
      "PublicIPAddressInUse",
      `Resource ${id} is referencing public IP address ${addressId} that is already allocated to resource ${String(other.id)}.`,
    );
}
