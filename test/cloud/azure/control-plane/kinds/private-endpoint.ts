import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import { objects, recordsOf, text } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { isSameId, nameIn, partOf, referenceIn } from "../arm-id.ts";
import type { ArmResource, PutRequest } from "../arm-resource.ts";
import { refuseNetworkName } from "../names.ts";
import { takePrivateAddress } from "../private-address.ts";
import { addressesOfInterface, interfaceOf, putInterface, removeInterface } from "../private-link-interface.ts";
import {
  addConnection,
  CONNECTION_LISTS,
  type ConnectionState,
  describeState,
  dropConnection,
  isApprovedAtOnce,
  isVisible,
} from "../private-link-service-connections.ts";
import { subnetOf } from "../private-link-subnet.ts";
import { etagOf, newGuid } from "../subscription.ts";
import { TYPE } from "../types.ts";

const ARM_TYPE = "Microsoft.Network/privateEndpoints";
const ALIAS = /^[^/]+\.azure\.privatelinkservice$/i;
const MOST_MESSAGE_CHARACTERS = 140;

const connection: PropertySchema = {
  groupIds: { type: { list: "string" } },
  id: { type: "string" },
  name: { type: "string" },
  privateLinkServiceConnectionState: {
    type: { object: { actionsRequired: { type: "string" }, description: { type: "string" }, status: { type: "string" } } },
  },
  privateLinkServiceId: { type: "string" },
  requestMessage: { type: "string" },
};

/** The SDK adds defaults of a subnet to the reference to one, which Azure overlooks. */
const subnet: PropertySchema = {
  id: { type: "string" },
  privateEndpointNetworkPolicies: { type: "string" },
  privateLinkServiceNetworkPolicies: { type: "string" },
};

/** An address in a network that leads to a service in another one, once the owner of that has approved it. */
export const privateEndpoint: ArmResource = {
  token: TYPE.privateEndpoint,
  type: ARM_TYPE,
  apiVersion: "2024-05-01",
  names: ["privateEndpointName"],
  path: ({ privateEndpointName }) => `/providers/${ARM_TYPE}/${String(privateEndpointName)}`,
  location: "stays",
  hasTags: true,
  properties: {
    customNetworkInterfaceName: { type: "string" },
    ipConfigurations: {
      type: {
        list: {
          object: {
            groupId: { type: "string" },
            memberName: { type: "string" },
            name: { type: "string" },
            privateIPAddress: { type: "string" },
          },
        },
      },
    },
    manualPrivateLinkServiceConnections: { type: { list: { object: connection } } },
    privateLinkServiceConnections: { type: { list: { object: connection } } },
    subnet: { type: { object: subnet }, replaces: true },
  },
  outputs: ["customDnsConfigs", "etag", "networkInterfaces", "provisioningState"],
  linked: ({ privateLinkServiceConnections }) => [
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    ...(privateLinkServiceConnections === undefined
      ? []
      : ["Microsoft.Network/privateLinkServices/PrivateEndpointConnectionsApproval/action"]),
  ],

  put(state, request) {
    const { id, name, body, former } = request;
    refuseNetworkName(name);
    const place = subnetOf(state, referenceIn(body, "subnet"), body.location, id);
    const [list, asked] = theConnection(id, body);
    if (former !== undefined) refuseChanges(id, former, place[0], list, asked, body);
    const status = former === undefined ? connect(state, request, list, asked) : stateIn(former);
    const nicId = interfaceOf(former) ?? newInterfaceId(request);
    const [configuration, kept] = [...addressesOfInterface(state, former)][0] ?? [`privateEndpointIpConfig.${newGuid()}`];
    const wanted = text(objects(body, "ipConfigurations")[0], "privateIPAddress");
    const privateIPAddress = kept ?? takePrivateAddress(state, place, `${nicId}/ipConfigurations/${configuration}`, wanted);
    putInterface(state, nicId, { property: "privateEndpoint", id, location: body.location }, [
      { name: configuration, subnetId: place[0], privateIPAddress },
    ]);
    return {
      customNetworkInterfaceName: "",
      ipConfigurations: [],
      ...body,
      // There are none for a service of somebody's own.
      customDnsConfigs: [],
      etag: etagOf(body),
      ...Object.fromEntries(CONNECTION_LISTS.map((each) => [each, each === list ? [described(id, each, asked, status)] : []])),
      networkInterfaces: [{ id: nicId }],
      provisioningState: "Succeeded",
      subnet: { id: place[0] },
    };
  },

  removed(state, id, record) {
    removeInterface(state, record);
    dropConnection(state, id);
  },
};

type ConnectionList = (typeof CONNECTION_LISTS)[number];

