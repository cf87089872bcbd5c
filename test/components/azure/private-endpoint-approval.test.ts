import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { isKnown, settled } from "../../support/engine.ts";
import {
  azureEngine,
  endpointIn,
  FakeClock,
  GET_ENDPOINT,
  PRIVATE_IP,
  SERVICE_ALIAS,
  SERVICE_ID,
  upEndpoint,
} from "../../support/private-link-engine.ts";

const ABOUT = "azure-native:network:PrivateEndpoint::acme-private-endpoint";
const MESSAGE = "Reverse SSH bastion project/stack/acme";
const URN =
  "urn:pulumi:stack::project::reverse-bastion:azure:AzurePrivateEndpoint$azure-native:network:PrivateEndpoint::acme-private-endpoint";
const HOW = `The owner of the service approves it in the Azure portal, at the Private Link Service, Settings, Private endpoint connections, where its message is "${MESSAGE}"; or with
  az network private-endpoint-connection list --id "$(az network private-link-service list --query "[?alias=='${SERVICE_ALIAS}'].id" --output tsv)"
  az network private-endpoint-connection approve --description approved --id ID-OF-THE-CONNECTION`;
const REJECTED = `the owner of ${SERVICE_ALIAS} rejected the connection, saying "who are you?". If they approve it after all, run pulumi up again; to ask them anew: pulumi up --replace '${URN}'\n${HOW}`;
const REMOVED = `the owner of ${SERVICE_ALIAS} removed the connection, or the service itself. It does not come back, and the endpoint leads nowhere. Find out from them why; to ask for a new connection: pulumi up --replace '${URN}'`;
const GONE = "somebody deleted the endpoint acme-private-endpoint-id. To have it made again, with a new request: pulumi up --refresh";
const NOT_FOUND = new Error('Code="ResourceNotFound" Message="The Resource … was not found."');

const pending = (count: number) => Array.from({ length: count }, () => endpointIn("Pending", MESSAGE));

/** Deploys with these answers about the endpoint. */
async function waitFor(answers: readonly (object | Error)[], args: Parameters<typeof upEndpoint>[0] = {}, preview = false) {
  const clock = new FakeClock();
  const deployed = await upEndpoint(args, { ...azureEngine(answers), preview }, { clock });
  const asked = deployed.called.filter(({ token }) => token === GET_ENDPOINT).length;
  return { ...deployed, clock, asked };
}

test("what is approved at once, or was long ago, is not waited for", async () => {
  const { result, error, logged, clock, asked } = await waitFor([endpointIn("Approved")]);
  expect([error, logged, clock.sleeps, asked]).toEqual([undefined, [], [], 1]);
  expect(await settled(result.connectionStatus)).toBe("Approved");
});

test("what is approved after a while is asked for every ten seconds, with a word each minute", async () => {
  const { result, error, logged, clock, asked } = await waitFor([...pending(13), endpointIn("Approved")]);
  expect(error).toBeUndefined();
  expect([await settled(result.connectionStatus), await settled(result.privateIp)]).toEqual(["Approved", PRIVATE_IP]);
  expect([asked, clock.sleeps]).toEqual([14, Array.from({ length: 13 }, () => 10_000)]);
  const waits = `acme waits for the owner of ${SERVICE_ALIAS} to approve the connection`;
  expect(logged).toEqual(
    [
      `${waits}; 15 minutes left.\n${HOW}`,
      `${waits}, where its message is "${MESSAGE}"; 14 minutes left`,
      `${waits}, where its message is "${MESSAGE}"; 13 minutes left`,
    ].map((message) => ({ severity: "info", message, resource: ABOUT })),
  );
});

test("a connection that has no state yet is waited for", async () => {
  const { result, error, asked } = await waitFor([endpointIn(undefined), endpointIn("Approved")]);
  expect([error, asked, await settled(result.connectionStatus)]).toEqual([undefined, 2, "Approved"]);
});

test("a connection without approval by hand is waited for just as well", async () => {
  const list = "privateLinkServiceConnections";
  const { result, error, logged } = await waitFor([endpointIn("Pending", "", list), endpointIn("Approved", "", list)], {
    service: SERVICE_ID,
    autoApproval: true,
  });
  expect([error, await settled(result.connectionStatus)]).toEqual([undefined, "Approved"]);
  expect(logged[0]?.message).toContain("Private endpoint connections; or with");
});

