import { afterEach, beforeEach, expect, test } from "vitest";
import { addExistingNetwork } from "./existing-network.ts";
import { interfaceInputs, makeNetwork, TestProject } from "./test-project.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

async function look(name: string, inputs: Readonly<Record<string, unknown>>) {
  const { outputs, problems } = await project.provider.invoke(`azure-native:${name}`, inputs);
  expect(problems).toEqual([]);
  return outputs;
}

test("a network and its subnets that nobody has declared are found by their names, in letters of any case", async () => {
  const { id, subnetIds } = await project.world.change((state) =>
    addExistingNetwork(state, {
      name: "hub",
      addressPrefix: "10.40.0.0/16",
      subnets: { apps: "10.40.1.0/24" },
      serviceEndpoints: ["Microsoft.KeyVault"],
    }),
  );
  const names = { resourceGroupName: "Platform", virtualNetworkName: "HUB" };
  expect(await look("network:getVirtualNetwork", names)).toMatchObject({
    id,
    location: "westeurope",
    subnets: [{ id: subnetIds.apps, addressPrefix: "10.40.1.0/24" }],
  });
  expect(await look("network:getSubnet", { ...names, subnetName: "apps" })).toMatchObject({
    id: subnetIds.apps,
    addressPrefix: "10.40.1.0/24",
    serviceEndpoints: [{ service: "Microsoft.KeyVault" }],
  });
  await expect(look("network:getSubnet", { ...names, subnetName: "absent" })).rejects.toThrow(
    "Status=404 Code=\"ResourceNotFound\" Message=\"The Resource 'Microsoft.Network/virtualNetworks/HUB/subnets/absent' under resource group 'Platform' was not found.",
  );
  expect(await project.refusal(() => look("network:getVirtualNetwork", { ...names, resourceGroupName: "absent" }))).toBe(
    "ResourceGroupNotFound",
  );
});

test("a network interface that was made, and a resource group that was there", async () => {
  const made = await makeNetwork(project);
  const nic = await project.make("networkInterface", interfaceInputs(made));
  const found = await look("network:getNetworkInterface", { ...made.inGroup, networkInterfaceName: nic.state.name });
  expect(found).toMatchObject({ id: nic.id, ipConfigurations: [{ privateIPAddress: "10.20.0.4" }] });
  expect(await look("resources:getResourceGroup", { resourceGroupName: "platform" })).toMatchObject({
    name: "platform",
    location: "westeurope",
  });
});

test("a secret is told without its value", async () => {
  const made = await makeNetwork(project);
  const properties = { tenantId: made.identity.state.tenantId, sku: { family: "A", name: "standard" } };
  await project.make("vault", { ...made.inGroup, vaultName: "rb-acme", properties });
  await project.make("secret", { ...made.inGroup, vaultName: "rb-acme", properties: { value: "the host key" } }, "host-keys");
  const found = await look("keyvault:getSecret", { ...made.inGroup, vaultName: "rb-acme", secretName: "host-keys" });
  expect(found).toMatchObject({ name: "host-keys", properties: { secretUri: "https://rb-acme.vault.azure.net/secrets/host-keys" } });
  expect(JSON.stringify(found)).not.toContain("the host key");
});

test("who one is, without a call", async () => {
  expect(await look("authorization:getClientConfig", {})).toEqual({
    clientId: "c11e0000-0000-4000-8000-0000000000d0",
    objectId: "0b1ec700-0000-4000-8000-0000000000d0",
    subscriptionId: "6f1a2b3c-0000-4000-8000-00000000acde",
    tenantId: "72f98800-0000-4000-8000-0000000000aa",
  });
  expect(project.world.calls()).toEqual([]);
});

test("another subscription than the one there is", async () => {
  project.provider.configure({ subscriptionId: "00000000-0000-4000-8000-000000000001" });
  expect(await project.refusal(() => project.make("resourceGroup", { location: "westeurope" }))).toBe("SubscriptionNotFound");
});
