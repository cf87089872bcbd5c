import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isSecret, type Properties, secret, UNKNOWN_VALUE } from "../../plugin/values.ts";
import type { Made } from "../../world/provider/direct-provider.ts";
import {
  base64,
  interfaceInputs,
  machineInputs,
  makeNetwork,
  osProfile,
  storageProfile,
  type TestNetwork,
  TestProject,
} from "./test-project.ts";
import { TYPE } from "./types.ts";

let project: TestProject;
let made: TestNetwork;
let nic: Made;

beforeEach(async () => {
  project = new TestProject();
  made = await makeNetwork(project);
  nic = await project.make("networkInterface", interfaceInputs(made));
});

afterEach(() => project.dispose());

const STANDARD = { sku: { name: "Standard" }, publicIPAllocationMethod: "Static" };

describe("what a change does to", () => {
  test.each<[string, Properties, string]>([
    ["nothing", {}, "same"],
    ["its name", { vmName: "named" }, "replace vmName"],
    ["its resource group", { resourceGroupName: "other" }, "replace resourceGroupName"],
    ["its region", { location: "eastus" }, "replace location"],
    ["its region in other letters", { location: "West Europe" }, "same"],
    ["its size", { hardwareProfile: { vmSize: "Standard_B2s_v2" } }, "update hardwareProfile.vmSize"],
    ["its user's data", { userData: base64("other") }, "update userData"],
    ["data of its first boot", { osProfile: osProfile({ customData: base64("x") }) }, "update osProfile.customData"],
    ["its image", { storageProfile: storageProfile({ sku: "13" }) }, "update storageProfile.imageReference.sku"],
    ["a zone", { zones: ["1"] }, "update zones"],
    ["its launch", { securityProfile: { securityType: "TrustedLaunch" } }, "update securityProfile"],
    ["what is not known yet", { networkProfile: UNKNOWN_VALUE }, "update networkProfile"],
  ])("a machine: %s", async (_what, parts, planned) => {
    const inputs = machineInputs(made, nic);
    const machine = await project.make("virtualMachine", inputs);
    expect(project.plan("virtualMachine", machine, { ...inputs, ...parts })).toBe(planned);
  });

  test.each<[string, Properties, string]>([
    ["its SKU", { sku: { name: "StandardV2" } }, "replace sku.name"],
    ["a part of its SKU that is added", { sku: { name: "Standard", tier: "Global" } }, "update sku.tier"],
    ["its region", { location: "eastus" }, "replace location"],
    ["its zones", { zones: ["1"] }, "update zones"],
    ["its idle limit", { idleTimeoutInMinutes: 30 }, "update idleTimeoutInMinutes"],
    ["its tags", { tags: { a: "b" } }, "update tags"],
  ])("a public address: %s", async (_what, parts, planned) => {
    const address = await project.make("publicIPAddress", { ...made.inGroup, ...STANDARD });
    expect(project.plan("publicIPAddress", address, { ...made.inGroup, ...STANDARD, ...parts })).toBe(planned);
  });

  test("others: what replaces one, and what has to delete it first, because its name is not random", async () => {
    const { inGroup, network, subnet, group } = made;
    expect(project.plan("resourceGroup", group, { location: "eastus" })).toBe("replace location");
    const inNetwork = { ...inGroup, virtualNetworkName: network.state.name, addressPrefix: "10.20.0.0/24" };
    expect(project.plan("subnet", subnet, { ...inNetwork, addressPrefix: "10.20.0.0/25" })).toBe("update addressPrefix");
    expect(project.plan("subnet", subnet, { ...inNetwork, subnetName: "other" })).toBe("delete and create subnetName");
    expect(project.plan("networkInterface", nic, interfaceInputs(made, {}, { location: "eastus" }))).toBe("update location");
    const record = {
      ...inGroup,
      zoneName: "z",
      recordType: "A",
      relativeRecordSetName: "a",
      ttl: 60,
      aRecords: [{ ipv4Address: "192.0.2.1" }],
    };
    const zone = { resourceGroupName: "platform", zoneName: "ssh.example.com" };
    const set = await project.make("recordSet", { ...record, ...zone });
    const changed = { ...record, ...zone, ttl: 30, aRecords: [{ ipv4Address: "192.0.2.2" }] };
    expect(project.plan("recordSet", set, changed)).toBe("update ttl aRecords[0].ipv4Address");
    expect((await project.update("recordSet", set, changed)).state).toMatchObject({ fqdn: "a.ssh.example.com.", ttl: 30 });
  });

  test("a region that has to stay is refused where the provider does not replace", async () => {
    const moved = interfaceInputs(made, {}, { location: "eastus" });
    expect(await project.refusal(() => project.update("networkInterface", nic, moved))).toBe("InvalidResourceLocation");
  });
});