test("at the limit the deployment fails, and says how it goes on", async () => {
  const { error, registered, asked, clock, logged } = await waitFor(pending(1), { waitMinutes: 2 });
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect((error as Error).message).toContain(
    `the owner of ${SERVICE_ALIAS} has not approved the connection within 2 minutes. The endpoint and its request stay as they are; once it is approved, or to go on waiting, run pulumi up again.\n${HOW}`,
  );
  expect([asked, clock.now(), logged.length]).toEqual([13, 120_000, 2]);
  expect(registered.map(({ name }) => name)).toContain("acme-private-endpoint");
});

test("who does not want to wait gets the address of what is pending", async () => {
  const { result, error, logged, clock } = await waitFor(pending(1), { waitMinutes: 0 });
  expect([error, logged, clock.sleeps]).toEqual([undefined, [], []]);
  expect([await settled(result.connectionStatus), await settled(result.privateIp)]).toEqual(["Pending", PRIVATE_IP]);
});

test.each([
  ["rejected at once", [endpointIn("Rejected", "who are you?")], REJECTED],
  ["rejected while it is waited for", [...pending(3), endpointIn("Rejected", "who are you?")], REJECTED],
  ["removed since it was approved", [endpointIn("Disconnected")], REMOVED],
  ["gone", [NOT_FOUND], GONE],
  ["gone while it is waited for", [...pending(2), NOT_FOUND], GONE],
])("what is %s fails the deployment with the remedy, with and without a wait", async (_what, answers, reason) => {
  const { error, asked } = await waitFor(answers);
  expect(pulumi.ResourceError.isInstance(error)).toBe(true);
  expect((error as Error).message).toContain(reason);
  expect(asked).toBe(answers.length);
  const last = await waitFor(answers.slice(-1), { waitMinutes: 0 });
  expect((last.error as Error).message).toContain(reason);
});

test.each([
  'Status=404 Code="ResourceNotFound" Message="The Resource … was not found."',
  'autorest/azure: Service returned an error. Status=404 Code="NotFound"',
  "GET https://management.azure.com/… RESPONSE 404: 404 Not Found ERROR CODE: ResourceNotFound",
  'Code="ResourceGroupNotFound" Message="Resource group \'rg\' could not be found."',
])("%s: there is no such endpoint", async (message) => {
  const { error, asked } = await waitFor([new Error(message)]);
  expect((error as Error).message).toContain(GONE);
  expect(asked).toBe(1);
});

test("Azure may fail to answer twice in a row, and no more often", async () => {
  const broken = new Error("Service is unavailable");
  const twice = await waitFor([broken, broken, ...pending(1), broken, broken, endpointIn("Approved")]);
  expect([twice.error, twice.asked, await settled(twice.result.connectionStatus)]).toEqual([undefined, 6, "Approved"]);
  const thrice = await waitFor([broken, broken, broken]);
  expect((thrice.error as Error).message).toContain("Service is unavailable");
  expect(thrice.asked).toBe(3);
});

// Previews.

test.each([
  ["Approved", endpointIn("Approved")],
  ["Pending", endpointIn("Pending")],
])("a preview of an endpoint that is %s looks once, and says so", async (status, answer) => {
  const { result, error, logged, clock, asked } = await waitFor([answer], {}, true);
  expect([error, logged, clock.sleeps, asked]).toEqual([undefined, [], [], 1]);
  expect([await settled(result.connectionStatus), await settled(result.privateIp)]).toEqual([status, PRIVATE_IP]);
});

test.each([
  ["Rejected", endpointIn("Rejected", "who are you?"), REJECTED, "Rejected"],
  ["Disconnected", endpointIn("Disconnected"), REMOVED, "Disconnected"],
  ["gone", NOT_FOUND, GONE, undefined],
])("a preview of an endpoint that is %s warns only: what comes may be the remedy", async (_what, answer, message, status) => {
  const { result, error, logged } = await waitFor([answer], {}, true);
  expect(error).toBeUndefined();
  expect(logged).toEqual([{ severity: "warn", message, resource: ABOUT }]);
  expect(await isKnown(result.connectionStatus)).toBe(status !== undefined);
  expect(await isKnown(result.privateIp)).toBe(status !== undefined);
  if (status !== undefined) expect(await settled(result.connectionStatus)).toBe(status);
});
