import { randomInt } from "node:crypto";
import { object, objects, recordsOf } from "../../world/records.ts";
import type { World, WorldRecord, WorldState } from "../../world/world.ts";
import { findById, isSameId, nameIn, partOf, referenceIn } from "./arm-id.ts";
import { removeInterface } from "./private-link-interface.ts";
import { newGuid } from "./subscription.ts";
import { TYPE } from "./types.ts";

/** The two lists of an endpoint's connections, of which exactly one has an element. */
export const CONNECTION_LISTS = ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"] as const;

/** How a connection is doing; both of its ends say the same. */
export interface ConnectionState {
  readonly status: "Pending" | "Approved" | "Rejected" | "Disconnected";
  readonly description: string;
}

const EVERYBODY = "*";

/** Whether those of a subscription can ask for a connection to a service. Without a word on it, those of its own can. */
export function isVisible(serviceId: string, service: WorldRecord, subscriptionId: string): boolean {
  return isListed(service, "visibility", subscriptionId) || isSameId(partOf(serviceId, "subscriptions"), subscriptionId);
}

/** Whether a connection needs nobody's approval. */
export function isApprovedAtOnce(service: WorldRecord, subscriptionId: string): boolean {
  return isListed(service, "autoApproval", subscriptionId);
}

/** Has a service know of a connection that an endpoint asks for. */
export function addConnection(
  service: WorldRecord,
  serviceId: string,
  endpointId: string,
  location: unknown,
  state: ConnectionState,
): void {
  const name = `${nameIn(endpointId)}.${newGuid()}`;
  service.privateEndpointConnections = [
    ...objects(service, "privateEndpointConnections"),
    {
      id: `${serviceId}/privateEndpointConnections/${name}`,
      linkIdentifier: `${randomInt(100_000_000, 1_000_000_000)}`,
      name,
      privateEndpoint: { id: endpointId },
      privateEndpointLocation: location,
      privateLinkServiceConnectionState: describeState(state),
      provisioningState: "Succeeded",
      type: "Microsoft.Network/privateLinkServices/privateEndpointConnections",
    },
  ];
}

/** Has a service forget the connection of an endpoint. */
export function dropConnection(state: WorldState, endpointId: string): void {
  for (const [, service] of recordsOf(state, TYPE.privateLinkService))
    service.privateEndpointConnections = objects(service, "privateEndpointConnections").filter((one) => !isOf(one, endpointId));
}

/** A state as ARM tells it. */
export function describeState({ status, description }: ConnectionState): WorldRecord {
  return { actionsRequired: "None", description, status };
}

/** The owner of a service approves the connection of an endpoint. */
export async function approveConnection(world: World, serviceId: string, endpointId: string, description = "Approved"): Promise<void> {
  await decide(world, serviceId, endpointId, { status: "Approved", description });
}

/** The owner of a service rejects the connection of an endpoint. */
export async function rejectConnection(world: World, serviceId: string, endpointId: string, description = "Rejected"): Promise<void> {
  await decide(world, serviceId, endpointId, { status: "Rejected", description });
}

/** The owner of a service removes the connection of an endpoint, which then leads nowhere for good. */
export async function removeConnection(world: World, serviceId: string, endpointId: string): Promise<void> {
  await world.change((state) => {
    connectionOf(state, serviceId, endpointId);
    dropConnection(state, endpointId);
    tellEndpoint(state, endpointId, { status: "Disconnected", description: "Connection removed by the owner of the service" });
  });
}

/** Somebody deletes an endpoint, behind the back of who deployed it. */
export async function deleteEndpoint(world: World, endpointId: string): Promise<void> {
  await world.change((state) => {
    const [id = "", endpoint = {}] = findById(state, TYPE.privateEndpoint, endpointId) ?? [];
    removeInterface(state, endpoint);
    dropConnection(state, id);
    delete state.records[TYPE.privateEndpoint]?.[id];
  });
}

async function decide(world: World, serviceId: string, endpointId: string, decision: ConnectionState): Promise<void> {
  await world.change((state) => {
    connectionOf(state, serviceId, endpointId).privateLinkServiceConnectionState = describeState(decision);
    tellEndpoint(state, endpointId, decision);
  });
}

function tellEndpoint(state: WorldState, endpointId: string, decision: ConnectionState): void {
  const [, endpoint] = findById(state, TYPE.privateEndpoint, endpointId) ?? [];
  for (const list of CONNECTION_LISTS)
    for (const connection of objects(endpoint, list)) connection.privateLinkServiceConnectionState = describeState(decision);
}

function connectionOf(state: WorldState, serviceId: string, endpointId: string): WorldRecord {
  const [, service] = findById(state, TYPE.privateLinkService, serviceId) ?? [];
  const connection = objects(service, "privateEndpointConnections").find((one) => isOf(one, endpointId));
  if (connection === undefined) throw new Error(`${serviceId} has no connection of ${endpointId}`);
  return connection;
}

function isOf(connection: WorldRecord, endpointId: string): boolean {
  return isSameId(referenceIn(connection, "privateEndpoint"), endpointId);
}

function isListed(service: WorldRecord, list: "visibility" | "autoApproval", subscriptionId: string): boolean {
  const subscriptions = (object(service, list)?.subscriptions ?? []) as readonly string[];
  return subscriptions.some((one) => one === EVERYBODY || isSameId(one, subscriptionId));
}