describe("Azure fills in", () => {
  test("names: of 8 random characters, or the logical one of what is in something", async () => {
    expect(made.network.id).toMatch(
      /^\/subscriptions\/6f1a2b3c-0000-4000-8000-00000000acde\/resourceGroups\/group[0-9a-f]{8}\/providers\/Microsoft\.Network\/virtualNetworks\/net[0-9a-f]{8}$/,
    );
    expect(made.subnet.id).toBe(`${made.network.id}/subnets/subnet`);
    expect(made.network.inputs.__createBeforeDelete).toBe(true);
    expect(made.subnet.inputs.__createBeforeDelete).toBeUndefined();
    // A name stays when it was once chosen.
    expect(project.check("virtualNetwork", made.inGroup, "renamed", made.network.inputs).virtualNetworkName).toBe(made.network.state.name);
  });

  test("the region of the resource group where none is configured", async () => {
    project.provider.configure({});
    const count = project.world.calls().length;
    expect(project.check("virtualNetwork", { resourceGroupName: "platform" }).location).toBe("westeurope");
    expect(project.actionsSince(count)).toEqual(["Microsoft.Resources/subscriptions/resourceGroups/read"]);
    expect(project.check("virtualNetwork", { resourceGroupName: UNKNOWN_VALUE }).location).toBe(UNKNOWN_VALUE);
  });

  test("addresses, in order and never twice, past those it keeps", async () => {
    const address = await project.make("publicIPAddress", { ...made.inGroup, ...STANDARD });
    expect(address.state).toMatchObject({ ipAddress: "192.0.2.129", sku: { name: "Standard", tier: "Regional" }, idleTimeoutInMinutes: 4 });
    expect(nic.state.ipConfigurations).toMatchObject([
      { privateIPAddress: "10.20.0.4", privateIPAllocationMethod: "Dynamic", primary: true },
    ]);
    const other = await project.make("networkInterface", interfaceInputs(made, { publicIPAddress: { id: address.id } }));
    expect(other.state.ipConfigurations).toMatchObject([{ privateIPAddress: "10.20.0.5", publicIPAddress: { id: address.id } }]);
    const configuration = { id: `${other.id}/ipConfigurations/primary` };
    expect(project.world.find(TYPE.publicIPAddress, address.id)).toMatchObject({ ipConfiguration: configuration });
    const changed = await project.update("networkInterface", other, interfaceInputs(made, {}, { tags: { a: "b" } }));
    expect(changed.state.ipConfigurations).toMatchObject([{ privateIPAddress: "10.20.0.5" }]);
    expect(project.world.find(TYPE.publicIPAddress, address.id)?.ipConfiguration).toBeUndefined();
  });

  test("a machine's disk, identity and image, and tells no data of its first boot", async () => {
    const { id, state } = await project.make("virtualMachine", machineInputs(made, nic), "bastion");
    const [[disk, record] = []] = Object.entries(project.world.records(TYPE.disk));
    expect(state).toMatchObject({
      identity: { userAssignedIdentities: { [made.identity.id]: { principalId: made.identity.state.principalId } } },
      provisioningState: "Succeeded",
      storageProfile: {
        imageReference: { version: "latest", exactVersion: "0.20261110.2299" },
        osDisk: { diskSizeGB: 30, managedDisk: { id: disk, storageAccountType: "Standard_LRS" } },
      },
    });
    expect(record).toMatchObject({ diskState: "Attached", managedBy: id });
    expect(state).not.toHaveProperty("userData");
    expect(state.osProfile).not.toHaveProperty("customData");
    expect(project.world.find(TYPE.virtualMachine, id)).toMatchObject({
      userData: base64("data"),
      osProfile: { customData: base64("#cloud-config\n") },
    });
    expect(project.world.find(TYPE.networkInterface, nic.id)).toMatchObject({ virtualMachine: { id } });
  });

  test("a secret's address, not its value", async () => {
    const { tenantId } = made.identity.state;
    const properties = { tenantId, sku: { family: "A", name: "standard" } };
    const vault = await project.make("vault", { ...made.inGroup, vaultName: "rb-acme", properties });
    expect(vault.state.properties).toMatchObject({
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      vaultUri: "https://rb-acme.vault.azure.net/",
    });
    const inputs = { ...made.inGroup, vaultName: "rb-acme", properties: secret({ value: "v" }) };
    const { id, state } = await project.make("secret", inputs, "host-keys");
    expect(isSecret(state.properties)).toBe(true);
    expect(JSON.stringify(state.properties)).toContain("https://rb-acme.vault.azure.net/secrets/host-keys");
    expect(JSON.stringify(state.properties)).not.toContain('"v"');
    expect(project.world.find(TYPE.secret, id)).toMatchObject({ properties: { value: "v" } });
  });
});

