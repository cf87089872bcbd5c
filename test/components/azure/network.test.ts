import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { GROUP, inputsOf, NETWORK, PLACE, TAGS, up } from "../../support/azure-bastion.ts";
import { AZURE_ENGINE, SUBNET_ENDPOINTS, SUBNET_ID, VIRTUAL_NETWORK_ID } from "../../support/azure-engine.ts";
import { resourceIn } from "../../support/registered.ts";

const SUBNET = {
  resourceGroupName: GROUP,
  virtualNetworkName: NETWORK,
  addressPrefix: "10.255.0.0/28",
  serviceEndpoints: [{ service: "Microsoft.KeyVault" }],
};

test("a network of its own is one subnet, from which Key Vault is reached", async () => {
  // Subnets that stand in the network's own list as well would be taken out by it at each change.
  expect(await inputsOf("acme-virtual-network")).toMatchObject({
    ...PLACE,
    addressSpace: { addressPrefixes: ["10.255.0.0/28"] },
    tags: TAGS,
  });
  expect(await inputsOf("acme-virtual-network")).not.toHaveProperty("subnets");
  expect(await inputsOf("acme-subnet")).toMatchObject(SUBNET);
  const args = { networkCidr: "192.168.7.0/24" };
  expect((await inputsOf("acme-virtual-network", args)).addressSpace).toEqual({ addressPrefixes: ["192.168.7.0/24"] });
  expect((await inputsOf("acme-subnet", args)).addressPrefix).toBe("192.168.7.0/24");
});

test("a subnet of its own in an existing network is made where that network is", async () => {
  const args = { virtualNetworkId: VIRTUAL_NETWORK_ID, networkCidr: "10.0.7.0/28" };
  expect(await inputsOf("acme-subnet", args)).toMatchObject({
    ...SUBNET,
    resourceGroupName: "net",
    virtualNetworkName: "prod",
    addressPrefix: "10.0.7.0/28",
  });
});

test("its service endpoints are those that were asked for and Key Vault's, each once, in the one order", async () => {
  const serviceEndpoints = ["Microsoft.Sql", "Microsoft.AzureCosmosDB", "Microsoft.KeyVault", "Microsoft.Sql"];
  expect((await inputsOf("acme-subnet", { serviceEndpoints })).serviceEndpoints).toEqual([
    { service: "Microsoft.AzureCosmosDB" },
    { service: "Microsoft.KeyVault" },
    { service: "Microsoft.Sql" },
  ]);
});

test("an existing subnet is not changed, and looked at only where it has to have something", async () => {
  for (const [serviceEndpoints, calls] of [
    [[], []],
    [
      ["Microsoft.SQL", "Microsoft.Storage"],
      [
        {
          token: "azure-native:network:getSubnet",
          inputs: { resourceGroupName: "net", virtualNetworkName: "prod", subnetName: "bastions" },
        },
      ],
    ],
  ] as const) {
    const { registered, called, error } = await up({ subnetId: SUBNET_ID, serviceEndpoints });
    expect(error).toBeUndefined();
    expect(called).toEqual(calls);
    expect(resourceIn(registered, "acme-network-interface").inputs.ipConfigurations).toMatchObject([{ subnet: { id: SUBNET_ID } }]);
  }
});

const OTHER = SUBNET_ID.replace("11111111", "99999999");

test.each([
  [
    { id: SUBNET_ID.toLowerCase(), serviceEndpoints: SUBNET_ENDPOINTS },
    `serviceEndpoints: the subnet lacks Microsoft.EventHub; have its owner add what is missing: az network vnet subnet update --ids ${SUBNET_ID} --service-endpoints Microsoft.EventHub Microsoft.Sql Microsoft.Storage`,
  ],
  [
    { id: SUBNET_ID },
    `serviceEndpoints: the subnet lacks Microsoft.EventHub and Microsoft.Sql; have its owner add what is missing: az network vnet subnet update --ids ${SUBNET_ID} --service-endpoints Microsoft.EventHub Microsoft.Sql`,
  ],
  [
    { id: OTHER, serviceEndpoints: SUBNET_ENDPOINTS },
    "subnetId: is of another subscription than this deployment's, where its service endpoints cannot be looked at",
  ],
])("a subnet that is %j is refused with a remedy, in the preview already", async (found, reason) => {
  const calls = { ...AZURE_ENGINE.calls, "azure-native:network:getSubnet": () => found };
  for (const preview of [true, false]) {
    const args = { subnetId: SUBNET_ID, serviceEndpoints: ["Microsoft.Sql", "Microsoft.EventHub"] };
    const { error, registered } = await up(args, { calls, preview });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    const { message, hideStack } = error as pulumi.ResourceError;
    expect([message.slice(message.indexOf(reason.split(":")[0] ?? "")), hideStack]).toEqual([reason, true]);
    expect(registered.filter(({ name }) => /-(?:network-interface|virtual-machine)$/.test(name))).toEqual([]);
  }
});
