import { PRIVATE_LINK_ALIAS } from "./private-link-id.ts";

/** A connection that was asked for. */
export interface ConnectionRequest {
  /** Logical name of the endpoint. */
  readonly name: string;
  /** ARM id of the endpoint. */
  readonly endpointId: string;
  /** What Pulumi knows the endpoint by, to replace it. */
  readonly urn: string;
  /** ARM id or alias of the service. */
  readonly service: string;
  /** What the owner of the service recognises the request by; `undefined` where nobody has to. */
  readonly requestMessage: string | undefined;
  /** For how long to wait; 0 is not at all. */
  readonly waitMinutes: number;
}

/** How a connection is doing, in Azure's words. */
export interface ConnectionState {
  /** `Pending`, `Approved`, `Rejected` or `Disconnected`; empty while Azure has not said. */
  readonly status: string;
  /** What the owner of the service wrote, if anything. */
  readonly description: string;
}

/** What to do about a connection. */
export type ApprovalDecision =
  | { readonly kind: "done"; readonly status: string }
  /** @property `explanation` is all there is to know; `notice` is the same on one line. */
  | { readonly kind: "wait"; readonly explanation: string; readonly notice: string }
  | { readonly kind: "failure"; readonly reason: string };

const SECONDS_PER_MINUTE = 60;

/**
 * Decides about a connection by what Azure says of it.
 *
 * @param state `undefined` if the endpoint is not there.
 * @param elapsedSeconds for how long this `up` has been waiting.
 */
export function decideApproval(request: ConnectionRequest, state: ConnectionState | undefined, elapsedSeconds: number): ApprovalDecision {
  if (state === undefined) return { kind: "failure", reason: renderGone(request) };
  switch (state.status) {
    case "Approved":
      return { kind: "done", status: state.status };
    case "Rejected":
      return { kind: "failure", reason: renderRejected(request, state.description) };
    // Older versions of the API say the second.
    case "Disconnected":
    case "Removed":
      return { kind: "failure", reason: renderRemoved(request) };
    default:
      return decideWait(request, elapsedSeconds);
  }
}

function decideWait(request: ConnectionRequest, elapsedSeconds: number): ApprovalDecision {
  const { name, service, waitMinutes } = request;
  if (waitMinutes === 0) return { kind: "done", status: "Pending" };
  const secondsLeft = waitMinutes * SECONDS_PER_MINUTE - elapsedSeconds;
  if (secondsLeft <= 0) return { kind: "failure", reason: renderLimit(request) };
  const left = `${renderMinutes(Math.ceil(secondsLeft / SECONDS_PER_MINUTE))} left`;
  return {
    kind: "wait",
    explanation: `${name} waits for the owner of ${service} to approve the connection; ${left}.\n${renderHow(request)}`,
    notice: `${name} waits for the owner of ${service} to approve the connection${renderRecognition(request)}; ${left}`,
  };
}

function renderLimit(request: ConnectionRequest): string {
  return (
    `the owner of ${request.service} has not approved the connection within ${renderMinutes(request.waitMinutes)}. ` +
    `The endpoint and its request stay as they are; once it is approved, or to go on waiting, run pulumi up again.\n${renderHow(request)}`
  );
}

function renderRejected(request: ConnectionRequest, description: string): string {
  const words = description === "" ? "" : `, saying ${JSON.stringify(description)}`;
  return (
    `the owner of ${request.service} rejected the connection${words}. If they approve it after all, run pulumi up again; ` +
    `to ask them anew: pulumi up --replace '${request.urn}'\n${renderHow(request)}`
  );
}

function renderRemoved({ service, urn }: ConnectionRequest): string {
  return (
    `the owner of ${service} removed the connection, or the service itself. It does not come back, and the endpoint leads nowhere. ` +
    `Find out from them why; to ask for a new connection: pulumi up --replace '${urn}'`
  );
}

function renderGone({ endpointId }: ConnectionRequest): string {
  return `somebody deleted the endpoint ${endpointId}. To have it made again, with a new request: pulumi up --refresh`;
}

/** How the owner of a service finds and approves a request. */
function renderHow(request: ConnectionRequest): string {
  const { service } = request;
  const isAlias = PRIVATE_LINK_ALIAS.test(service);
  const id = isAlias ? `"$(az network private-link-service list --query "[?alias=='${service}'].id" --output tsv)"` : `'${service}'`;
  return [
    `The owner of the service approves it in the Azure portal, at the Private Link Service, Settings, Private endpoint connections${renderRecognition(request)}; or with`,
    `  az network private-endpoint-connection list --id ${id}`,
    "  az network private-endpoint-connection approve --description approved --id ID-OF-THE-CONNECTION",
  ].join("\n");
}

function renderRecognition({ requestMessage }: ConnectionRequest): string {
  return requestMessage === undefined ? "" : `, where its message is "${requestMessage}"`;
}

function renderMinutes(count: number): string {
  return count === 1 ? "1 minute" : `${count} minutes`;
}
