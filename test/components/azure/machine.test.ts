import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { AzureBastionArgs } from "../../../components/azure/azure-bastion.ts";
import { renderAzureCustomData } from "../../../components/host/cloud-init.ts";
import { inputsOf, PLACE, TAGS, up } from "../../support/azure-bastion.ts";
import {
  ADMIN,
  ADMIN_KEY,
  azureOutputs,
  CLIENT_ID,
  customDataOf,
  DISK_ENCRYPTION_SET_ID,
  EXACT_VERSION,
  GALLERY_IMAGE_ID,
  SUBNET_ID,
} from "../../support/azure-engine.ts";
import { settled } from "../../support/engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { resourceIn } from "../../support/registered.ts";

const IMAGE = { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest" };
const OS_DISK = {
  createOption: "FromImage",
  deleteOption: "Delete",
  caching: "ReadWrite",
  managedDisk: { storageAccountType: "StandardSSD_LRS" },
};
const linuxFor = (user: string, keyData: string) => ({
  disablePasswordAuthentication: true,
  provisionVMAgent: true,
  ssh: { publicKeys: [{ path: `/home/${user}/.ssh/authorized_keys`, keyData }] },
});
const OS_PROFILE = {
  computerName: "acme",
  adminUsername: "bastion-admin",
  linuxConfiguration: linuxFor("bastion-admin", ADMIN_KEY.line),
};
const MACHINE = {
  ...PLACE,
  hardwareProfile: { vmSize: "Standard_B2ats_v2" },
  identity: { type: "UserAssigned", userAssignedIdentities: ["acme-identity-id"] },
  networkProfile: { networkInterfaces: [{ id: "acme-network-interface-id", primary: true, deleteOption: "Detach" }] },
  osProfile: OS_PROFILE,
  storageProfile: { imageReference: IMAGE, osDisk: OS_DISK },
  securityProfile: { securityType: "TrustedLaunch", uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } },
  diagnosticsProfile: { bootDiagnostics: { enabled: true } },
  tags: TAGS,
};

/** The inputs of the machine without what it is told. */
const machineWith = async (args: Partial<AzureBastionArgs> = {}) => {
  const { userData: _userData, osProfile, ...inputs } = await inputsOf("acme-virtual-machine", args);
  const { customData: _customData, ...profile } = osProfile as Record<string, unknown>;
  return { ...inputs, osProfile: profile };
};

test("the machine: shielded, its own interface and identity, a disk that goes with it, a key that nobody has", async () => {
  expect(await machineWith()).toEqual(MACHINE);
});

test("what the author chooses reaches the machine", async () => {
  expect(
    await machineWith({
      resourceGroup: "acme-prod",
      location: "eastus",
      subnetId: SUBNET_ID,
      vmSize: "Standard_D2s_v5",
      imageVersion: EXACT_VERSION,
      diskSizeGib: 64,
      diskEncryptionSetId: DISK_ENCRYPTION_SET_ID,
      trustedLaunch: false,
      zone: "2",
      tags: { team: "data" },
    }),
  ).toEqual({
    ...Object.fromEntries(Object.entries(MACHINE).filter(([key]) => key !== "securityProfile")),
    resourceGroupName: "acme-prod",
    location: "eastus",
    zones: ["2"],
    hardwareProfile: { vmSize: "Standard_D2s_v5" },
    storageProfile: {
      imageReference: { ...IMAGE, version: EXACT_VERSION },
      osDisk: {
        ...OS_DISK,
        diskSizeGB: 64,
        managedDisk: { ...OS_DISK.managedDisk, diskEncryptionSet: { id: DISK_ENCRYPTION_SET_ID } },
      },
    },
    tags: { ...TAGS, team: "data" },
  });
});

test("the machine starts once everything that it reads is there, and its interface behind its firewall", async () => {
  const { registered } = await up();
  const needed = registered
    .filter(({ type }) => /:(?:Secret|NetworkInterface|UserAssignedIdentity|ResourceGroup)$/.test(type))
    .map(({ type, name }) => `${type}::${name}`);
  expect(needed.length).toBeGreaterThanOrEqual(6);
  expect(resourceIn(registered, "acme-virtual-machine").options.dependencies).toEqual(expect.arrayContaining(needed));
  expect(resourceIn(registered, "acme-network-interface").options.dependencies).toContain(
    "azure-native:network:NetworkSecurityGroup::acme-network-security-group",
  );
});

// What it is told.

test.each([
  [{}, false],
  [{ admin: ADMIN }, true],
])("with %j, the custom data is what the bootstrap needs, in base64 once", async (args, keepDefaultUser) => {
  const { registered } = await up(args);
  const { vaultName } = resourceIn(registered, "acme-vault").inputs;
  expect(customDataOf(registered)).toBe(
    renderAzureCustomData({ vault: `https://${vaultName}.vault.azure.net`, clientId: CLIENT_ID, keepDefaultUser }),
  );
});

