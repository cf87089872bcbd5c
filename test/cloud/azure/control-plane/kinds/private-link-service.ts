import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import { object, objects, recordsOf, text, texts } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { findById, isSameId, referenceIn } from "../arm-id.ts";
import type { ArmResource, PutRequest } from "../arm-resource.ts";
import { refuseAbsentReference, refuseNetworkName } from "../names.ts";
import { takePrivateAddress } from "../private-address.ts";
import { addressesOfInterface, interfaceOf, type OwnedConfiguration, putInterface, removeInterface } from "../private-link-interface.ts";
import { networkOfSubnet, subnetOf } from "../private-link-subnet.ts";
import { etagOf, isSameLocation, newGuid, normalLocation } from "../subscription.ts";
import { TYPE } from "../types.ts";
import { reference } from "./reference.ts";

const ARM_TYPE = "Microsoft.Network/privateLinkServices";
const MOST_NAT_ADDRESSES = 8;
const EVERYBODY = "*";

const natConfiguration: PropertySchema = {
  id: { type: "string" },
  name: { type: "string" },
  primary: { type: "boolean" },
  privateIPAddress: { type: "string" },
  privateIPAddressVersion: { type: "string" },
  privateIPAllocationMethod: { type: "string" },
  subnet: { type: reference },
};
const subscriptions: PropertySchema = { subscriptions: { type: { list: "string" } } };

/** What others connect to: the frontend of a load balancer, by an alias. */
export const privateLinkService: ArmResource = {
  token: TYPE.privateLinkService,
  type: ARM_TYPE,
  apiVersion: "2024-05-01",
  names: ["serviceName"],
  path: ({ serviceName }) => `/providers/${ARM_TYPE}/${String(serviceName)}`,
  location: "stays",
  hasTags: true,
  properties: {
    autoApproval: { type: { object: subscriptions } },
    enableProxyProtocol: { type: "boolean" },
    fqdns: { type: { list: "string" } },
    ipConfigurations: { type: { list: { object: natConfiguration } } },
    loadBalancerFrontendIpConfigurations: { type: { list: reference } },
    visibility: { type: { object: subscriptions } },
  },
  outputs: ["alias", "etag", "networkInterfaces", "privateEndpointConnections", "provisioningState"],
  linked: () => [
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Network/loadBalancers/frontendIPConfigurations/join/action",
  ],

  put(state, request) {
    const { id, name, body, former } = request;
    refuseNetworkName(name);
    refuseApprovalOfTheUnseen(id, body);
    const networkId = refuseFrontends(state, request);
    const nicId =
      interfaceOf(former) ??
      `${id.slice(0, id.indexOf("/providers/"))}/providers/Microsoft.Network/networkInterfaces/${name}.nic.${newGuid()}`;
    const configurations = placed(state, request, networkId);
    putInterface(state, nicId, { property: "privateLinkService", id, location: body.location }, configurations);
    return {
      enableProxyProtocol: false,
      fqdns: [],
      ...body,
      alias: former?.alias ?? `${name.toLowerCase()}.${newGuid()}.${normalLocation(body.location)}.azure.privatelinkservice`,
      autoApproval: { subscriptions: texts(object(body, "autoApproval"), "subscriptions") },
      etag: etagOf(body),
      ipConfigurations: objects(body, "ipConfigurations").map((one) => ({
        privateIPAddressVersion: "IPv4",
        privateIPAllocationMethod: "Dynamic",
        ...one,
        id: `${id}/ipConfigurations/${String(one.name)}`,
        provisioningState: "Succeeded",
        type: `${ARM_TYPE}/ipConfigurations`,
      })),
      networkInterfaces: [{ id: nicId }],
      privateEndpointConnections: objects(former, "privateEndpointConnections"),
      provisioningState: "Succeeded",
      visibility: { subscriptions: texts(object(body, "visibility"), "subscriptions") },
    };
  },

  refuseRemoval(_state, id, record) {
    const count = objects(record, "privateEndpointConnections").length;
    if (count > 0)
      throw new ApiError(
        "PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted",
        `Private link service ${id} cannot be deleted since it has ${count} private endpoint connection${count === 1 ? "" : "s"}. Please delete all private endpoint connections before deleting the private link service.`,
      );
  },

  removed: (state, _id, record) => removeInterface(state, record),
};

function refuseApprovalOfTheUnseen(id: string, body: WorldRecord): void {
  const [visible, approved] = ["visibility", "autoApproval"].map((list) => texts(object(body, list), "subscriptions")) as [
    string[],
    string[],
  ];
  const unseen = approved.find((one) => !visible.some((other) => other === EVERYBODY || isSameId(other, one)));
  if (unseen !== undefined)
    throw new ApiError(
      "PrivateLinkServiceAutoApprovalMustBeSubsetOfVisibility",
      `The auto-approval of private link service ${id} has the subscription ${unseen}, which is not in its visibility.`,
    );
}

