import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { AzurePrivateEndpoint, type AzurePrivateEndpointArgs } from "../../../components/azure/private-link.ts";
import type { Transform } from "../../../components/shared/transform.ts";
import { deploy, isKnown, settled } from "../../support/engine.ts";
import {
  azureEngine,
  GET_ENDPOINT,
  GET_INTERFACE,
  LOCATION,
  NETWORK_ID,
  NETWORK_INTERFACE_ID,
  PRIVATE_IP,
  SERVICE_ALIAS,
  SERVICE_ID,
  SUBNET_ID,
  upEndpoint,
} from "../../support/private-link-engine.ts";
import { resourceIn } from "../../support/registered.ts";

/** What the SDK adds to every mention of a subnet. */
const POLICIES = { privateEndpointNetworkPolicies: "Disabled", privateLinkServiceNetworkPolicies: "Enabled" };
const COMPONENT = "reverse-bastion:azure:AzurePrivateEndpoint::acme";
const TAGS = { "reverse-bastion": "project/stack/acme" };
const ENDPOINT = "azure-native:network:PrivateEndpoint acme-private-endpoint";
const GROUP = "azure-native:resources:ResourceGroup acme-resource-group";
const NETWORK = "azure-native:network:VirtualNetwork acme-virtual-network";
const SUBNET = "azure-native:network:Subnet acme-subnet";
const MESSAGE = "Reverse SSH bastion project/stack/acme";

const CONFIGURATIONS: readonly [string, Partial<AzurePrivateEndpointArgs>, readonly string[]][] = [
  ["a network of its own", {}, [ENDPOINT, GROUP, NETWORK, SUBNET]],
  ["a subnet of its own", { virtualNetworkId: NETWORK_ID, networkCidr: "10.0.7.0/28" }, [ENDPOINT, GROUP, SUBNET]],
  ["an existing subnet", { subnetId: SUBNET_ID }, [ENDPOINT, GROUP]],
  ["an existing group and subnet", { subnetId: SUBNET_ID, resourceGroup: "platform" }, [ENDPOINT]],
  ["an existing group", { resourceGroup: "platform" }, [ENDPOINT, NETWORK, SUBNET]],
  ["automatic approval", { service: SERVICE_ID, autoApproval: true }, [ENDPOINT, GROUP, NETWORK, SUBNET]],
];

