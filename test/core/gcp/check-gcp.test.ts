import fc from "fast-check";
import { expect, test } from "vitest";
import { checkGcp, checkNameOnGcp } from "../../../components/core/gcp/check-gcp.ts";
import { GCP_DEFAULTS } from "../../../components/core/gcp/gcp-defaults.ts";
import type { GcpAdminSpec, GcpSpec } from "../../../components/core/gcp/gcp-spec.ts";
import { anyGcpSpec } from "../../support/any-gcp-spec.ts";
import { ECDSA_P256, ED25519_A } from "../../support/keys.ts";

const ZONE = "europe-west3-a";
const PLACE = { network: "prod", subnetwork: "prod-eu" };
const IMAGE = "projects/debian-cloud/global/images/debian-13-trixie-v20261110";
const ARM_IMAGE = "projects/debian-cloud/global/images/debian-13-trixie-arm64-v20261110";
const KEY = "projects/acme-data-prod/locations/europe-west3/keyRings/bastions/cryptoKeys/disk";

/** What is refused, as `path: reason`. */
const refused = (spec: Partial<GcpSpec>) => checkGcp({ zone: ZONE, ...spec }).map(({ path, reason }) => `${path}: ${reason}`);

test("a zone is enough; and what is the default may also be written down", () => {
  const { adminUser: _adminUser, ...defaults } = GCP_DEFAULTS;
  expect([refused({}), refused(defaults)]).toEqual([[], []]);
});

test("everything at once can be right", () => {
  expect(
    refused({
      ...PLACE,
      project: "acme-data-prod",
      privateAddress: "10.0.0.7",
      privateOnly: true,
      protectAddress: true,
      machineType: "c4a-standard-1",
      image: "ubuntu-24.04",
      imageId: "projects/ubuntu-os-cloud/global/images/ubuntu-2404-noble-arm64-v20261101",
      diskSizeGib: 65536,
      kmsKeyName: KEY,
      secureBoot: false,
      dns: { zone: "ssh.example.com", zoneId: "projects/acme-dns/managedZones/ssh-example-com", name: "acme.eu" },
      admin: { publicKey: ED25519_A.line, user: "jane_doe", cidrs: ["203.0.113.0/24"] },
      firewallNote: "Ticket 123: für Jürgen",
      labels: { "cost-center": "42" },
    }),
  ).toEqual([]);
});

// The place.

test.each(["europe-west3-a", "us-central1-f", "northamerica-northeast1-c", "us-south1-ai1b"])("%s is a zone", (zone) => {
  expect(checkGcp({ zone })).toEqual([]);
});

test.each([
  ["europe-west3", 'got "europe-west3", which is a region; name one of its zones, such as "europe-west3-a"'],
  ["eu-central-1", 'got "eu-central-1"; expected a zone such as "europe-west3-a"'],
  ["Europe-West3-a", 'got "Europe-West3-a"; expected a zone such as "europe-west3-a"'],
  ["europe-west3-a\n", 'got "europe-west3-a\\n"; expected a zone such as "europe-west3-a"'],
  ["", 'got ""; expected a zone such as "europe-west3-a"'],
])("%j is no zone", (zone, reason) => {
  expect(refused({ zone })).toEqual([`zone: ${reason}`]);
});

const SUBNETWORK = "projects/acme-data-prod/regions/us-central1/subnetworks/prod";

