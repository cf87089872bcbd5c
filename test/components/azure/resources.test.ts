import { expect, test } from "vitest";
import { AzureBastion, type AzureBastionArgs } from "../../../components/azure/azure-bastion.ts";
import { COMPONENT, GROUP, TAGS, up } from "../../support/azure-bastion.ts";
import {
  ADMIN,
  AZURE_ENGINE,
  azureOutputs,
  DISK_ENCRYPTION_SET_ID,
  GALLERY_IMAGE_ID,
  LOCATION,
  PRIVATE_ZONE_ID,
  SUBNET_ID,
  VIRTUAL_NETWORK_ID,
  ZONE_ID,
} from "../../support/azure-engine.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { deploy, type RegisteredResource } from "../../support/engine.ts";
import { resourceIn } from "../../support/registered.ts";

/** What every bastion on Azure consists of, whatever was asked for. */
const ALWAYS = [
  "azure-native:compute:VirtualMachine acme-virtual-machine",
  "azure-native:keyvault:Secret acme-host-files-…",
  "azure-native:keyvault:Secret acme-host-keys",
  "azure-native:keyvault:Secret acme-key-set-1",
  "azure-native:keyvault:Vault acme-vault",
  "azure-native:managedidentity:UserAssignedIdentity acme-identity",
  "azure-native:network:NetworkInterface acme-network-interface",
  "azure-native:network:NetworkSecurityGroup acme-network-security-group",
  "reverse-bastion:index:BindPorts acme-bind-ports",
  "reverse-bastion:index:SshKeyPair acme-admin-key",
  "reverse-bastion:index:SshKeyPair acme-client-dr-site-key",
  "reverse-bastion:index:SshKeyPair acme-consumer-flow-key",
  "reverse-bastion:index:SshKeyPair acme-host-key-ecdsa",
  "reverse-bastion:index:SshKeyPair acme-host-key-ed25519",
];
const RESOURCE_GROUP = ["azure-native:resources:ResourceGroup acme-resource-group"];
const NETWORK = ["azure-native:network:VirtualNetwork acme-virtual-network"];
const SUBNET = ["azure-native:network:Subnet acme-subnet"];
const PUBLIC_ADDRESS = ["azure-native:network:PublicIPAddress acme-public-ip"];
const NAME = ["azure-native:dns:RecordSet acme-dns-record"];
const PRIVATE_NAME = ["azure-native:privatedns:PrivateRecordSet acme-dns-record"];
const OWN = [...RESOURCE_GROUP, ...NETWORK, ...SUBNET, ...PUBLIC_ADDRESS];

/** What was made, in order. How many secrets the programs fill follows from how long they are. */
const contentsOf = (resources: readonly RegisteredResource[]) =>
  [...new Set(resources.map(({ type, name }) => `${type} ${name.replace(/(?<=host-files-)\d+$/, "…")}`))].sort();

const dns = { zone: "ssh.example.com", zoneId: ZONE_ID };
const inNetwork = { virtualNetworkId: VIRTUAL_NETWORK_ID, networkCidr: "10.0.7.0/28" };