describe("what a machine leaves behind", () => {
  test.each<[string, Properties, Properties, number, number]>([
    ["its disk and its interface, unless told otherwise", { deleteOption: undefined }, {}, 1, 1],
    ["its interface only", { deleteOption: "Delete" }, { deleteOption: "Detach" }, 0, 1],
    ["nothing", { deleteOption: "Delete" }, { deleteOption: "Delete" }, 0, 0],
  ])("%s", async (_what, disk, reference, disks, interfaces) => {
    const parts = { storageProfile: storageProfile({}, disk), networkProfile: { networkInterfaces: [{ id: nic.id, ...reference }] } };
    const machine = await project.make("virtualMachine", machineInputs(made, nic, parts));
    await project.remove("virtualMachine", machine);
    expect(Object.values(project.world.records(TYPE.disk)).map(({ diskState }) => diskState)).toEqual(Array(disks).fill("Unattached"));
    const left = Object.values(project.world.records(TYPE.networkInterface));
    expect(left.map(({ virtualMachine }) => virtualMachine)).toEqual(Array(interfaces).fill(undefined));
  });
});

test("what is read again goes into inputs only where Azure says something else than before", async () => {
  const group = await project.make("networkSecurityGroup", { ...made.inGroup, tags: { a: "b" } });
  const urn = project.urn("networkSecurityGroup", "it");
  const read = () => project.provider.read(urn, group.id, group.state, group.inputs);
  expect((await read())?.inputs).toEqual(group.inputs);
  await project.world.alter(TYPE.networkSecurityGroup, group.id, {
    tags: { a: "c" },
    securityRules: [{ name: "open", priority: 100, etag: "x" }],
  });
  expect((await read())?.inputs).toEqual({ ...group.inputs, tags: { a: "c" }, securityRules: [{ name: "open", priority: 100 }] });
});

test("what a preview does not know: whatever Azure chooses, at any depth; after an update all but name and region", async () => {
  const urn = project.urn("networkInterface", "it");
  const { state } = await project.provider.create(urn, project.check("networkInterface", interfaceInputs(made)), true);
  expect(state).toMatchObject({
    macAddress: UNKNOWN_VALUE,
    name: UNKNOWN_VALUE,
    ipConfigurations: [{ name: "primary", privateIPAddress: UNKNOWN_VALUE, subnet: { id: made.subnet.id } }],
  });
  const updated = await project.provider.update(urn, nic.id, nic, nic.inputs, [], true);
  expect(updated).toMatchObject({ macAddress: UNKNOWN_VALUE, name: nic.state.name, location: "westeurope" });
});

test("calls of a machine's life, by the actions of roles", async () => {
  let count = project.world.calls().length;
  const actions = () => {
    const since = project.actionsSince(count);
    count += since.length;
    return since;
  };
  const machines = "Microsoft.Compute/virtualMachines";
  const joins = [
    "Microsoft.Network/networkInterfaces/join/action",
    "Microsoft.Compute/disks/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
  ];
  const inputs = machineInputs(made, nic);
  const machine = await project.make("virtualMachine", inputs);
  expect(actions()).toEqual([`${machines}/read`, ...joins, `${machines}/write`, `${machines}/read`]);
  await project.update("virtualMachine", machine, { ...inputs, userData: base64("new") });
  expect(actions()).toEqual([...joins, `${machines}/write`, `${machines}/read`]);
  await project.remove("virtualMachine", machine);
  expect(actions()).toEqual([`${machines}/delete`]);
  await project.make("networkInterface", interfaceInputs(made));
  expect(actions()).toContain("Microsoft.Network/virtualNetworks/subnets/join/action");
});

test("calls that are throttled are made again; one that is not allowed is not, and says which", async () => {
  const write = "Microsoft.Network/publicIPAddresses/write";
  await project.world.addFault({ action: write, kind: "throttle", times: 2 });
  await project.make("publicIPAddress", { ...made.inGroup, ...STANDARD });
  const outcomes = project.world.calls().flatMap(({ action, outcome }) => (action === write ? [outcome] : []));
  expect(outcomes).toEqual(["TooManyRequests", "TooManyRequests", "ok"]);
  await project.world.addFault({ action: write, kind: "fail" });
  await expect(project.make("publicIPAddress", { ...made.inGroup, ...STANDARD })).rejects.toThrow(
    /^Status=403 Code="AuthorizationFailed" Message="The client .* does not have authorization to perform action 'Microsoft.Network\/publicIPAddresses\/write'/,
  );
  const join = "Microsoft.Network/virtualNetworks/subnets/join/action";
  await project.world.addFault({ action: join, kind: "fail" });
  expect(await project.refusal(() => project.make("networkInterface", interfaceInputs(made)))).toBe("LinkedAuthorizationFailed");
});