/** The one connection that an endpoint has to ask for. */
function theConnection(id: string, body: WorldRecord): [ConnectionList, WorldRecord] {
  const all = CONNECTION_LISTS.flatMap((list) => objects(body, list).map((one): [ConnectionList, WorldRecord] => [list, one]));
  const [first] = all;
  if (first === undefined || all.length > 1)
    throw new ApiError(
      "PrivateEndpointMustHaveOnePrivateLinkServiceConnection",
      `Private endpoint ${id} must have exactly one connection, in either privateLinkServiceConnections or manualPrivateLinkServiceConnections; it has ${all.length}.`,
    );
  const message = text(first[1], "requestMessage") ?? "";
  if (message.length > MOST_MESSAGE_CHARACTERS)
    throw new ApiError(
      "PrivateLinkServiceConnectionRequestMessageTooLong",
      `The request message of private endpoint ${id} has ${message.length} characters, and may have ${MOST_MESSAGE_CHARACTERS}.`,
    );
  return first;
}

/** Whoever may not see a service is not told that there is one. */
function refuseUnseenService(wanted: string, id: string): never {
  throw new ApiError(
    "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible",
    `Third-party Private Link Service Id ${wanted} provided during the creation of private endpoint ${id} does not exist or is not visible.`,
  );
}

/** Finds the service and has it know of the connection. */
function connect(state: WorldState, { id, body, subscriptionId }: PutRequest, list: ConnectionList, asked: WorldRecord): ConnectionState {
  const wanted = String(asked.privateLinkServiceId);
  const byAlias = ALIAS.test(wanted) && list === "manualPrivateLinkServiceConnections";
  if (!byAlias && !wanted.startsWith("/subscriptions/"))
    throw new ApiError(
      "LinkedInvalidPropertyId",
      `Property id '${wanted}' at path 'properties.${list}[0].properties.privateLinkServiceId' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`,
    );
  const [serviceId, service] =
    recordsOf(state, TYPE.privateLinkService).find(([known, one]) => isSameId(byAlias ? one.alias : known, wanted)) ??
    refuseUnseenService(wanted, id);
  const isOwn = isSameId(partOf(serviceId, "subscriptions"), subscriptionId);
  if (!isVisible(serviceId, service, subscriptionId)) refuseUnseenService(wanted, id);
  if (list === "privateLinkServiceConnections" && !isOwn)
    throw new ApiError(
      "LinkedAuthorizationFailed",
      `The client has permission to perform action 'Microsoft.Network/privateLinkServices/PrivateEndpointConnectionsApproval/action' on scope '${id}', however the linked subscription '${partOf(serviceId, "subscriptions")}' was not found.`,
    );
  const isApproved = list === "privateLinkServiceConnections" || isApprovedAtOnce(service, subscriptionId);
  const status: ConnectionState = isApproved
    ? { status: "Approved", description: "Auto-Approved" }
    : { status: "Pending", description: "Awaiting approval" };
  addConnection(service, serviceId, id, body.location, status);
  return status;
}

function refuseChanges(
  id: string,
  former: WorldRecord,
  subnetId: string,
  list: ConnectionList,
  asked: WorldRecord,
  body: WorldRecord,
): void {
  const before = referenceIn(former, "subnet");
  if (!isSameId(before, subnetId))
    throw new ApiError(
      "CannotChangeSubnetOnExistingPrivateEndpoint",
      `Cannot change the subnet in which the network interface for private endpoint ${id} is created. Current subnet: '${before}.' Requested subnet: '${subnetId}.'`,
    );
  const [existing] = objects(former, list);
  if (existing === undefined || existing.name !== asked.name || !isSameId(existing.privateLinkServiceId, asked.privateLinkServiceId))
    throw new ApiError(
      "CannotChangePrivateLinkConnectionOnPrivateEndpoint",
      `Cannot change the private link connection on private endpoint ${id}. Please ensure you are not updating the details of existing private link connection: '${id}/${list}/${String(existing?.name ?? asked.name)}'. That is not allowed.`,
    );
  if (JSON.stringify(objects(former, "ipConfigurations")) !== JSON.stringify(objects(body, "ipConfigurations")))
    throw new ApiError(
      "CannotChangeIpConfigurationsOnPrivateEndpoint",
      `Cannot change the IP configurations of the existing private endpoint ${id}.`,
    );
}

function stateIn(former: WorldRecord): ConnectionState {
  const [existing] = CONNECTION_LISTS.flatMap((list) => objects(former, list));
  return existing?.privateLinkServiceConnectionState as unknown as ConnectionState;
}

function described(id: string, list: ConnectionList, asked: WorldRecord, status: ConnectionState): WorldRecord {
  return {
    groupIds: [],
    ...asked,
    id: `${id}/${list}/${String(asked.name)}`,
    privateLinkServiceConnectionState: describeState(status),
    provisioningState: "Succeeded",
    type: `${ARM_TYPE}/${list}`,
  };
}

function newInterfaceId({ id, body }: PutRequest): string {
  const name = text(body, "customNetworkInterfaceName") ?? `${nameIn(id)}.nic.${newGuid()}`;
  return `${id.slice(0, id.indexOf("/providers/"))}/providers/Microsoft.Network/networkInterfaces/${name}`;
}
