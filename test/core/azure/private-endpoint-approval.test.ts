import { expect, test } from "vitest";
import { type ConnectionRequest, decideApproval } from "../../../components/core/azure/private-endpoint-approval.ts";

const ALIAS = "orders.0a1b2c3d-0000-4444-8888-abcdefabcdef.northeurope.azure.privatelinkservice";
const ID = "/subscriptions/99999999-8888-7777-6666-555555555555/resourceGroups/data/providers/Microsoft.Network/privateLinkServices/orders";
const URN = "urn:pulumi:prod::data::reverse-bastion:azure:AzurePrivateEndpoint$azure-native:network:PrivateEndpoint::acme-private-endpoint";
const REQUEST: ConnectionRequest = {
  name: "acme",
  endpointId: "/subscriptions/…/privateEndpoints/acme",
  urn: URN,
  service: ALIAS,
  requestMessage: "Reverse SSH bastion data/prod/acme",
  waitMinutes: 15,
};
const state = (status: string, description = "") => ({ status, description });

const HOW = `The owner of the service approves it in the Azure portal, at the Private Link Service, Settings, Private endpoint connections, where its message is "Reverse SSH bastion data/prod/acme"; or with
  az network private-endpoint-connection list --id "$(az network private-link-service list --query "[?alias=='${ALIAS}'].id" --output tsv)"
  az network private-endpoint-connection approve --description approved --id ID-OF-THE-CONNECTION`;

test.each([0, 1, 899, 900, 100_000])("what is approved is done, after %d seconds as at once", (elapsed) => {
  expect(decideApproval(REQUEST, state("Approved"), elapsed)).toEqual({ kind: "done", status: "Approved" });
  expect(decideApproval({ ...REQUEST, waitMinutes: 0 }, state("Approved"), elapsed)).toEqual({ kind: "done", status: "Approved" });
});

test.each([
  [0, "15 minutes"],
  [1, "15 minutes"],
  [60, "14 minutes"],
  [839, "2 minutes"],
  [840, "1 minute"],
  [899.9, "1 minute"],
])("what is pending for %d seconds is waited for: who, how, and for how long still", (elapsed, left) => {
  expect(decideApproval(REQUEST, state("Pending", "any"), elapsed)).toEqual({
    kind: "wait",
    explanation: `acme waits for the owner of ${ALIAS} to approve the connection; ${left} left.\n${HOW}`,
    notice: `acme waits for the owner of ${ALIAS} to approve the connection, where its message is "Reverse SSH bastion data/prod/acme"; ${left} left`,
  });
});

test.each(["", "Creating"])("the state %j is not a decision yet", (status) => {
  expect(decideApproval(REQUEST, state(status), 0).kind).toBe("wait");
});

test.each([900, 901, 5000])("after %d seconds of fifteen minutes it is over, and can be taken up again", (elapsed) => {
  expect(decideApproval(REQUEST, state("Pending"), elapsed)).toEqual({
    kind: "failure",
    reason: `the owner of ${ALIAS} has not approved the connection within 15 minutes. The endpoint and its request stay as they are; once it is approved, or to go on waiting, run pulumi up again.\n${HOW}`,
  });
});

test("who does not want to wait is told that it is pending", () => {
  expect(decideApproval({ ...REQUEST, waitMinutes: 0 }, state("Pending"), 0)).toEqual({ kind: "done", status: "Pending" });
});

test.each([0, 15])("what is rejected stays so, with a wait of %d minutes", (waitMinutes) => {
  const remedy = `If they approve it after all, run pulumi up again; to ask them anew: pulumi up --replace '${URN}'\n${HOW}`;
  expect(decideApproval({ ...REQUEST, waitMinutes }, state("Rejected"), 0)).toEqual({
    kind: "failure",
    reason: `the owner of ${ALIAS} rejected the connection. ${remedy}`,
  });
  expect(decideApproval({ ...REQUEST, waitMinutes }, state("Rejected", 'who are "you"?\n'), 0)).toEqual({
    kind: "failure",
    reason: `the owner of ${ALIAS} rejected the connection, saying "who are \\"you\\"?\\n". ${remedy}`,
  });
});

test.each(["Disconnected", "Removed"])("what is %s does not come back", (status) => {
  expect(decideApproval(REQUEST, state(status), 0)).toEqual({
    kind: "failure",
    reason: `the owner of ${ALIAS} removed the connection, or the service itself. It does not come back, and the endpoint leads nowhere. Find out from them why; to ask for a new connection: pulumi up --replace '${URN}'`,
  });
});

test("an endpoint that is not there is to be made again", () => {
  expect(decideApproval(REQUEST, undefined, 0)).toEqual({
    kind: "failure",
    reason: `somebody deleted the endpoint /subscriptions/…/privateEndpoints/acme. To have it made again, with a new request: pulumi up --refresh`,
  });
});

test("an id is its own, and what nobody has to recognise has no message", () => {
  expect(decideApproval({ ...REQUEST, service: ID, requestMessage: undefined }, state("Pending"), 0)).toEqual({
    kind: "wait",
    explanation: [
      `acme waits for the owner of ${ID} to approve the connection; 15 minutes left.`,
      "The owner of the service approves it in the Azure portal, at the Private Link Service, Settings, Private endpoint connections; or with",
      `  az network private-endpoint-connection list --id '${ID}'`,
      "  az network private-endpoint-connection approve --description approved --id ID-OF-THE-CONNECTION",
    ].join("\n"),
    notice: `acme waits for the owner of ${ID} to approve the connection; 15 minutes left`,
  });
});
