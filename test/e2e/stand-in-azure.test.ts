import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { azureSeeds, seedsOf } from "../cloud/azure/control-plane/seeds.ts";
import { TYPE } from "../cloud/azure/control-plane/types.ts";
import { StandInStack } from "./support/stand-in-stack.ts";

/** A bastion's resources, as a program of somebody who has the real Azure would write them. */
const PROGRAM = `
import * as authorization from "@pulumi/azure-native/authorization/index.js";
import * as compute from "@pulumi/azure-native/compute/index.js";
import * as dns from "@pulumi/azure-native/dns/index.js";
import * as keyvault from "@pulumi/azure-native/keyvault/index.js";
import * as managedidentity from "@pulumi/azure-native/managedidentity/index.js";
import * as network from "@pulumi/azure-native/network/index.js";
import * as resources from "@pulumi/azure-native/resources/index.js";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";

const options = JSON.parse(readFileSync("options.json"));
const { customData, userData, vmSize = "Standard_B2ats_v2", replaceOnChanges = [], createFirst = false, deployerMayDelete = true } = options;
const base64 = (text) => Buffer.from(text).toString("base64");

const group = new resources.ResourceGroup("group", { location: "westeurope" });
const inGroup = { resourceGroupName: group.name };
const net = new network.VirtualNetwork("net", { ...inGroup, addressSpace: { addressPrefixes: ["10.20.0.0/16"] } });
const subnet = new network.Subnet("inner", {
  ...inGroup, virtualNetworkName: net.name, addressPrefix: "10.20.0.0/24", serviceEndpoints: [{ service: "Microsoft.KeyVault" }],
});
const address = new network.PublicIPAddress("outside", { ...inGroup, sku: { name: "Standard" }, publicIPAllocationMethod: "Static" });
const rule = { direction: "Inbound", protocol: "Tcp", sourcePortRange: "*", destinationAddressPrefix: "*" };
const firewall = new network.NetworkSecurityGroup("firewall", {
  ...inGroup,
  securityRules: [
    { ...rule, name: "ssh", access: "Allow", priority: 100, sourceAddressPrefixes: ["198.51.100.0/24"], destinationPortRange: "2222" },
    { ...rule, name: "rest", access: "Deny", priority: 4096, protocol: "*", sourceAddressPrefix: "*", destinationPortRange: "*" },
  ],
});
const nic = new network.NetworkInterface("nic", {
  ...inGroup,
  networkSecurityGroup: { id: firewall.id },
  ipConfigurations: [{ name: "primary", subnet: { id: subnet.id }, publicIPAddress: { id: address.id } }],
});
const identity = new managedidentity.UserAssignedIdentity("identity", inGroup);
const deployer = authorization.getClientConfigOutput();
const policy = (objectId, secrets) => ({ objectId, tenantId: identity.tenantId, permissions: { secrets } });
const vault = new keyvault.Vault("vault", {
  ...inGroup,
  vaultName: options.vaultName,
  properties: {
    tenantId: identity.tenantId,
    sku: { family: "A", name: "standard" },
    softDeleteRetentionInDays: 7,
    accessPolicies: [policy(identity.principalId, ["get"]), ...(deployerMayDelete ? [policy(deployer.objectId, ["delete"])] : [])],
  },
});
const secret = new keyvault.Secret("host-keys", {
  ...inGroup, vaultName: vault.name, properties: { value: pulumi.secret("the host key") },
});
const machine = new compute.VirtualMachine(
  "bastion",
  {
    ...inGroup,
    hardwareProfile: { vmSize },
    identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
    networkProfile: { networkInterfaces: [{ id: nic.id, primary: true, deleteOption: "Detach" }] },
    osProfile: {
      computerName: "bastion",
      adminUsername: "bastion-admin",
      customData: base64(customData),
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: "/home/bastion-admin/.ssh/authorized_keys", keyData: options.adminKey }] },
      },
    },
    storageProfile: {
      imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest" },
      osDisk: { createOption: "FromImage", deleteOption: "Delete" },
    },
    userData: base64(userData),
  },
  { replaceOnChanges, deleteBeforeReplace: !createFirst, dependsOn: [secret] },
);
new dns.RecordSet("record", {
  resourceGroupName: "platform", zoneName: "ssh.example.com", relativeRecordSetName: "acme", recordType: "A", ttl: 60,
  aRecords: [{ ipv4Address: address.ipAddress.apply((ip) => ip ?? "") }],
});

export const publicIp = address.ipAddress;
export const privateIp = nic.ipConfigurations.apply((all) => all?.[0]?.privateIPAddress);
export const vmId = machine.vmId;
`;

