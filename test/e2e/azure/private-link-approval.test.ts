import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  approveConnection,
  deleteEndpoint,
  rejectConnection,
  removeConnection,
} from "../../cloud/azure/control-plane/private-link-service-connections.ts";
import { PrivateLinkScene } from "../support/private-link-scene.ts";

/** How long an `up` waits that is to be decided: seconds here, where a minute takes one. */
const LONG_MINUTES = 720;

describe("what a customer does about the request of a private endpoint", () => {
  let scene: PrivateLinkScene;
  let service: string;
  let alias: string;

  beforeAll(async () => {
    scene = await PrivateLinkScene.create();
    const outputs = await scene.customer.outputs();
    service = String(outputs.serviceId);
    alias = String(outputs.alias);
  });

  afterEach(async () => {
    await scene.platform.done("destroy", "--yes", "--skip-preview");
    expect(scene.endpointIds).toEqual([]);
  });

  afterAll(() => scene?.remove());

  const options = (waitMinutes = LONG_MINUTES) => ({ service: alias, waitMinutes });
  const approved = async () => {
    const up = scene.platform.up(options());
    const endpointId = await scene.waitForRequest(up);
    await approveConnection(scene.world, service, endpointId);
    expect(await up).toMatchObject({ exitCode: 0 });
    return endpointId;
  };

  test("rejected while up waits: it fails with the customer's words; approved after all, the next one ends well", async () => {
    const up = scene.platform.up(options());
    const endpointId = await scene.waitForRequest(up);
    await scene.waitForPolls(up, 2);
    await rejectConnection(scene.world, service, endpointId, "ask Jane first");
    const { exitCode, printed } = await up;
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(`the owner of ${alias} rejected the connection, saying "ask Jane first".`);
    expect(printed).toContain("pulumi up --replace 'urn:pulumi:");

    await approveConnection(scene.world, service, endpointId);
    expect(await scene.platform.up(options())).toMatchObject({ exitCode: 0 });
    expect(await scene.platform.outputs()).toMatchObject({ connectionStatus: "Approved", endpointId });
  });

  test("never approved: up fails at its limit, the endpoint and its request stay, and the next up goes on waiting", async () => {
    const { exitCode, printed } = await scene.platform.up(options(1));
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(`the owner of ${alias} has not approved the connection within 1 minute.`);
    expect(printed).toContain("to go on waiting, run pulumi up again");
    const [endpointId = ""] = scene.endpointIds;

    const next = scene.platform.up(options());
    await scene.waitForPolls(next, 2);
    await approveConnection(scene.world, service, endpointId);
    expect(await next).toMatchObject({ exitCode: 0 });
    expect(scene.endpointIds).toEqual([endpointId]);
  });

  test("without waiting, up ends at once, and says that the connection is pending", async () => {
    expect(await scene.platform.up(options(0))).toMatchObject({ exitCode: 0 });
    expect(await scene.platform.outputs()).toMatchObject({ connectionStatus: "Pending", privateIp: expect.stringMatching(/^10\./) });
  });

  test("removed later: up says so, and how to ask anew; asked anew, the customer has a new request", async () => {
    const former = await approved();
    await removeConnection(scene.world, service, former);
    const { exitCode, printed } = await scene.platform.up(options());
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(`the owner of ${alias} removed the connection, or the service itself.`);
    const [, urn = ""] = /pulumi up --replace '([^']+)'/.exec(printed) ?? [];

    const again = scene.platform.up(options(), "--replace", urn);
    const request = await scene.waitForRequest(again, former);
    await approveConnection(scene.world, service, request);
    const ended = await again;
    expect(ended.exitCode, ended.printed).toBe(0);
    expect(await scene.platform.outputs()).toMatchObject({ connectionStatus: "Approved", endpointId: request });
    expect(scene.endpointIds).toEqual([request]);
  });

  test("an endpoint that somebody deleted is missed, and made again by what up proposes", async () => {
    const endpointId = await approved();
    await deleteEndpoint(scene.world, endpointId);
    const { exitCode, printed } = await scene.platform.up(options());
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(`somebody deleted the endpoint ${endpointId}.`);
    expect(printed).toContain("pulumi up --refresh");
    expect(await scene.platform.up(options(0), "--refresh")).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ["no service's name", "orders", "expected a Private Link Service: its alias, such as"],
    [
      "a virtual machine's id",
      "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/acme/providers/Microsoft.Compute/virtualMachines/db",
      "expected a Private Link Service: its alias, such as",
    ],
  ])("%s is refused with what to write, before anything is made", async (_what, wrong, remedy) => {
    const before = scene.world.read().records;
    const { exitCode, printed } = await scene.platform.up({ service: wrong, waitMinutes: 1 });
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(remedy);
    expect(scene.endpointIds).toEqual([]);
    expect(Object.keys(scene.world.read().records)).toEqual(Object.keys(before));
  });

  test.each<[string, () => string]>([
    ["the alias", () => alias.replace(/[0-9a-f](?=\.westeurope)/, (digit) => (digit === "0" ? "1" : "0"))],
    ["the id", () => `${service}s`],
  ])("a service that there is not, by %s, is refused by Azure, and no request is left", async (_what, wrong) => {
    const { exitCode, printed } = await scene.platform.up({ service: wrong(), waitMinutes: 1 });
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(`Code="ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible"`);
    expect(printed).toContain(wrong());
    expect(scene.endpointIds).toEqual([]);
  });
});