test.each<[Partial<GcpSpec>, string[]]>([
  [{ subnetwork: "prod-eu" }, ["network: is missing; a subnetwork goes with its network"]],
  [{ network: "prod" }, ["subnetwork: is missing; a network goes with the subnetwork the bastion is to stand in"]],
  [
    { privateOnly: true },
    ["privateOnly: needs network and subnetwork: into a network of its own, nobody would have a way without a public address"],
  ],
  [{ ...PLACE, privateOnly: true }, []],
  [
    { ...PLACE, networkCidr: "10.0.0.0/24" },
    ["networkCidr: is for a bastion with a network of its own; leave it out, or leave out network and subnetwork"],
  ],
  [{ ...PLACE, subnetwork: SUBNETWORK.replace("us-central1", "europe-west3") }, []],
  [
    { ...PLACE, subnetwork: SUBNETWORK },
    ["subnetwork: is in us-central1 and the zone europe-west3-a is in europe-west3; choose a subnetwork and a zone of one region"],
  ],
])("the place: %j", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test.each([
  ["8.0.0.0/7", 'got "8.0.0.0/7"; a subnetwork has an IPv4 block of /8 to /29, such as "10.255.0.0/28"'],
  ["10.0.0.0/30", 'got "10.0.0.0/30"; a subnetwork has an IPv4 block of /8 to /29, such as "10.255.0.0/28"'],
  ["2001:db8::/64", 'got "2001:db8::/64"; a subnetwork has an IPv4 block of /8 to /29, such as "10.255.0.0/28"'],
  ["10.0.0.1/24", '"10.0.0.1/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.1/32" for the one address'],
])("%s cannot be a subnetwork's block", (networkCidr, reason) => {
  expect(refused({ networkCidr })).toEqual([`networkCidr: ${reason}`]);
});

test.each(["10.0.0.0/8", "10.0.0.0/29", "192.168.7.0/24"])("%s can be a subnetwork's block", (networkCidr) => {
  expect(refused({ networkCidr })).toEqual([]);
});

test.each([
  [{}, ["10.255.0.2", "10.255.0.13"]],
  [{ networkCidr: "192.168.7.0/24" }, ["192.168.7.2", "192.168.7.253"]],
  // Only GCP knows the block of an existing subnetwork.
  [PLACE, ["192.0.2.1", "10.0.0.0"]],
])("with %j, these can be the private address: %j", (place, addresses) => {
  for (const privateAddress of addresses) expect([privateAddress, refused({ ...place, privateAddress })]).toEqual([privateAddress, []]);
});

test.each(["10.255.0.0", "10.255.0.1", "10.255.0.14", "10.255.0.15", "10.255.0.16", "192.0.2.7"])(
  "%s is outside, or one that GCP keeps",
  (privateAddress) => {
    expect(refused({ privateAddress })).toEqual([
      `privateAddress: got ${privateAddress}; expected an address of 10.255.0.0/28, of which GCP keeps the first two and the last two`,
    ]);
  },
);

test.each(["", "10.255.0", "10.255.0.4/32", "::1"])("%j is no private address", (privateAddress) => {
  expect(refused({ privateAddress })).toEqual([
    `privateAddress: got ${JSON.stringify(privateAddress)}; expected an IPv4 address of the subnet`,
  ]);
});

// The machine.

test("a machine type that is none is refused, and its image is not also blamed", () => {
  expect(refused({ machineType: "t4g.micro", imageId: ARM_IMAGE, secureBoot: true })).toEqual([
    'machineType: got "t4g.micro"; expected a machine type of Compute Engine such as "e2-micro"',
  ]);
});

const MISMATCH = "choose an image or a machineType of the same architecture";

test.each<[Partial<GcpSpec>, string[]]>([
  [{ imageId: IMAGE }, []],
  [{ imageId: ARM_IMAGE, machineType: "t2a-standard-1" }, []],
  [{ imageId: ARM_IMAGE }, [`imageId: the image is for arm64 and e2-micro is x86_64; ${MISMATCH}`]],
  [{ imageId: IMAGE, machineType: "n4a-standard-1" }, [`imageId: the image is for x86_64 and n4a-standard-1 is arm64; ${MISMATCH}`]],
  // Of the images of others, nothing is known.
  [{ imageId: "projects/acme-images/global/images/hardened-7", machineType: "n4a-standard-1" }, []],
  [{ secureBoot: true }, []],
  [{ secureBoot: false, machineType: "t2a-standard-1" }, []],
  [
    { secureBoot: true, machineType: "t2a-standard-1" },
    ["secureBoot: does not exist on arm64, which t2a-standard-1 is; leave it out, or choose an x86 machineType"],
  ],
])("image and machine: %j", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test.each([9, 0, -8, 65537, 10.5, Number.NaN])("a disk of %d GiB is refused", (diskSizeGib) => {
  expect(refused({ diskSizeGib })).toEqual([`diskSizeGib: got ${diskSizeGib}; expected a whole number of GiB, 10–65536`]);
});

// What names something at GCP.

const NETWORK_EXAMPLE = "projects/acme-data-prod/global/networks/prod";
const SUBNETWORK_EXAMPLE = "projects/acme-data-prod/regions/europe-west3/subnetworks/prod";

test.each<[Partial<GcpSpec>, string]>([
  [{ project: "Acme" }, 'project: got "Acme"; expected something like "acme-data-prod"'],
  [{ project: "123456789012" }, 'project: got "123456789012"; expected something like "acme-data-prod"'],
  [{ ...PLACE, network: "Prod" }, `network: got "Prod"; expected something like "${NETWORK_EXAMPLE}"`],
  [{ ...PLACE, network: "host/prod" }, `network: got "host/prod"; expected something like "${NETWORK_EXAMPLE}"`],
  [{ ...PLACE, subnetwork: "prod\n" }, `subnetwork: got "prod\\n"; expected something like "${SUBNETWORK_EXAMPLE}"`],
  [{ imageId: "debian-13" }, `imageId: got "debian-13"; expected something like "${IMAGE}"`],
  [
    { imageId: "projects/debian-cloud/global/images/family/debian-13" },
    `imageId: got "projects/debian-cloud/global/images/family/debian-13"; expected something like "${IMAGE}"`,
  ],
  [
    { kmsKeyName: "disk" },
    'kmsKeyName: got "disk"; expected something like "projects/acme-data-prod/locations/europe-west3/keyRings/bastions/cryptoKeys/disk"',
  ],
  [
    { kmsKeyName: KEY.replace("europe-west3", "global") },
    "kmsKeyName: is a key of global and the zone europe-west3-a is in europe-west3; choose a key of that region",
  ],
  [
    { dns: { zone: "ssh.example.com", zoneId: "ssh.example.com" } },
    'dns.zoneId: got "ssh.example.com"; expected something like "projects/acme-dns/managedZones/ssh-example-com"',
  ],
  [{ firewallNote: "a\nb" }, 'firewallNote: got "a\\nb"; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "" }, 'firewallNote: got ""; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "n".repeat(101) }, `firewallNote: got "${"n".repeat(56)}…"; expected something like "TICKET-123 (network team)"`],
])("%j is refused", (spec, reason) => {
  expect(refused(spec)).toEqual([reason]);
});

test.each<Partial<GcpSpec>>([
  { project: "example.com:acme-data" },
  { network: `https://www.googleapis.com/compute/v1/${NETWORK_EXAMPLE}`, subnetwork: SUBNETWORK_EXAMPLE },
  { imageId: `https://www.googleapis.com/compute/v1/${IMAGE}` },
  { dns: { zone: "ssh.example.com", zoneId: "ssh" } },
  { firewallNote: "n".repeat(100) },
])("%j is accepted", (spec) => {
  expect(refused(spec)).toEqual([]);
});

// The admin.

const ADMIN: GcpAdminSpec = { publicKey: ED25519_A.line, cidrs: ["203.0.113.0/24"] };

test.each<[Partial<GcpAdminSpec>, string[]]>([
  [{}, []],
  [{ publicKey: ECDSA_P256.line }, []],
  [{ publicKey: undefined, osLogin: true }, []],
  [{ osLogin: false }, []],
  [{ publicKey: undefined }, ['admin.publicKey: is missing; give the admin\'s key, or "osLogin: true" for those who may log in by IAM']],
  [{ osLogin: true }, ["admin.publicKey: is ignored by OS Login, which takes the keys of Google accounts; leave out one of the two"]],
  [
    { publicKey: undefined, osLogin: true, user: "jane" },
    ["admin.user: goes with publicKey; with OS Login, the name follows from the Google account"],
  ],
  [{ user: "root" }, ['admin.user: "root" is a system account; choose a user of the bastion\'s own, such as "tunnel"']],
  [{ publicKey: "" }, ["admin.publicKey: is empty; paste the line of the customer's .pub file"]],
  [{ cidrs: [] }, ["admin.cidrs: is empty, so the admin could not log in; name the CIDR blocks that may"]],
  [
    { cidrs: ["2001:db8::/32"] },
    ['admin.cidrs[0]: got "2001:db8::/32", and the bastion has no IPv6 address; name the IPv4 block, or leave it out'],
  ],
  [
    { cidrs: Array.from({ length: 5001 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`) },
    ["admin.cidrs: got 5001 blocks, and a firewall rule takes 5000; merge neighbouring ones"],
  ],
])("an admin with %j", (changes, reasons) => {
  expect(refused({ admin: { ...ADMIN, ...changes } })).toEqual(reasons);
});

// The whole.

test("names that begin with a digit are refused, which are fine elsewhere", () => {
  expect([checkNameOnGcp("acme"), checkNameOnGcp("a3m")]).toEqual([undefined, undefined]);
  expect(checkNameOnGcp("3m")).toBe('got "3m"; on GCP everything is named after the bastion, and a name begins with a letter');
});

test("all problems come at once", () => {
  const spec: Partial<GcpSpec> = {
    zone: "x",
    project: "X",
    subnetwork: "X",
    networkCidr: "x",
    privateAddress: "x",
    machineType: "x",
    diskSizeGib: 0,
    kmsKeyName: "x",
    dns: { zone: "x y" },
    admin: { publicKey: "x", cidrs: ["x"] },
    labels: { "": "" },
  };
  expect(checkGcp(spec).map(({ path }) => path)).toEqual([
    "zone",
    "network",
    "networkCidr",
    "privateAddress",
    "machineType",
    "diskSizeGib",
    "project",
    "subnetwork",
    "kmsKeyName",
    "dns.zone",
    "admin.publicKey",
    "admin.cidrs[0]",
    'labels.""',
  ]);
});

test("a private key where a public one belongs is not repeated", () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE${"AbCd0123".repeat(8)}\n-----END OPENSSH PRIVATE KEY-----`;
  const texts = JSON.stringify(
    checkGcp({
      zone: key,
      admin: { publicKey: key, user: key, cidrs: [key] },
      firewallNote: key,
      labels: { [key]: key, key },
      dns: { zone: key },
      imageId: key,
    }),
  );
  expect(texts).not.toContain("AbCd0123");
  expect(texts.toLowerCase()).not.toContain("abcd0123");
});

test("whatever is missing or odd, it is checked without a crash, and messages are for people", () => {
  fc.assert(
    fc.property(anyGcpSpec, (spec) => {
      for (const { path, reason } of checkGcp(spec)) {
        expect(path).toMatch(/^[a-zA-Z]/);
        expect(reason).not.toMatch(/undefined|\[object|function|\n/);
      }
    }),
    { numRuns: 500 },
  );
});