const CONFIGURATIONS: readonly [string, Partial<AzureBastionArgs>, readonly string[], readonly string[]][] = [
  ["everything of its own", {}, OWN, []],
  ["a resource group that exists", { resourceGroup: "acme-prod" }, [...NETWORK, ...SUBNET, ...PUBLIC_ADDRESS], []],
  ["its own subnet in an existing network", inNetwork, [...RESOURCE_GROUP, ...SUBNET, ...PUBLIC_ADDRESS], []],
  ["an existing subnet", { subnetId: SUBNET_ID }, [...RESOURCE_GROUP, ...PUBLIC_ADDRESS], []],
  [
    "an existing subnet that is to have service endpoints",
    { subnetId: SUBNET_ID, serviceEndpoints: ["Microsoft.Sql"] },
    [...RESOURCE_GROUP, ...PUBLIC_ADDRESS],
    ["azure-native:network:getSubnet"],
  ],
  ["private only", { subnetId: SUBNET_ID, privateOnly: true }, RESOURCE_GROUP, []],
  ["private only in its own subnet", { ...inNetwork, privateOnly: true }, [...RESOURCE_GROUP, ...SUBNET], []],
  ["a name", { dns }, [...OWN, ...NAME], []],
  [
    "a private name",
    { dns: { ...dns, zoneId: PRIVATE_ZONE_ID }, subnetId: SUBNET_ID, privateOnly: true },
    [...RESOURCE_GROUP, ...PRIVATE_NAME],
    [],
  ],
  ["an admin", { admin: ADMIN }, OWN, []],
  ["arm64", { vmSize: "Standard_B2pts_v2" }, OWN, []],
  ["an image of one's own", { imageId: GALLERY_IMAGE_ID }, OWN, []],
  [
    "everything",
    {
      resourceGroup: "acme-prod",
      ...inNetwork,
      serviceEndpoints: ["Microsoft.Sql"],
      privateAddress: "10.0.7.9",
      protectAddress: true,
      admin: ADMIN,
      diskEncryptionSetId: DISK_ENCRYPTION_SET_ID,
      zone: "2",
      dns,
      tags: { team: "data" },
    },
    [...SUBNET, ...PUBLIC_ADDRESS, ...NAME],
    [],
  ],
];

test.each(CONFIGURATIONS)("%s: a bastion is these resources, all of them its children, and no others", async (_what, args, more, calls) => {
  const { registered, called, error, logged } = await up(args);
  expect([error, logged]).toEqual([undefined, []]);
  const [component, ...children] = registered;
  expect(component).toMatchObject({ type: "reverse-bastion:azure:AzureBastion", name: "acme", parent: undefined, custom: false });
  expect(contentsOf(children)).toEqual([...ALWAYS, ...more].sort());
  expect(children.filter(({ parent, custom }) => parent !== COMPONENT || !custom)).toEqual([]);
  expect(called.map(({ token }) => token)).toEqual(calls);
});

test.each(CONFIGURATIONS)(
  "%s: a first preview, which knows nothing that Azure gives, shows the same resources",
  async (_what, args, more) => {
    const { registered, error, logged } = await up(args, { preview: true, outputsOf: () => ({}) });
    expect([error, logged]).toEqual([undefined, []]);
    expect(contentsOf(registered)).toEqual(["reverse-bastion:azure:AzureBastion acme", ...ALWAYS, ...more].sort());
  },
);

// Names.

const named = (name: string, args: Partial<AzureBastionArgs> = {}) =>
  deploy(() => new AzureBastion(name, { ...DEPLOYABLE, location: LOCATION, ...args }), {
    ...AZURE_ENGINE,
    outputsOf: (resource) => azureOutputs({ ...resource, name: resource.name.replace(new RegExp(`^${name}-`), "acme-") }),
  });

/** What of a resource's name Azure fixes for us, by the length that it may have. */
const LONGEST: Readonly<Record<string, number>> = {
  "azure-native:compute:VirtualMachine": 64,
  "azure-native:managedidentity:UserAssignedIdentity": 128,
  "azure-native:network:NetworkInterface": 80,
  "azure-native:network:NetworkSecurityGroup": 80,
  "azure-native:network:PublicIPAddress": 80,
  "azure-native:network:Subnet": 80,
  "azure-native:network:VirtualNetwork": 64,
  "azure-native:resources:ResourceGroup": 90,
};

test.each(["n".repeat(40), "3m"])("%s still has room for what Pulumi makes of it", async (name) => {
  const { registered, error } = await named(name, { dns });
  expect(error).toBeUndefined();
  const byPulumi = registered.filter(({ type }) => LONGEST[type] !== undefined);
  expect(byPulumi.map(({ type }) => type).sort()).toEqual(Object.keys(LONGEST).sort());
  // Pulumi adds eight hexadecimal digits.
  for (const resource of byPulumi) expect(resource.name.length + 8, resource.name).toBeLessThanOrEqual(LONGEST[resource.type] ?? 0);
});

const vaultNameIn = (registered: readonly RegisteredResource[], bastion = "acme") =>
  resourceIn(registered, `${bastion}-vault`).inputs.vaultName as string;