test.each(CONFIGURATIONS)("%s: an endpoint is these resources, all of them its children, and no others", async (_what, args, expected) => {
  const { registered, called, error, logged } = await upEndpoint(args);
  expect([error, logged]).toEqual([undefined, []]);
  const [component, ...children] = registered;
  expect(component).toMatchObject({ type: "reverse-bastion:azure:AzurePrivateEndpoint", name: "acme", parent: undefined, custom: false });
  expect(children.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([...expected].sort());
  expect(children.filter(({ parent, custom }) => parent !== COMPONENT || !custom)).toEqual([]);
  expect(called.map(({ token }) => token)).toEqual([GET_ENDPOINT, GET_INTERFACE]);
});

test.each(CONFIGURATIONS)("%s: a first preview shows the same, asks nobody and waits for nothing", async (_what, args, expected) => {
  const { registered, called, error, logged, result } = await upEndpoint(args, { preview: true, outputsOf: () => ({}) });
  expect([error, logged, called]).toEqual([undefined, [], []]);
  expect(
    registered
      .slice(1)
      .map(({ type, name }) => `${type} ${name}`)
      .sort(),
  ).toEqual([...expected].sort());
  for (const output of [result.connectionStatus, result.privateIp, result.networkInterfaceId]) expect(await isKnown(output)).toBe(false);
});

test("the endpoint asks the owner of the service, with a message that tells who asks", async () => {
  const { inputs, options } = resourceIn((await upEndpoint()).registered, "acme-private-endpoint");
  expect(inputs).toEqual({
    resourceGroupName: "acme-resource-group",
    location: LOCATION,
    subnet: { id: "acme-subnet-id", ...POLICIES },
    manualPrivateLinkServiceConnections: [{ name: "acme", privateLinkServiceId: SERVICE_ALIAS, requestMessage: MESSAGE }],
    tags: TAGS,
  });
  expect(options).toMatchObject({
    deleteBeforeReplace: false,
    ignoreChanges: ["manualPrivateLinkServiceConnections[0].privateLinkServiceConnectionState"],
    replacementTrigger: [SERVICE_ALIAS, "manualPrivateLinkServiceConnections", LOCATION, ""],
  });
});

test("an id is asked for by hand too, unless the author has rights on the service", async () => {
  const byHand = resourceIn((await upEndpoint({ service: SERVICE_ID, requestMessage: "us" })).registered, "acme-private-endpoint").inputs;
  expect(byHand.manualPrivateLinkServiceConnections).toEqual([{ name: "acme", privateLinkServiceId: SERVICE_ID, requestMessage: "us" }]);
  expect(byHand.privateLinkServiceConnections).toBeUndefined();

  const { inputs, options } = resourceIn(
    (await upEndpoint({ service: SERVICE_ID, autoApproval: true })).registered,
    "acme-private-endpoint",
  );
  expect(inputs.privateLinkServiceConnections).toEqual([{ name: "acme", privateLinkServiceId: SERVICE_ID }]);
  expect(inputs.manualPrivateLinkServiceConnections).toBeUndefined();
  expect(options.replacementTrigger).toEqual([SERVICE_ID, "privateLinkServiceConnections", LOCATION, ""]);
  expect(options.ignoreChanges).toEqual(["privateLinkServiceConnections[0].privateLinkServiceConnectionState"]);
});

test("an address of the author's is the endpoint's, and one endpoint's at a time", async () => {
  const { inputs, options } = resourceIn((await upEndpoint({ privateAddress: "10.255.1.9" })).registered, "acme-private-endpoint");
  expect(inputs.ipConfigurations).toEqual([{ name: "acme", privateIPAddress: "10.255.1.9" }]);
  expect(options).toMatchObject({
    deleteBeforeReplace: true,
    replacementTrigger: [SERVICE_ALIAS, "manualPrivateLinkServiceConnections", LOCATION, "10.255.1.9"],
  });
});

test("the network: its own, a subnet of another, or a subnet that is there", async () => {
  const own = (await upEndpoint({ networkCidr: "10.0.7.0/28" })).registered;
  expect(resourceIn(own, "acme-resource-group").inputs).toEqual({ location: LOCATION, tags: TAGS });
  expect(resourceIn(own, "acme-virtual-network").inputs).toEqual({
    resourceGroupName: "acme-resource-group",
    location: LOCATION,
    addressSpace: { addressPrefixes: ["10.0.7.0/28"] },
    enableDdosProtection: false,
    enableVmProtection: false,
    tags: TAGS,
  });
  const subnet = { addressPrefix: "10.0.7.0/28", defaultOutboundAccess: false, ...POLICIES };
  expect(resourceIn(own, "acme-subnet").inputs).toEqual({
    ...subnet,
    resourceGroupName: "acme-resource-group",
    virtualNetworkName: "acme-virtual-network",
  });
  const beside = (await upEndpoint({ virtualNetworkId: NETWORK_ID, networkCidr: "10.0.7.0/28" })).registered;
  expect(resourceIn(beside, "acme-subnet").inputs).toEqual({ ...subnet, resourceGroupName: "hub", virtualNetworkName: "prod" });

  const { registered, result } = await upEndpoint({ subnetId: SUBNET_ID });
  expect(resourceIn(registered, "acme-private-endpoint").inputs.subnet).toEqual({ id: SUBNET_ID, ...POLICIES });
  expect(await settled(result.subnetId)).toBe(SUBNET_ID);
});

test("the address is that of the endpoint's network interface", async () => {
  const { result, called, outputs } = await upEndpoint({ resourceGroup: "platform", tags: { team: "data" } });
  expect(called).toEqual([
    {
      token: GET_ENDPOINT,
      inputs: { privateEndpointName: "acme-private-endpoint", resourceGroupName: "platform" },
      provider: undefined,
    },
    { token: GET_INTERFACE, inputs: { networkInterfaceName: "orders.nic.0a1b", resourceGroupName: "rg-1" }, provider: undefined },
  ]);
  const { connectionStatus, privateIp, host, endpointId, networkInterfaceId } = result;
  expect(await Promise.all([connectionStatus, privateIp, host, endpointId, networkInterfaceId].map(settled))).toEqual([
    "Approved",
    PRIVATE_IP,
    PRIVATE_IP,
    "acme-private-endpoint-id",
    NETWORK_INTERFACE_ID,
  ]);
  expect(outputs[COMPONENT]).toEqual({ connectionStatus: "Approved", privateIp: PRIVATE_IP });
});

test("tags are on everything that can have some", async () => {
  const { registered } = await upEndpoint({ tags: { team: "data" } });
  const tagged = registered.filter(({ inputs }) => inputs.tags !== undefined);
  expect(tagged.map(({ name }) => name).sort()).toEqual(["acme-private-endpoint", "acme-resource-group", "acme-virtual-network"]);
  for (const { inputs } of tagged) expect(inputs.tags).toEqual({ ...TAGS, team: "data" });
});

test.each<[Partial<AzurePrivateEndpointArgs>, string]>([
  [{ location: "West Europe" }, 'location: got "West Europe"; write "westeurope"'],
  [{ waitMinutes: 1000 }, "waitMinutes: got 1000; expected a whole number of minutes, 0–720, where 0 does not wait"],
  // What is plain is checked even where the service is another resource's output.
  [{ service: pulumi.output(SERVICE_ALIAS), location: "West Europe" }, 'location: got "West Europe"; write "westeurope"'],
])("%# is refused before anything is made, in the preview already", async (args, reason) => {
  for (const preview of [true, false]) {
    const { error, registered } = await upEndpoint(args, { preview });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    expect((error as Error).message).toBe(reason);
    expect(registered).toHaveLength(1);
  }
});

test("what another resource gives is checked once it is known", async () => {
  const good = await upEndpoint({ service: pulumi.output(Promise.resolve(SERVICE_ALIAS)), subnetId: pulumi.output(SUBNET_ID) });
  expect(good.error).toBeUndefined();
  expect(await settled(good.result.privateIp)).toBe(PRIVATE_IP);

  const { error, registered } = await upEndpoint({ service: pulumi.output("orders.example.com") });
  expect((error as Error).message).toMatch(/service: got "orders\.example\.com"; expected a Private Link Service: its alias/);
  expect(registered.map(({ name }) => name)).not.toContain("acme-private-endpoint");
});

test("two endpoints of one program have no name in common", async () => {
  const { registered, error } = await deploy(
    () => ["acme", "globex"].map((name) => new AzurePrivateEndpoint(name, { service: SERVICE_ALIAS, location: LOCATION })),
    azureEngine(),
  );
  expect(error).toBeUndefined();
  expect(new Set(registered.map(({ name }) => name)).size).toBe(10);
});

test("each transform reaches the child of its kind, and no other", async () => {
  const mark: Transform<object> = ({ args, options }) => ({ args, options: { ...options, protect: true } });
  const children = {
    resourceGroup: "acme-resource-group",
    virtualNetwork: "acme-virtual-network",
    subnet: "acme-subnet",
    privateEndpoint: "acme-private-endpoint",
  };
  for (const [kind, name] of Object.entries(children)) {
    const { registered } = await upEndpoint({}, {}, { transform: { [kind]: mark } });
    expect(registered.filter(({ options }) => options.protect).map((resource) => resource.name)).toEqual([name]);
  }
});
