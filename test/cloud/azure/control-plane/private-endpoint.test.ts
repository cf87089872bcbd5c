import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../plugin/values.ts";
import type { Made } from "../../world/provider/direct-provider.ts";
import { approveConnection, rejectConnection, removeConnection } from "./private-link-service-connections.ts";
import { type BothSides, CUSTOMER, endpointInputs, logIn, makeBothSides, PLATFORM } from "./private-link-service-scene.ts";
import { TestProject } from "./test-project.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

const make = (sides: BothSides, connection: Properties = {}, parts: Properties = {}) =>
  project.make("privateEndpoint", endpointInputs(sides, connection, parts), "acme");
const byHand = (sides: BothSides) => ({
  manualPrivateLinkServiceConnections: undefined,
  privateLinkServiceConnections: [{ name: "acme", privateLinkServiceId: sides.service.id }],
});
const statusAt = async (sides: BothSides, endpoint: Made) => {
  const { outputs } = await project.provider.invoke("azure-native:network:getPrivateEndpoint", {
    ...sides.inGroup,
    privateEndpointName: endpoint.state.name,
  });
  const [connection] = [
    ...(outputs.manualPrivateLinkServiceConnections as Properties[]),
    ...(outputs.privateLinkServiceConnections as Properties[]),
  ];
  return connection?.privateLinkServiceConnectionState;
};
const connections = (sides: BothSides) =>
  project.world.find("azure-native:network:PrivateLinkService", sides.service.id)?.privateEndpointConnections as Properties[];

/** What is said of a service that there is not, or not for everybody. */
const UNSEEN = "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible";