const RESOURCES = 12;
const OPTIONS = {
  adminKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKiyPGWbUNvGBWIOg2z2UE9QZJJCkBDVYmPsHoYJxXl/ admin",
  customData: "#cloud-config\n",
  userData: "one",
  vaultName: "rb-acme",
};
const NEW_CUSTOM_DATA = "#cloud-config\n# new\n";

describe("the stand-in Azure under the real engine", () => {
  const stack = new StandInStack({ program: PROGRAM, options: OPTIONS, config: {}, seeds: azureSeeds() });

  beforeAll(() => stack.create());

  afterAll(() => stack.remove());

  const actionsOf = (type: string, since: number) =>
    stack.world
      .calls()
      .slice(since)
      .flatMap((call) =>
        call.type === type && !call.action.endsWith("/read") ? [`${call.action.split("/").at(-1)} ${call.outcome}`] : [],
      );

  test("up makes what is declared, and a second one changes nothing", async () => {
    expect(await stack.up()).toContain(`+ ${RESOURCES} created`);
    const [id, machine] = stack.only(TYPE.virtualMachine);
    expect(await stack.outputs()).toEqual({ publicIp: "192.0.2.129", privateIp: "10.20.0.4", vmId: machine.vmId });
    expect(id).toMatch(
      /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/group[0-9a-f]{8}\/providers\/Microsoft\.Compute\/virtualMachines\/bastion[0-9a-f]{8}$/,
    );
    expect(stack.only(TYPE.subnet)[1].name).toBe("inner");
    expect(await stack.up()).toContain(`${RESOURCES} unchanged`);
  });

  test("a refresh finds what up has made", async () => {
    expect(await stack.done("refresh", "--yes", "--skip-preview")).toContain(`${RESOURCES} unchanged`);
    expect(await stack.done("preview")).toContain(`${RESOURCES} unchanged`);
  });

  test("no secret is in the open, in state or on the screen", async () => {
    const exported = await stack.done("stack", "export");
    expect(exported).toContain("host-keys");
    expect(exported).not.toContain("the host key");
  });

  test("data of the user's and the size change in place", async () => {
    const { vmId } = await stack.outputs();
    stack.set({ userData: "two", vmSize: "Standard_B2s_v2" });
    expect(await stack.up()).toContain("~ 1 updated");
    expect(stack.only(TYPE.virtualMachine)[1]).toMatchObject({
      vmId,
      hardwareProfile: { vmSize: "Standard_B2s_v2" },
      osProfile: { customData: Buffer.from("#cloud-config\n").toString("base64") },
      userData: Buffer.from("two").toString("base64"),
    });
    stack.set({});
    await stack.up();
  });

  test("drift is found by a refresh and repaired by up", async () => {
    const [group, { securityRules }] = stack.only(TYPE.networkSecurityGroup);
    const [ssh, rest] = securityRules as Record<string, unknown>[];
    const [record] = stack.only(TYPE.recordSet);
    await stack.world.alter(TYPE.networkSecurityGroup, group, {
      securityRules: [{ ...ssh, sourceAddressPrefixes: ["0.0.0.0/0"] }, rest],
    });
    await stack.world.forget(TYPE.recordSet, record);
    expect(await stack.done("refresh", "--yes", "--skip-preview")).toMatch(/~ 1 updated\s+- 1 deleted/);
    expect(await stack.up()).toMatch(/\+ 1 created\s+~ 1 updated/);
    expect(stack.world.find(TYPE.networkSecurityGroup, group)).toMatchObject({ securityRules: [ssh, rest] });
    expect(stack.only(TYPE.recordSet)[0]).toBe(record);
  });

  test("what a machine is made with previews as an update, and fails as one", async () => {
    stack.set({ customData: NEW_CUSTOM_DATA });
    expect((await stack.done("preview")).replaceAll(/\s+/g, " ")).toContain(`~ 1 to update ${RESOURCES - 1} unchanged`);
    const { exitCode, printed } = await stack.run("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(
      `Status=409 Code="PropertyChangeNotAllowed" Message="Changing property 'osProfile.customData' is not allowed."`,
    );
  });

  test("a second machine cannot have the network interface", async () => {
    stack.set({ customData: NEW_CUSTOM_DATA, replaceOnChanges: ["osProfile"], createFirst: true });
    const { exitCode, printed } = await stack.run("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain('Code="NicInUse"');
  });

  test("a replaced machine keeps its addresses and takes its disk along; throttled calls are made again", async () => {
    const { vmId: former, ...addresses } = await stack.outputs();
    const [disk] = stack.only(TYPE.disk);
    const since = stack.world.calls().length;
    stack.set({ customData: NEW_CUSTOM_DATA, replaceOnChanges: ["osProfile"] });
    await stack.world.addFault({ action: "Microsoft.Compute/virtualMachines/write", kind: "throttle", times: 2 });
    expect(await stack.up()).toContain("1 replaced");
    const { vmId, ...same } = await stack.outputs();
    expect(vmId).not.toBe(former);
    expect(same).toEqual(addresses);
    expect(stack.only(TYPE.disk)[0]).not.toBe(disk);
    expect(actionsOf(TYPE.virtualMachine, since)).toEqual([
      "delete ok",
      "action ok",
      "write ok",
      "action ok",
      "write TooManyRequests",
      "write TooManyRequests",
      "write ok",
    ]);
  });

  test("a secret goes only where the vault lets its deployer, and a vault keeps its name", async () => {
    stack.set({ customData: NEW_CUSTOM_DATA, deployerMayDelete: false });
    await stack.up();
    const { exitCode, printed } = await stack.run("destroy", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("does not have secrets delete permission on key vault 'rb-acme;location=westeurope'");
    stack.set({ customData: NEW_CUSTOM_DATA });
    await stack.up();
    expect(await stack.done("destroy", "--yes", "--skip-preview")).toContain(`- ${RESOURCES} deleted`);
    expect(stack.world.read().records).toEqual({});
    expect(seedsOf(stack.world.read()).deletedVaults).toMatchObject([{ name: "rb-acme", location: "westeurope" }]);
    const again = await stack.run("up", "--yes", "--skip-preview");
    expect(again.printed).toContain('Code="ConflictError" Message="A vault with the same name already exists in deleted state.');
    stack.set({ vaultName: "rb-acme-2" });
    await stack.up();
  });

  test("a provider that dies before it acts leaves a stack that the next up completes", async () => {
    stack.set({ vaultName: "rb-acme-3" });
    await stack.done("destroy", "--yes", "--skip-preview");
    await stack.world.addFault({ action: "Microsoft.Network/virtualNetworks/subnets/write", kind: "crash-before" });
    const { exitCode, printed } = await stack.run("up", "--yes", "--skip-preview", "--parallel=1");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("exited prematurely");
    expect(stack.world.records(TYPE.subnet)).toEqual({});
    await stack.up();
    expect(await stack.up()).toContain(`${RESOURCES} unchanged`);
    await stack.done("destroy", "--yes", "--skip-preview");
    expect(stack.world.read().records).toEqual({});
  });
});
