import fc from "fast-check";
import { expect, test } from "vitest";
import { AZURE_DEFAULTS } from "../../../components/core/azure/azure-defaults.ts";
import type { AzureAdminSpec, AzureSpec } from "../../../components/core/azure/azure-spec.ts";
import { checkAzure } from "../../../components/core/azure/check-azure.ts";
import { anyAzureSpec } from "../../support/any-azure-spec.ts";
import {
  DISK_ENCRYPTION_SET_ID,
  GALLERY_IMAGE_ID,
  LOCATION,
  PRIVATE_ZONE_ID,
  SUBNET_ID,
  VIRTUAL_NETWORK_ID,
  ZONE_ID,
} from "../../support/azure-engine.ts";
import { ECDSA_P256, ED25519_A, RSA_3072 } from "../../support/keys.ts";

/** What is refused, as `path: reason`. */
const refused = (spec: Partial<AzureSpec>) => checkAzure({ location: LOCATION, ...spec }).map(({ path, reason }) => `${path}: ${reason}`);

test("a location is enough; and what is the default may also be written down", () => {
  const { adminUser: _adminUser, ...defaults } = AZURE_DEFAULTS;
  expect([refused({}), refused(defaults)]).toEqual([[], []]);
});

test("everything at once can be right", () => {
  expect(
    refused({
      resourceGroup: "acme-prod",
      virtualNetworkId: VIRTUAL_NETWORK_ID,
      networkCidr: "10.1.2.0/28",
      privateAddress: "10.1.2.4",
      privateOnly: true,
      protectAddress: true,
      serviceEndpoints: ["Microsoft.Sql", "Microsoft.Storage.Global"],
      vmSize: "Standard_D2s_v5",
      image: "ubuntu-24.04",
      imageVersion: "24.04.202611060",
      diskSizeGib: 4095,
      diskEncryptionSetId: DISK_ENCRYPTION_SET_ID,
      trustedLaunch: true,
      zone: "3",
      dns: { zone: "ssh.example.com", zoneId: ZONE_ID, name: "acme.eu" },
      admin: { publicKey: RSA_3072.line, user: "jane_doe", cidrs: ["203.0.113.0/24"] },
      firewallNote: "Ticket 123: für Jürgen",
      tags: { "Cost center": "42" },
    }),
  ).toEqual([]);
});

test("a location is checked", () => {
  expect(refused({ location: "West Europe" })).toEqual(['location: got "West Europe"; write "westeurope"']);
});

// The place.

