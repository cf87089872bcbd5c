import { setTimeout as sleep } from "node:timers/promises";
import { type GetPrivateEndpointResult, getPrivateEndpoint } from "@pulumi/azure-native/network/getPrivateEndpoint.js";
import * as pulumi from "@pulumi/pulumi";
import {
  type ApprovalDecision,
  type ConnectionRequest,
  type ConnectionState,
  decideApproval,
} from "../core/azure/private-endpoint-approval.ts";

/** What tells the time, and lets it pass. */
export interface Clock {
  /** Milliseconds since whenever. */
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
}

/** The machine's own clock. */
export const SYSTEM_CLOCK: Clock = { now: () => performance.now(), sleep };

/** Where an endpoint is, for those who ask about it. */
export interface EndpointName {
  readonly privateEndpointName: string;
  readonly resourceGroupName: string;
}

/** A connection whose state is decided. */
export interface PrivateConnection {
  readonly status: string;
  readonly networkInterfaceId: string;
}

const POLL_MILLISECONDS = 10_000;
/** How often people are told that it is still going on. */
const NOTICE_MILLISECONDS = 60_000;
/** Azure asked this often in a row without an answer: that is no hiccup. */
const MOST_FAILURES = 3;

/**
 * Waits until a connection is approved, or decided otherwise. A preview looks once, and only warns.
 *
 * @param resource what messages are about.
 * @returns `undefined` in a preview if the endpoint is not there.
 */
export async function awaitApproval(
  request: ConnectionRequest,
  where: EndpointName,
  clock: Clock,
  resource: pulumi.Resource,
  invoke: pulumi.InvokeOptions,
): Promise<PrivateConnection | undefined> {
  const begin = clock.now();
  for (let notices = 0; ; ) {
    const endpoint = await lookUp(where, clock, invoke);
    const elapsed = clock.now() - begin;
    const state = endpoint === undefined ? undefined : stateOf(endpoint);
    const decision = decideApproval(request, state, elapsed / 1000);
    if (pulumi.runtime.isDryRun()) return preview(decision, endpoint, state, resource);
    if (decision.kind === "failure") throw new pulumi.ResourceError(decision.reason, resource, true);
    if (decision.kind === "done") return connectionOf(decision.status, endpoint as GetPrivateEndpointResult);

    if (elapsed >= notices * NOTICE_MILLISECONDS) {
      // The first one stays on the screen; the others take each other's place.
      if (notices === 0) await pulumi.log.info(decision.explanation, resource);
      else await pulumi.log.info(decision.notice, resource, undefined, true);
      notices += 1;
    }
    await clock.sleep(POLL_MILLISECONDS);
  }
}

/** What is wrong now may be what the update to come puts right. */
async function preview(
  decision: ApprovalDecision,
  endpoint: GetPrivateEndpointResult | undefined,
  state: ConnectionState | undefined,
  resource: pulumi.Resource,
): Promise<PrivateConnection | undefined> {
  if (decision.kind === "failure") await pulumi.log.warn(decision.reason, resource);
  return endpoint === undefined ? undefined : connectionOf(state?.status || "Pending", endpoint);
}

async function lookUp(where: EndpointName, clock: Clock, invoke: pulumi.InvokeOptions): Promise<GetPrivateEndpointResult | undefined> {
  for (let failures = 1; ; failures++) {
    try {
      return await getPrivateEndpoint(where, invoke);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (failures === MOST_FAILURES) throw error;
      await clock.sleep(POLL_MILLISECONDS);
    }
  }
}

/** Azure's code for it, or the status, in the spellings of azure-native's clients. */
const NOT_FOUND = /\bResource(?:Group)?NotFound\b|\bStatus(?:Code)?=404\b|\b404 Not Found\b/;

function isNotFound(error: unknown): boolean {
  return error instanceof Error && NOT_FOUND.test(error.message);
}

function stateOf({ manualPrivateLinkServiceConnections, privateLinkServiceConnections }: GetPrivateEndpointResult): ConnectionState {
  const [connection] = [...(manualPrivateLinkServiceConnections ?? []), ...(privateLinkServiceConnections ?? [])];
  const { status = "", description = "" } = connection?.privateLinkServiceConnectionState ?? {};
  return { status, description };
}

function connectionOf(status: string, { networkInterfaces }: GetPrivateEndpointResult): PrivateConnection {
  return { status, networkInterfaceId: networkInterfaces[0]?.id ?? "" };
}