test("in other clouds of Azure, vaults have other names", async () => {
  expect(customDataOf((await up({ location: "chinanorth3" })).registered)).toMatch(/https:\/\/rb-[0-9a-f]{20}\.vault\.azure\.cn[^/\w.]/);
});

// Who else may log in.

test.each([
  [{ admin: ADMIN }, "bastion-admin", ED25519_A.line],
  [{ admin: { ...ADMIN, publicKey: `${ED25519_A.line} jane@example.com`, user: "jane" } }, "jane", ED25519_A.line],
])("an admin's user and key are those of %j", async (args, user, keyData) => {
  expect((await machineWith(args)).osProfile).toEqual({
    ...OS_PROFILE,
    adminUsername: user,
    linuxConfiguration: linuxFor(user, keyData),
  });
});

// The image.

test.each([
  [{}, "Debian", "debian-13", "13-gen2"],
  [{ vmSize: "Standard_B2pts_v2" }, "Debian", "debian-13", "13-arm64"],
  [{ image: "debian-12" }, "Debian", "debian-12", "12-gen2"],
  [{ image: "debian-12", vmSize: "Standard_D2ps_v5" }, "Debian", "debian-12", "12-arm64"],
  [{ image: "ubuntu-24.04" }, "Canonical", "ubuntu-24_04-lts", "server"],
  [{ image: "ubuntu-24.04", vmSize: "Standard_B2pts_v2" }, "Canonical", "ubuntu-24_04-lts", "server-arm64"],
] as const)("with %j, the image is that of %s, %s, %s", async (args, publisher, offer, sku) => {
  const { registered, result } = await up(args);
  const { storageProfile } = resourceIn(registered, "acme-virtual-machine").inputs as { storageProfile: { imageReference: object } };
  // Tomorrow's newest one has the same name: it replaces nothing.
  expect(storageProfile.imageReference).toEqual({ publisher, offer, sku, version: "latest" });
  expect(await settled(result.imageId)).toBe(`${publisher}:${offer}:${sku}:${EXACT_VERSION}`);
});

test("an image of one's own is named by its id alone", async () => {
  const { registered, result } = await up({ imageId: GALLERY_IMAGE_ID });
  expect(resourceIn(registered, "acme-virtual-machine").inputs.storageProfile).toMatchObject({ imageReference: { id: GALLERY_IMAGE_ID } });
  expect(await settled(result.imageId)).toBe(GALLERY_IMAGE_ID);
});

test.each<[Partial<AzureBastionArgs>, boolean]>([
  [{ vmSize: "Standard_D2s_v5" }, true],
  [{ vmSize: "Standard_B2pts_v2" }, false],
  [{ vmSize: "Standard_M8ms" }, false],
  [{ vmSize: "Standard_A1_v2", imageId: GALLERY_IMAGE_ID }, false],
  [{ imageId: GALLERY_IMAGE_ID }, true],
])("with %j, it has Trusted Launch: %s", async (args, expected) => {
  expect("securityProfile" in (await inputsOf("acme-virtual-machine", args))).toBe(expected);
});

// Previews.

test("a preview says what it can of the machine, and what it cannot is unknown", async () => {
  const unknown = pulumi.runtime.unknownValue;
  const { registered } = await up({ resourceGroup: "acme-prod" }, { preview: true, outputsOf: () => ({}) });
  expect(resourceIn(registered, "acme-virtual-machine").inputs).toEqual({
    ...MACHINE,
    resourceGroupName: "acme-prod",
    osProfile: { ...OS_PROFILE, customData: unknown, linuxConfiguration: linuxFor("bastion-admin", unknown) },
    userData: unknown,
  });
});

test("a preview of what exists knows all of it: nothing would be changed", async () => {
  const [before, after] = [await up(), await up({}, { preview: true })];
  expect(resourceIn(after.registered, "acme-virtual-machine").inputs).toEqual(resourceIn(before.registered, "acme-virtual-machine").inputs);
});

test("while other tags are being previewed, the machine is not taken for another one", async () => {
  // What the provider says of a resource that changes: its inputs and its name.
  const outputsOf: typeof azureOutputs = (resource) =>
    /:(?:Vault|ResourceGroup|NetworkInterface|PublicIPAddress|VirtualNetwork|NetworkSecurityGroup)$/.test(resource.type)
      ? { name: (azureOutputs(resource) as { name?: string }).name ?? resource.name }
      : azureOutputs(resource);
  const before = resourceIn((await up()).registered, "acme-virtual-machine").inputs;
  const { registered } = await up({ tags: { team: "data" } }, { preview: true, outputsOf });
  expect(resourceIn(registered, "acme-virtual-machine").inputs).toMatchObject({ osProfile: before.osProfile, userData: before.userData });
  // Of the identity that would not be true, and so its tags are those it was made with.
  expect(resourceIn(registered, "acme-identity").options.ignoreChanges).toEqual(["tags"]);
});