test.each<[Partial<AzureSpec>, string[]]>([
  [{ subnetId: SUBNET_ID }, []],
  [{ virtualNetworkId: VIRTUAL_NETWORK_ID, networkCidr: "10.0.7.0/28" }, []],
  [
    { virtualNetworkId: VIRTUAL_NETWORK_ID },
    ["networkCidr: is missing; say which addresses of the virtual network the bastion's subnet gets"],
  ],
  [
    { virtualNetworkId: VIRTUAL_NETWORK_ID, subnetId: SUBNET_ID },
    ["virtualNetworkId: is for a subnet of the bastion's own; leave it out, or leave out subnetId"],
  ],
  [
    { subnetId: SUBNET_ID, networkCidr: "10.0.0.0/24" },
    ["networkCidr: is for a bastion with a subnet of its own; leave it out, or leave out subnetId"],
  ],
  [
    { privateOnly: true },
    ["privateOnly: needs subnetId or virtualNetworkId: into a network of its own, nobody would have a way without a public address"],
  ],
  [{ subnetId: SUBNET_ID, privateOnly: true }, []],
  [{ virtualNetworkId: VIRTUAL_NETWORK_ID, networkCidr: "10.0.7.0/28", privateOnly: true }, []],
])("the place: %j", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test.each([
  ["8.0.0.0/7", 'got "8.0.0.0/7"; a subnet has an IPv4 block of /8 to /29, such as "10.255.0.0/28"'],
  ["10.0.0.0/30", 'got "10.0.0.0/30"; a subnet has an IPv4 block of /8 to /29, such as "10.255.0.0/28"'],
  ["2001:db8::/64", 'got "2001:db8::/64"; a subnet has an IPv4 block of /8 to /29, such as "10.255.0.0/28"'],
  ["10.0.0.1/24", '"10.0.0.1/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.1/32" for the one address'],
])("%s cannot be a subnet's block", (networkCidr, reason) => {
  expect(refused({ networkCidr })).toEqual([`networkCidr: ${reason}`]);
});

test.each([
  [{}, ["10.255.0.4", "10.255.0.14"]],
  [{ networkCidr: "192.168.7.0/24" }, ["192.168.7.4", "192.168.7.254"]],
  [{ virtualNetworkId: VIRTUAL_NETWORK_ID, networkCidr: "192.168.7.0/29" }, ["192.168.7.4", "192.168.7.6"]],
  // Only Azure knows the block of an existing subnet.
  [{ subnetId: SUBNET_ID }, ["192.0.2.1", "10.0.0.0"]],
])("with %j, these can be the private address: %j", (place, addresses) => {
  for (const privateAddress of addresses) expect([privateAddress, refused({ ...place, privateAddress })]).toEqual([privateAddress, []]);
});

test.each(["10.255.0.0", "10.255.0.3", "10.255.0.15", "10.255.0.16", "192.0.2.7"])(
  "%s is outside, or one that Azure keeps",
  (privateAddress) => {
    expect(refused({ privateAddress })).toEqual([
      `privateAddress: got ${privateAddress}; expected an address of 10.255.0.0/28, of which Azure keeps the first four and the last`,
    ]);
  },
);

test.each(["", "10.255.0", "10.255.0.4/32", "::1"])("%j is no private address", (privateAddress) => {
  expect(refused({ privateAddress })).toEqual([
    `privateAddress: got ${JSON.stringify(privateAddress)}; expected an IPv4 address of the subnet`,
  ]);
});

test.each(["Sql", "microsoft.sql", "Microsoft.", "Microsoft.Sql/servers", "Microsoft.Sql ", ""])("%j is no service", (service) => {
  expect(refused({ serviceEndpoints: ["Microsoft.Storage", service] })).toEqual([
    `serviceEndpoints[1]: got ${JSON.stringify(service)}; expected a service such as "Microsoft.Sql"`,
  ]);
});

// The machine.

test("a size that is none is refused, and nothing else is blamed", () => {
  expect(refused({ vmSize: "t4g.micro", trustedLaunch: true })).toEqual([
    'vmSize: got "t4g.micro"; expected a size of virtual machines such as "Standard_B2ats_v2"',
  ]);
});

test.each<[Partial<AzureSpec>, string[]]>([
  [{ vmSize: "Standard_B2pts_v2" }, []],
  [{ vmSize: "Standard_B2pts_v2", trustedLaunch: false }, []],
  [
    { vmSize: "Standard_B2pts_v2", trustedLaunch: true },
    ["trustedLaunch: does not exist on Standard_B2pts_v2; leave it out, or choose another vmSize"],
  ],
  [
    { vmSize: "Standard_M8ms", trustedLaunch: true },
    ["trustedLaunch: does not exist on Standard_M8ms; leave it out, or choose another vmSize"],
  ],
  [
    { vmSize: "Standard_A1_v2" },
    [
      'vmSize: Standard_A1_v2 starts images of the first generation only, and the stock images are of the second; choose one such as "Standard_B2ats_v2"',
    ],
  ],
  // Of the generation of other images, nothing is known.
  [{ vmSize: "Standard_A1_v2", imageId: GALLERY_IMAGE_ID }, []],
  [
    { vmSize: "Standard_A1_v2", imageId: GALLERY_IMAGE_ID, trustedLaunch: true },
    ["trustedLaunch: does not exist on Standard_A1_v2; leave it out, or choose another vmSize"],
  ],
  [
    { imageId: GALLERY_IMAGE_ID, imageVersion: "1.0.0" },
    ["imageVersion: is for the stock image, and imageId names another; leave out one of the two"],
  ],
])("image and machine: %j", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test.each([29, 0, -8, 4096, 30.5, Number.NaN])("a disk of %d GiB is refused", (diskSizeGib) => {
  expect(refused({ diskSizeGib })).toEqual([`diskSizeGib: got ${diskSizeGib}; expected a whole number of GiB, 30–4095`]);
});

// What names something at Azure.

const ID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers";

test.each<[Partial<AzureSpec>, string]>([
  [{ resourceGroup: "acme prod" }, 'resourceGroup: got "acme prod"; expected something like "acme-prod"'],
  [
    { virtualNetworkId: "prod", networkCidr: "10.0.0.0/28" },
    `virtualNetworkId: got "prod"; expected something like "${ID}/Microsoft.Network/virtualNetworks/prod"`,
  ],
  [
    { subnetId: "bastions" },
    `subnetId: got "bastions"; expected something like "${ID}/Microsoft.Network/virtualNetworks/prod/subnets/bastions"`,
  ],
  [{ imageVersion: "13" }, 'imageVersion: got "13"; expected something like "0.20261110.2291"'],
  [
    { imageId: "Debian:debian-13" },
    `imageId: got "Debian:debian-13"; expected something like "${ID}/Microsoft.Compute/galleries/images/images/hardened/versions/1.0.0"`,
  ],
  [
    { diskEncryptionSetId: "keys" },
    `diskEncryptionSetId: got "keys"; expected something like "${ID}/Microsoft.Compute/diskEncryptionSets/bastions"`,
  ],
  [{ zone: "westeurope-1" }, 'zone: got "westeurope-1"; expected something like "1"'],
  [
    { dns: { zone: "ssh.example.com" } },
    `dns.zoneId: is missing; a zone of Azure DNS is known by its id, such as "${ID}/Microsoft.Network/dnszones/ssh.example.com"`,
  ],
  [
    { dns: { zone: "ssh.example.com", zoneId: "ssh" } },
    `dns.zoneId: got "ssh"; expected something like "${ID}/Microsoft.Network/dnszones/ssh.example.com"`,
  ],
  [
    { dns: { zone: "example.com", zoneId: ZONE_ID } },
    'dns.zoneId: is the id of ssh.example.com, and zone is "example.com"; name one zone in both',
  ],
  [{ firewallNote: "a\nb" }, 'firewallNote: got "a\\nb"; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "" }, 'firewallNote: got ""; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "n".repeat(101) }, `firewallNote: got "${"n".repeat(56)}…"; expected something like "TICKET-123 (network team)"`],
])("%j is refused", (spec, reason) => {
  expect(refused(spec)).toEqual([reason]);
});

test.each<Partial<AzureSpec>>([
  { imageVersion: "latest" },
  { imageId: ID.replace("providers", "providers/Microsoft.Compute/images/hardened") },
  { dns: { zone: "ssh.example.com", zoneId: PRIVATE_ZONE_ID } },
  { dns: { zone: "SSH.example.com", zoneId: ZONE_ID } },
  { firewallNote: "n".repeat(100) },
])("%j is accepted", (spec) => {
  expect(refused(spec)).toEqual([]);
});

// The admin.

const ADMIN: AzureAdminSpec = { publicKey: ED25519_A.line, cidrs: ["203.0.113.0/24"] };

test.each<[Partial<AzureAdminSpec>, string[]]>([
  [{}, []],
  [{ publicKey: RSA_3072.line }, []],
  [
    { publicKey: ECDSA_P256.line },
    ["admin.publicKey: is ecdsa-sha2-nistp256; Azure takes RSA and Ed25519 keys only, so give one of those"],
  ],
  [{ publicKey: "" }, ["admin.publicKey: is empty; paste the line of the customer's .pub file"]],
  [{ user: "jane" }, []],
  ...["admin", "root", "user1", "test", "sql", "a"].map((user): [Partial<AzureAdminSpec>, string[]] => [
    { user },
    [`admin.user: "${user}" is a name that Azure refuses; choose another, such as "bastion-admin"`],
  ]),
  [{ user: "daemon" }, ['admin.user: "daemon" is a system account; choose a user of the bastion\'s own, such as "tunnel"']],
  [{ user: "Jane" }, ['admin.user: got "Jane"; a login user is 1–32 of a–z, 0–9, "_" and "-", and begins with a letter or "_"']],
  [{ cidrs: [] }, ["admin.cidrs: is empty, so the admin could not log in; name the CIDR blocks that may"]],
  [
    { cidrs: ["2001:db8::/32"] },
    ['admin.cidrs[0]: got "2001:db8::/32", and the bastion has no IPv6 address; name the IPv4 block, or leave it out'],
  ],
])("an admin with %j", (changes, reasons) => {
  expect(refused({ admin: { ...ADMIN, ...changes } })).toEqual(reasons);
});

// The whole.

test("all problems come at once", () => {
  const spec: Partial<AzureSpec> = {
    location: "x y",
    resourceGroup: "x y",
    virtualNetworkId: "x",
    subnetId: "x",
    networkCidr: "x",
    privateAddress: "x",
    serviceEndpoints: ["x"],
    vmSize: "x",
    imageVersion: "x",
    imageId: "x",
    diskSizeGib: 0,
    diskEncryptionSetId: "x",
    zone: "x",
    dns: { zone: "x y" },
    admin: { publicKey: "x", user: "x y", cidrs: ["x"] },
    firewallNote: "",
    tags: { "": "" },
  };
  expect(checkAzure(spec).map(({ path }) => path)).toEqual([
    "location",
    "virtualNetworkId",
    "networkCidr",
    "privateAddress",
    "serviceEndpoints[0]",
    "vmSize",
    "imageVersion",
    "diskSizeGib",
    "resourceGroup",
    "virtualNetworkId",
    "subnetId",
    "imageVersion",
    "imageId",
    "diskEncryptionSetId",
    "zone",
    "firewallNote",
    "dns.zone",
    "dns.zoneId",
    "admin.publicKey",
    "admin.user",
    "admin.cidrs[0]",
    'tags.""',
  ]);
});

test("a private key where a public one belongs is not repeated", () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE${"AbCd0123".repeat(8)}\n-----END OPENSSH PRIVATE KEY-----`;
  const texts = JSON.stringify(
    checkAzure({
      location: key,
      admin: { publicKey: key, user: key, cidrs: [key] },
      firewallNote: key,
      tags: { [key]: key, key },
      dns: { zone: key, zoneId: key },
      imageId: key,
      vmSize: key,
    }),
  );
  expect(texts.toLowerCase()).not.toContain("abcd0123");
});

test("whatever is missing or odd, it is checked without a crash, and messages are for people", () => {
  fc.assert(
    fc.property(anyAzureSpec, (spec) => {
      for (const { path, reason } of checkAzure(spec)) {
        expect(path).toMatch(/^[a-zA-Z]/);
        expect(reason).not.toMatch(/undefined|\[object|function|\n/);
      }
    }),
    { numRuns: 500 },
  );
});