/** Refuses frontends that no service can stand on, and gives the network they are in. */
function refuseFrontends(state: WorldState, { id, body }: PutRequest): string {
  const frontends = objects(body, "loadBalancerFrontendIpConfigurations");
  if (frontends.length === 0)
    throw new ApiError(
      "PrivateLinkServiceMustHaveLoadBalancerFrontend",
      `Private link service ${id} must reference at least one frontend IP configuration of a load balancer.`,
    );
  const networks = frontends.map(({ id: frontendId }) => {
    const [balancerId = ""] = String(frontendId).split(/\/frontendIPConfigurations\//i);
    const [, balancer] = findById(state, TYPE.loadBalancer, balancerId) ?? [];
    if (balancer === undefined || !isSameLocation(balancer.location, body.location)) return refuseAbsentReference(balancerId, id);
    const frontend = objects(balancer, "frontendIPConfigurations").find((one) => isSameId(one.id, frontendId));
    if (frontend === undefined) return refuseAbsentReference(frontendId, id);
    if (referenceIn(frontend, "subnet") === undefined)
      throw new ApiError(
        "PrivateLinkServiceFrontendMustBePrivate",
        `Private link service ${id} cannot be on the frontend ${String(frontendId)}, which has a public IP address.`,
      );
    if (objects(balancer, "backendAddressPools").some((pool) => objects(pool, "loadBalancerBackendAddresses").length > 0))
      throw new ApiError(
        "PrivateLinkServiceNotSupportedWithIPBasedBackendPool",
        `Private link service ${id} cannot be on load balancer ${balancerId}, whose backend pool is configured by IP address.`,
      );
    refuseSharedFrontend(state, id, String(frontendId));
    return networkOfSubnet(referenceIn(frontend, "subnet"));
  });
  return String(networks[0]);
}

function refuseSharedFrontend(state: WorldState, id: string, frontendId: string): void {
  for (const [other, record] of recordsOf(state, TYPE.privateLinkService))
    if (!isSameId(other, id) && objects(record, "loadBalancerFrontendIpConfigurations").some((one) => isSameId(one.id, frontendId)))
      throw new ApiError(
        "LoadBalancerFrontendInUseByAnotherPrivateLinkService",
        `Frontend IP configuration ${frontendId} is referenced by private link service ${other} and cannot be used by ${id}.`,
      );
}

/** The NAT addresses of a service: those it has stay. */
function placed(state: WorldState, { id, body, former }: PutRequest, networkId: string): OwnedConfiguration[] {
  const asked = objects(body, "ipConfigurations");
  if (asked.length === 0 || asked.length > MOST_NAT_ADDRESSES)
    throw new ApiError(
      "PrivateLinkServiceIpConfigurationCountOutOfRange",
      `Private link service ${id} has ${asked.length} IP configurations; it must have between 1 and ${MOST_NAT_ADDRESSES}.`,
    );
  if (asked.filter(({ primary }) => primary === true).length > 1 || (asked.length > 1 && !asked.some(({ primary }) => primary === true)))
    throw new ApiError(
      "PrivateLinkServiceMustHaveOnePrimaryIpConfiguration",
      `Private link service ${id} must have exactly one primary IP configuration.`,
    );
  const kept = addressesOfInterface(state, former);
  const lost = [...kept.keys()].find((name) => !asked.some((one) => one.name === name));
  if (lost !== undefined)
    throw new ApiError(
      "PrivateLinkServiceIpConfigurationCannotBeRemoved",
      `IP configuration ${lost} of private link service ${id} cannot be removed once it is there.`,
    );
  const taken: OwnedConfiguration[] = [];
  for (const one of asked) {
    const name = String(one.name);
    const subnet = natSubnet(state, id, one, body.location, networkId);
    const privateIPAddress =
      kept.get(name) ??
      takePrivateAddress(withTaken(state, taken), subnet, `${id}/ipConfigurations/${name}`, text(one, "privateIPAddress"));
    taken.push({ name, subnetId: subnet[0], privateIPAddress });
  }
  return taken;
}

function natSubnet(state: WorldState, id: string, one: WorldRecord, location: unknown, networkId: string): [string, WorldRecord] {
  const subnet = subnetOf(state, referenceIn(one, "subnet"), location, id);
  if (!isSameId(networkOfSubnet(subnet[0]), networkId))
    throw new ApiError(
      "PrivateLinkServiceSubnetNotInLoadBalancerVirtualNetwork",
      `The subnet ${subnet[0]} of private link service ${id} is not in the virtual network of its load balancer, ${networkId}.`,
    );
  if (subnet[1].privateLinkServiceNetworkPolicies !== "Disabled")
    throw new ApiError(
      "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
      `Private link service ${id} cannot be created in a subnet ${subnet[0]} since it has private link service network policies enabled.`,
    );
  return subnet;
}

/** The world with addresses that are about to be taken by one request. */
function withTaken(state: WorldState, taken: readonly OwnedConfiguration[]): WorldState {
  const ipConfigurations = taken.map(({ name, subnetId, privateIPAddress }) => ({ id: name, privateIPAddress, subnet: { id: subnetId } }));
  return { ...state, records: { ...state.records, taken: { taken: { ipConfigurations } } } };
}