test("a vault's name, which is unique in all of Azure, is one that it takes, and this bastion's alone", async () => {
  const first = vaultNameIn((await up()).registered);
  expect(first).toMatch(/^rb-[0-9a-f]{20}$/);
  // The same for as long as the bastion exists, also with another admin.
  expect(vaultNameIn((await up({ admin: ADMIN, clients: [], consumers: [], tags: { team: "data" } })).registered)).toBe(first);
  // After a destroy, the former name is still taken, and the key another one.
  const outputsOf = (resource: RegisteredResource) =>
    azureOutputs({ ...resource, name: resource.name.replace("admin-key", "host-key-ed25519") });
  const others = [await up({}, { outputsOf }), await up({ location: "eastus" }), await up({ resourceGroup: "acme-prod" })];
  expect(new Set([first, ...others.map(({ registered }) => vaultNameIn(registered))]).size).toBe(4);
});

// The place, and tags.

test("everything is in the one resource group and location, but for what belongs to others", async () => {
  const { registered, result } = await up({ ...inNetwork, dns });
  const group = (each: RegisteredResource) => each.inputs.resourceGroupName;
  const azure = registered.filter(({ type }) => type.startsWith("azure-native:") && !type.endsWith("ResourceGroup"));
  const elsewhere = azure.filter((each) => group(each) !== GROUP).map((each) => [each.name, group(each)]);
  expect(elsewhere).toEqual([
    ["acme-subnet", "net"],
    ["acme-dns-record", "dns"],
  ]);
  const placed = registered.filter(({ inputs }) => inputs.location !== undefined);
  expect(placed.map(({ name, inputs }) => [name, inputs.location]).sort()).toEqual(
    ["identity", "network-interface", "network-security-group", "public-ip", "resource-group", "vault", "virtual-machine"].map((role) => [
      `acme-${role}`,
      LOCATION,
    ]),
  );
  expect(await (result.resourceGroup as unknown as { promise(): Promise<string> }).promise()).toBe(GROUP);
});

test("everything that can have tags has those of the bastion, and those that were asked for", async () => {
  const { registered } = await up({ tags: { team: "data" }, dns });
  const tagged = registered.filter(({ inputs }) => inputs.tags !== undefined);
  expect(tagged.map(({ name }) => name).sort()).toEqual(
    [
      "identity",
      "network-interface",
      "network-security-group",
      "public-ip",
      "resource-group",
      "vault",
      "virtual-machine",
      "virtual-network",
    ].map((role) => `acme-${role}`),
  );
  for (const { name, inputs } of tagged) expect([name, inputs.tags]).toEqual([name, { ...TAGS, team: "data" }]);
});

test("bad arguments of Azure are reported with all others, before anything is made", async () => {
  const { error, registered, called } = await up({ location: "West Europe", sshPort: 22, dns: { zone: "ssh.example.com" }, zone: "a" });
  expect((error as Error).message.split("\n").map((line) => line.split(":")[0])).toEqual(["location", "zone", "dns.zoneId", "sshPort"]);
  expect([registered.map(({ name }) => name), called]).toEqual([["acme"], []]);
});

/** A change that Azure refuses, or that would collide with what is there, has to be another resource. */
test("what cannot change in place is announced as a replacement, and the former one goes first where both want the same", async () => {
  const { registered } = await up({ dns });
  const replaced = registered
    .filter(({ options }) => options.replaceOnChanges.length > 0 || options.deleteBeforeReplace)
    .map(({ name, options }) => [name.replace("acme-", ""), [options.replaceOnChanges, options.deleteBeforeReplace]]);
  expect(Object.fromEntries(replaced)).toEqual({
    "virtual-network": [["addressSpace"], false],
    subnet: [["addressPrefix"], true],
    "network-security-group": [["location"], false],
    "network-interface": [["location", "ipConfigurations"], true],
    identity: [["location"], false],
    vault: [["location"], false],
    "virtual-machine": [
      [
        "location",
        "networkProfile",
        "osProfile",
        "securityProfile",
        "storageProfile.imageReference",
        "storageProfile.osDisk.diskSizeGB",
        "storageProfile.osDisk.managedDisk",
        "zones",
      ],
      true,
    ],
  });
});
