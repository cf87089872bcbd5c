import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../plugin/values.ts";
import type { Made } from "../../../world/provider/direct-provider.ts";
import { interfaceInputs, machineInputs, makeNetwork, type TestNetwork, TestProject } from "../test-project.ts";

let project: TestProject;
let made: TestNetwork;

beforeEach(async () => {
  project = new TestProject();
  made = await makeNetwork(project);
});

afterEach(() => project.dispose());

const blocks = (...addressPrefixes: string[]) => ({ addressSpace: { addressPrefixes } });
const network = (parts: Properties) => project.make("virtualNetwork", { ...made.inGroup, ...blocks("10.30.0.0/16"), ...parts });
const subnet = (parts: Properties) =>
  project.make(
    "subnet",
    { ...made.inGroup, virtualNetworkName: made.network.state.name, addressPrefix: "10.20.9.0/24", ...parts },
    "other",
  );
const publicAddress = (parts: Properties = {}) =>
  project.make("publicIPAddress", { ...made.inGroup, sku: { name: "Standard" }, publicIPAllocationMethod: "Static", ...parts });
const nic = (configuration: Properties = {}, parts: Properties = {}) =>
  project.make("networkInterface", interfaceInputs(made, configuration, parts));
const fixed = (privateIPAddress: string) => nic({ privateIPAllocationMethod: "Static", privateIPAddress });
const abroad = { location: "eastus" };

describe("Azure refuses of a network", () => {
  test.each<[string, string, () => Promise<Made>]>([
    ["a group there is not", "ResourceGroupNotFound", () => network({ resourceGroupName: "absent" })],
    ["a region there is not", "LocationNotAvailableForResourceType", () => network({ location: "westeurope9" })],
    ["a name that begins with a hyphen", "InvalidResourceName", () => network({ virtualNetworkName: "-net" })],
    ["a name that ends with a dot", "InvalidResourceName", () => network({ virtualNetworkName: "net." })],
    ["a name of 81 characters", "InvalidResourceName", () => network({ virtualNetworkName: "n".repeat(81) })],
    ["no address space", "InvalidRequestFormat", () => network({ addressSpace: undefined })],
    ["bits of a host", "InvalidCIDRNotation", () => network(blocks("10.30.0.1/16"))],
    ["what is no block", "InvalidAddressPrefixFormat", () => network(blocks("10.30.0.0"))],
    ["blocks that overlap", "NetcfgVirtualNetworkAddressSpaceOverlaps", () => network(blocks("10.30.0.0/16", "10.30.1.0/24"))],
    ["a subnet of no network", "ParentResourceNotFound", () => subnet({ virtualNetworkName: "absent" })],
    ["a subnet outside of the network", "NetcfgSubnetRangeOutsideVnet", () => subnet({ addressPrefix: "10.21.0.0/24" })],
    ["subnets that overlap", "NetcfgSubnetRangesOverlap", () => subnet({ addressPrefix: "10.20.0.128/25" })],
    ["a subnet of /30", "NetcfgInvalidSubnet", () => subnet({ addressPrefix: "10.20.9.0/30" })],
    ["an endpoint of no service", "InvalidServiceEndpointService", () => subnet({ serviceEndpoints: [{ service: "Microsoft.Nothing" }] })],
    ["a group of rules there is not", "InvalidResourceReference", () => subnet({ networkSecurityGroup: { id: "/absent" } })],
    ["a Basic address", "IPv4BasicSkuPublicIpCountLimitReached", () => publicAddress({ sku: { name: "Basic" } })],
    ["an address of no SKU", "IPv4BasicSkuPublicIpCountLimitReached", () => publicAddress({ sku: undefined })],
    [
      "a Standard address that changes",
      "PublicIpWithStandardSkuOnlySupportsStaticAllocationMethod",
      () => publicAddress({ publicIPAllocationMethod: "Dynamic" }),
    ],
    ["an idle limit of 31 minutes", "PublicIPAddressIdleTimeoutIsOutOfRange", () => publicAddress({ idleTimeoutInMinutes: 31 })],
    ["a zone there is not", "InvalidAvailabilityZone", () => publicAddress({ zones: ["4"] })],
    ["an interface in no subnet", "InvalidResourceReference", () => nic({ subnet: { id: `${made.subnet.id}-absent` } })],
    ["an interface of another region", "InvalidResourceReference", () => nic({}, abroad)],
    ["an interface without a configuration", "NetworkInterfaceMustHaveAtLeastOneIpConfiguration", () => nic({}, { ipConfigurations: [] })],
    ["rules there are not", "InvalidResourceReference", () => nic({}, { networkSecurityGroup: { id: "/absent" } })],
    ["an address outside of the subnet", "PrivateIPAddressNotInSubnet", () => fixed("10.20.1.9")],
    ["an address that Azure keeps", "PrivateIPAddressInReservedRange", () => fixed("10.20.0.3")],
    ["the last address", "PrivateIPAddressInReservedRange", () => fixed("10.20.0.255")],
    ["a fixed address that is not said", "IpAllocationStaticWithoutPrivateIPAddress", () => nic({ privateIPAllocationMethod: "Static" })],
    [
      "an address that another one has",
      "PrivateIPAddressIsAllocated",
      async () => {
        await nic();
        return fixed("10.20.0.4");
      },
    ],
    [
      "a public address that another one has",
      "PublicIPAddressInUse",
      async () => {
        const { id } = await publicAddress();
        await nic({ publicIPAddress: { id } });
        return nic({ publicIPAddress: { id } });
      },
    ],
  ])("%s", async (_what, code, make) => {
    expect(await project.refusal(make)).toBe(code);
  });

  test("another subnet's network for an interface that is there", async () => {
    const other = await network({});
    const { state } = other;
    const elsewhere = await project.make("subnet", { ...made.inGroup, virtualNetworkName: state.name, addressPrefix: "10.30.0.0/24" });
    const one = await nic();
    const moved = interfaceInputs(made, { subnet: { id: elsewhere.id } });
    expect(await project.refusal(() => project.update("networkInterface", one, moved))).toBe("SubnetsNotInSameVnet");
  });
});