describe("a private endpoint", () => {
  test("asks by alias, and both ends know that the owner has to approve it", async () => {
    const sides = await makeBothSides(project);
    const { id, state } = await make(sides);
    expect(state).toMatchObject({
      manualPrivateLinkServiceConnections: [
        {
          name: "acme",
          privateLinkServiceId: sides.service.state.alias,
          requestMessage: "Reverse SSH bastion",
          privateLinkServiceConnectionState: { status: "Pending", description: "Awaiting approval", actionsRequired: "None" },
        },
      ],
      privateLinkServiceConnections: [],
      customDnsConfigs: [],
    });
    expect(connections(sides)).toMatchObject([
      { privateEndpoint: { id }, privateLinkServiceConnectionState: { status: "Pending" }, privateEndpointLocation: "westeurope" },
    ]);
  });

  test("has its address at a network interface of its own", async () => {
    const sides = await makeBothSides(project);
    const { id, state } = await make(sides);
    const [{ id: nicId }] = state.networkInterfaces as [{ id: string }];
    const { outputs } = await project.provider.invoke("azure-native:network:getNetworkInterface", {
      ...sides.inGroup,
      networkInterfaceName: nicId.split("/").at(-1),
    });
    expect(outputs).toMatchObject({ privateEndpoint: { id }, ipConfigurations: [{ privateIPAddress: "10.0.0.4" }] });
  });

  test("has the address that was asked for", async () => {
    const sides = await makeBothSides(project);
    const { state } = await make(sides, {}, { ipConfigurations: [{ name: "acme", privateIPAddress: "10.0.0.9" }] });
    const [{ id }] = state.networkInterfaces as [{ id: string }];
    expect(project.world.find("azure-native:network:NetworkInterface", id)).toMatchObject({
      ipConfigurations: [{ privateIPAddress: "10.0.0.9" }],
    });
  });

  test("the owner approves, rejects and removes, and both ends say so", async () => {
    const sides = await makeBothSides(project);
    const endpoint = await make(sides);
    const { world } = project;
    await rejectConnection(world, sides.service.id, endpoint.id, "not known here");
    expect(await statusAt(sides, endpoint)).toMatchObject({ status: "Rejected", description: "not known here" });
    await approveConnection(world, sides.service.id, endpoint.id, "ticket 7");
    expect(await statusAt(sides, endpoint)).toMatchObject({ status: "Approved", description: "ticket 7" });
    expect(connections(sides)).toMatchObject([{ privateLinkServiceConnectionState: { status: "Approved", description: "ticket 7" } }]);
    await removeConnection(world, sides.service.id, endpoint.id);
    expect(await statusAt(sides, endpoint)).toMatchObject({ status: "Disconnected" });
    expect(connections(sides)).toEqual([]);
    await expect(approveConnection(world, sides.service.id, endpoint.id)).rejects.toThrow("has no connection of");
  });

  test.each<[string, string, Properties, boolean]>([
    ["by hand, where nothing is said", "Pending", {}, false],
    ["at once, of a subscription that is approved", "Approved", { autoApproval: { subscriptions: [PLATFORM] } }, false],
    ["at once, where everybody is", "Approved", { autoApproval: { subscriptions: ["*"] } }, false],
    ["by hand, of another subscription than the approved one", "Pending", { autoApproval: { subscriptions: [CUSTOMER] } }, false],
    ["at once, by who has rights on the service", "Approved", {}, true],
  ])("is approved %s", async (_what, status, service, isOwn) => {
    const sides = await makeBothSides(project, service);
    if (isOwn) await project.world.change((state) => moveToPlatform(state.records, sides));
    const endpoint = await make(sides, {}, isOwn ? byHand(moved(sides)) : {});
    expect(await statusAt(sides, endpoint)).toMatchObject({ status });
  });

  test("of a service that it may not see is refused, whether it knows the alias or the id", async () => {
    const sides = await makeBothSides(project, { visibility: { subscriptions: [CUSTOMER] } });
    expect(await project.refusal(() => make(sides))).toBe(UNSEEN);
    expect(await project.refusal(() => make(sides, { privateLinkServiceId: sides.service.id }))).toBe(UNSEEN);
  });

  test.each<[string, string, (sides: BothSides) => [connection: Properties, parts: Properties]]>([
    ["an alias there is not", UNSEEN, () => [{ privateLinkServiceId: "x.y.westeurope.azure.privatelinkservice" }, {}]],
    ["an id there is not", UNSEEN, ({ service }) => [{ privateLinkServiceId: `${service.id}s` }, {}]],
    ["neither alias nor id", "LinkedInvalidPropertyId", () => [{ privateLinkServiceId: "orders" }, {}]],
    [
      "an alias for rights of its own",
      "LinkedInvalidPropertyId",
      ({ service }) => [
        {},
        {
          manualPrivateLinkServiceConnections: undefined,
          privateLinkServiceConnections: [{ name: "acme", privateLinkServiceId: service.state.alias }],
        },
      ],
    ],
    ["rights that it has not", "LinkedAuthorizationFailed", (sides) => [{}, byHand(sides)]],
    [
      "no connection",
      "PrivateEndpointMustHaveOnePrivateLinkServiceConnection",
      () => [{}, { manualPrivateLinkServiceConnections: undefined }],
    ],
    [
      "one in each list",
      "PrivateEndpointMustHaveOnePrivateLinkServiceConnection",
      ({ service }) => [{}, { privateLinkServiceConnections: [{ name: "acme", privateLinkServiceId: service.id }] }],
    ],
    ["a message of 141 characters", "PrivateLinkServiceConnectionRequestMessageTooLong", () => [{ requestMessage: "m".repeat(141) }, {}]],
    ["a subnet there is not", "InvalidResourceReference", ({ subnet }) => [{}, { subnet: { id: `${subnet.id}s` } }]],
    ["another region than its network's", "InvalidResourceReference", () => [{}, { location: "northeurope" }]],
    [
      "an address outside of its subnet",
      "PrivateIPAddressNotInSubnet",
      () => [{}, { ipConfigurations: [{ name: "acme", privateIPAddress: "10.9.0.4" }] }],
    ],
  ])("is refused with %s", async (_what, code, inputs) => {
    const sides = await makeBothSides(project);
    expect(await project.refusal(() => make(sides, ...inputs(sides)))).toBe(code);
    expect(connections(sides)).toEqual([]);
  });

  test("another subnet needs another endpoint; another service would be refused, another message is taken", async () => {
    const sides = await makeBothSides(project);
    const endpoint = await make(sides);
    const elsewhere = endpointInputs({ ...sides, subnet: sides.other });
    expect(project.plan("privateEndpoint", endpoint, endpointInputs(sides))).toBe("same");
    expect(project.plan("privateEndpoint", endpoint, elsewhere)).toBe("replace subnet.id");
    const another = endpointInputs(sides, { privateLinkServiceId: sides.service.id });
    expect(project.plan("privateEndpoint", endpoint, another)).toBe("update manualPrivateLinkServiceConnections[0].privateLinkServiceId");
    expect(await project.refusal(() => project.update("privateEndpoint", endpoint, another))).toBe(
      "CannotChangePrivateLinkConnectionOnPrivateEndpoint",
    );
    await approveConnection(project.world, sides.service.id, endpoint.id);
    await project.update("privateEndpoint", endpoint, endpointInputs(sides, { requestMessage: "another" }));
    expect(await statusAt(sides, endpoint)).toMatchObject({ status: "Approved" });
  });

  test("takes its connection and its network interface along; before that, the service cannot be removed", async () => {
    const sides = await makeBothSides(project);
    const endpoint = await make(sides);
    await logIn(project.world, CUSTOMER);
    expect(await project.refusal(() => project.remove("privateLinkService", sides.service))).toBe(
      "PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted",
    );
    await logIn(project.world, PLATFORM);
    expect(await project.refusal(() => project.remove("subnet", sides.subnet))).toBe("InUseSubnetCannotBeDeleted");
    await project.remove("privateEndpoint", endpoint);
    await project.remove("subnet", sides.subnet);
    await logIn(project.world, CUSTOMER);
    await project.remove("privateLinkService", sides.service);
    expect(project.world.records("azure-native:network:NetworkInterface")).toEqual({});
  });
});

/** Has the service be of the platform's own subscription. */
function moveToPlatform(records: Record<string, Record<string, Properties>>, sides: BothSides): void {
  const services = records["azure-native:network:PrivateLinkService"] ?? {};
  services[moved(sides).service.id] = services[sides.service.id] as Properties;
}

function moved(sides: BothSides): BothSides {
  return { ...sides, service: { ...sides.service, id: sides.service.id.replace(CUSTOMER, PLATFORM) } };
}