describe("Azure refuses tags:", () => {
  test.each<[string, string, Properties]>([
    ["51 of them", "TooManyTags", Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"]))],
    ["a name with a slash", "InvalidTagNameCharacters", { "a/b": "c" }],
    ["a name of 513 characters", "TagNameTooLong", { ["n".repeat(513)]: "c" }],
    ["a name of Azure's", "ReservedTagNamePrefix", { azureThing: "c" }],
    ["a value of 257 characters", "InvalidTagValueLength", { a: "v".repeat(257) }],
  ])("%s", async (_what, code, tags) => {
    expect(await project.refusal(() => network({ tags }))).toBe(code);
    expect(await project.refusal(() => project.make("resourceGroup", { tags }))).toBe(code);
  });
});

describe("Azure refuses to remove", () => {
  test("a subnet, a network and rules that an interface uses, and an interface that a machine uses", async () => {
    const group = await project.make("networkSecurityGroup", made.inGroup);
    const address = await publicAddress();
    const one = await nic({ publicIPAddress: { id: address.id } }, { networkSecurityGroup: { id: group.id } });
    await project.make("virtualMachine", machineInputs(made, one));
    for (const [kind, resource, code] of [
      ["subnet", made.subnet, "InUseSubnetCannotBeDeleted"],
      ["virtualNetwork", made.network, "InUseSubnetCannotBeDeleted"],
      ["networkSecurityGroup", group, "InUseNetworkSecurityGroupCannotBeDeleted"],
      ["publicIPAddress", address, "PublicIPAddressCannotBeDeleted"],
      ["networkInterface", one, "NicInUse"],
    ] as const)
      expect(await project.refusal(() => project.remove(kind, resource))).toBe(code);
    await project.remove("resourceGroup", made.group);
    expect(project.world.read().records).toEqual({});
  });
});
