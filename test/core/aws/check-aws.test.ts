import fc from "fast-check";
import { expect, test } from "vitest";
import { AWS_DEFAULTS } from "../../../components/core/aws/aws-defaults.ts";
import type { AwsAdminSpec, AwsSpec } from "../../../components/core/aws/aws-spec.ts";
import { checkAws } from "../../../components/core/aws/check-aws.ts";
import { anyAwsSpec } from "../../support/any-aws-spec.ts";
import { ECDSA_P256, ED25519_A, RSA_3072 } from "../../support/keys.ts";
import { makeKey } from "../../support/openssh.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const PLACE = { vpcId: "vpc-0abc1234567890def", subnetId: "subnet-0abc1234567890def" };

/** What is refused, as `path: reason`. */
const refused = (spec: AwsSpec) => checkAws(spec).map(({ path, reason }) => `${path}: ${reason}`);

test("nothing given, nothing wrong; and what is the default may also be written down", () => {
  expect(checkAws({})).toEqual([]);
  expect(checkAws(AWS_DEFAULTS)).toEqual([]);
});

test("everything at once can be right", () => {
  expect(
    checkAws({
      ...PLACE,
      privateAddress: "10.0.0.7",
      privateOnly: true,
      ipv6: true,
      protectAddress: true,
      instanceType: "c7gn.medium",
      image: "ubuntu-24.04",
      imageId: "ami-0abc1234567890def",
      imageArchitecture: "arm64",
      diskSizeGib: 16384,
      kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      rebootWhenUnresponsive: false,
      dns: { zone: "ssh.example.com", zoneId: "Z0123456789ABCDEFGHIJ", name: "acme.eu" },
      admin: { publicKey: ED25519_A.line, cidrs: ["203.0.113.0/24", "2001:db8::/32"] },
      permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/team/boundary",
      rulesPerSecurityGroup: 1000,
      firewallNote: "TICKET-123 (network team)",
      tags: { "cost-center": "42" },
    }),
  ).toEqual([]);
});

// The place.

test.each<[AwsSpec, string[]]>([
  [{ subnetId: PLACE.subnetId }, ["vpcId: is missing; a subnetId goes with the vpcId of its VPC"]],
  [{ vpcId: PLACE.vpcId }, ["subnetId: is missing; a vpcId goes with the subnetId the bastion is to stand in"]],
  [
    { privateOnly: true },
    ["privateOnly: needs vpcId and subnetId: in a network of its own, the machine would not reach SSM without a public address"],
  ],
  [{ ...PLACE, privateOnly: true }, []],
  [{ privateOnly: false }, []],
  [
    { ...PLACE, networkCidr: "10.0.0.0/24" },
    ["networkCidr: is for a bastion with a VPC of its own; leave it out, or leave out vpcId and subnetId"],
  ],
])("the place: %j", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test.each(["10.0.0.0/16", "10.0.0.0/28", "192.168.7.0/24"])("%s can be a VPC's block", (networkCidr) => {
  expect(checkAws({ networkCidr })).toEqual([]);
});

test.each([
  ["10.0.0.0/15", 'got "10.0.0.0/15"; a VPC has an IPv4 block of /16 to /28, such as "10.255.0.0/28"'],
  ["10.0.0.0/29", 'got "10.0.0.0/29"; a VPC has an IPv4 block of /16 to /28, such as "10.255.0.0/28"'],
  ["2001:db8::/56", 'got "2001:db8::/56"; a VPC has an IPv4 block of /16 to /28, such as "10.255.0.0/28"'],
  ["10.0.0.1/24", '"10.0.0.1/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.1/32" for the one address'],
  ["10.0.0.0", 'got "10.0.0.0" without a prefix length; for this one address write "10.0.0.0/32"'],
])("%s cannot be a VPC's block", (networkCidr, reason) => {
  expect(refused({ networkCidr })).toEqual([`networkCidr: ${reason}`]);
});

test.each([
  [{}, ["10.255.0.4", "10.255.0.14"]],
  [{ networkCidr: "192.168.7.0/24" }, ["192.168.7.4", "192.168.7.254"]],
  // Only AWS knows the block of an existing subnet.
  [PLACE, ["192.0.2.1", "10.0.0.0"]],
  // A bad block is reported as what it is.
  [{ ...PLACE, networkCidr: "10.0.0.0/24" }, ["192.0.2.1"]],
])("with %j, these can be the private address: %j", (place, addresses) => {
  for (const privateAddress of addresses)
    expect(
      checkAws({ ...place, privateAddress }).filter(({ path }) => path === "privateAddress"),
      privateAddress,
    ).toEqual([]);
});

test.each([
  [{}, "10.255.0.0/28", ["10.255.0.0", "10.255.0.3", "10.255.0.15", "10.255.0.16", "10.254.255.255", "192.0.2.7"]],
  [{ networkCidr: "192.168.7.0/24" }, "192.168.7.0/24", ["192.168.7.3", "192.168.7.255", "192.168.8.4", "10.255.0.4"]],
])("with %j, addresses outside %s and those AWS keeps are refused", (place, block, addresses) => {
  for (const privateAddress of addresses)
    expect(refused({ ...place, privateAddress })).toEqual([
      `privateAddress: got ${privateAddress}; expected an address of ${block}, of which AWS keeps the first four and the last`,
    ]);
});

test.each(["", "10.255.0", "10.255.0.4/32", "::1", "bastion"])("%j is no private address", (privateAddress) => {
  const reason = `privateAddress: got ${JSON.stringify(privateAddress)}; expected an IPv4 address of the subnet`;
  expect(refused({ privateAddress })).toEqual([reason]);
  expect(refused({ ...PLACE, privateAddress })).toEqual([reason]);
});

// The machine.

test("an instance type that is none is refused, and its image is not also blamed", () => {
  expect(refused({ instanceType: "mac2.metal", imageId: "ami-12345678", imageArchitecture: "x86_64" })).toEqual([
    'instanceType: got "mac2.metal"; Mac instances run no Linux, choose one such as "t4g.micro"',
  ]);
});

test.each<[AwsSpec, string[]]>([
  [{ imageId: "ami-12345678", imageArchitecture: "arm64" }, []],
  [{ imageId: "ami-12345678", imageArchitecture: "x86_64", instanceType: "t3.micro" }, []],
  [
    { imageId: "ami-12345678", imageArchitecture: "x86_64" },
    ["imageArchitecture: the image is for x86_64 and t4g.micro is arm64; choose an image or an instanceType of the same architecture"],
  ],
  [
    { imageId: "ami-12345678", imageArchitecture: "arm64", instanceType: "t3.micro" },
    ["imageArchitecture: the image is for arm64 and t3.micro is x86_64; choose an image or an instanceType of the same architecture"],
  ],
  [{ imageArchitecture: "arm64" }, ["imageArchitecture: says something about imageId, which is missing"]],
])("image and machine: %j", (spec, reasons) => {
  expect(refused(spec)).toEqual(reasons);
});

test.each([7, 0, -8, 16385, 8.5, Number.NaN])("a disk of %d GiB is refused", (diskSizeGib) => {
  expect(refused({ diskSizeGib })).toEqual([`diskSizeGib: got ${diskSizeGib}; expected a whole number of GiB, 8–16384`]);
});

test.each([0, -1, 1001, 1.5, Number.NaN])("a quota of %d rules is refused", (rulesPerSecurityGroup) => {
  expect(refused({ rulesPerSecurityGroup })).toEqual([
    `rulesPerSecurityGroup: got ${rulesPerSecurityGroup}; expected the quota of your account, 1–1000`,
  ]);
});

// What names something at AWS.

test.each<[AwsSpec, string]>([
  [{ ...PLACE, vpcId: "0abc1234567890def" }, 'vpcId: got "0abc1234567890def"; expected something like "vpc-0abc1234567890def"'],
  [{ ...PLACE, vpcId: "vpc-0ABC1234" }, 'vpcId: got "vpc-0ABC1234"; expected something like "vpc-0abc1234567890def"'],
  [{ ...PLACE, subnetId: "subnet-1\n" }, 'subnetId: got "subnet-1\\n"; expected something like "subnet-0abc1234567890def"'],
  [{ imageId: "debian-13" }, 'imageId: got "debian-13"; expected something like "ami-0abc1234567890def"'],
  [
    { kmsKeyArn: "alias/bastion" },
    'kmsKeyArn: got "alias/bastion"; expected something like "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-…"',
  ],
  [
    { kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:alias/bastion" },
    'kmsKeyArn: got "arn:aws:kms:eu-central-1:123456789012:alias/bastion"; expected something like "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-…"',
  ],
  [
    { permissionsBoundaryArn: "boundary" },
    'permissionsBoundaryArn: got "boundary"; expected something like "arn:aws:iam::123456789012:policy/boundary"',
  ],
  [
    { permissionsBoundaryArn: "arn:aws:iam::123456789012:role/x" },
    'permissionsBoundaryArn: got "arn:aws:iam::123456789012:role/x"; expected something like "arn:aws:iam::123456789012:policy/boundary"',
  ],
  [{ firewallNote: "für Jürgen" }, 'firewallNote: got "für Jürgen"; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "it's" }, 'firewallNote: got "it\'s"; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "a<b" }, 'firewallNote: got "a<b"; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "" }, 'firewallNote: got ""; expected something like "TICKET-123 (network team)"'],
  [{ firewallNote: "n".repeat(101) }, `firewallNote: got "${"n".repeat(56)}…"; expected something like "TICKET-123 (network team)"`],
])("%j is refused", (spec, reason) => {
  expect(refused(spec)).toEqual([reason]);
});

test.each<AwsSpec>([
  { vpcId: "vpc-12345678", subnetId: "subnet-12345678" },
  { imageId: "ami-12345678" },
  { kmsKeyArn: "arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab" },
  { kmsKeyArn: "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" },
  { permissionsBoundaryArn: "arn:aws-cn:iam::123456789012:policy/boundary" },
  { permissionsBoundaryArn: "arn:aws-us-gov:iam::aws:policy/PowerUserAccess" },
  { firewallNote: "._-:/()#,@[]+=&;{}!$*" },
  { firewallNote: "n".repeat(100) },
])("%j is accepted", (spec) => {
  expect(checkAws(spec)).toEqual([]);
});

// The admin.

const ADMIN: AwsAdminSpec = { publicKey: ED25519_A.line, cidrs: ["203.0.113.0/24"] };
const SK_ED25519 = `sk-ssh-ed25519@openssh.com ${Buffer.concat(
  ["sk-ssh-ed25519@openssh.com", "A".repeat(32), "ssh:"].map((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return Buffer.concat([length, Buffer.from(part)]);
  }),
).toString("base64")}`;

test("an admin's key can be Ed25519, or RSA of 4096 bits and no other", () => {
  const rsa4096 = makeKey(temporaryFolder(), "rsa", "-b", "4096").publicKey;
  expect([ED25519_A.line, rsa4096].flatMap((publicKey) => refused({ admin: { ...ADMIN, publicKey } }))).toEqual([]);
  expect(refused({ admin: { ...ADMIN, publicKey: `${RSA_3072.line} somebody@somewhere` } })).toEqual([
    "admin.publicKey: is an RSA key of 3072 bits; EC2 imports those of 4096 bits, and Ed25519 keys",
  ]);
});

test.each([
  ["ecdsa-sha2-nistp256", ECDSA_P256.line],
  ["sk-ssh-ed25519@openssh.com", SK_ED25519],
])("an admin's key cannot be %s: EC2 would not import it", (type, publicKey) => {
  expect(refused({ admin: { ...ADMIN, publicKey } })).toEqual([
    `admin.publicKey: is ${type}; EC2 imports RSA and Ed25519 keys only, so give one of those`,
  ]);
});

test("an admin's key is held to what a client's key is held to", () => {
  const { publicKey } = makeKey(temporaryFolder(), "rsa", "-b", "2048");
  expect(refused({ admin: { ...ADMIN, publicKey } })).toEqual([
    "admin.publicKey: is an RSA key of 2048 bits; at least 3072 are needed. Make a new one with: ssh-keygen -t ed25519",
  ]);
});

test("an admin needs blocks to come from, and those have to be blocks the bastion can be reached from", () => {
  expect(refused({ admin: { ...ADMIN, cidrs: [] } })).toEqual([
    "admin.cidrs: is empty, so the admin could not log in; name the CIDR blocks that may",
  ]);
  const cidrs = ["203.0.113.0/24", "10.0.0.5/24", "2001:db8::/32"];
  const hostBits = '"10.0.0.5/24" has host bits set; write "10.0.0.0/24" for the block or "10.0.0.5/32" for the one address';
  expect(refused({ admin: { ...ADMIN, cidrs } })).toEqual([
    `admin.cidrs[1]: ${hostBits}`,
    'admin.cidrs[2]: got "2001:db8::/32", and the bastion has no IPv6 address; set "ipv6: true", or leave it out',
  ]);
  expect(refused({ admin: { ...ADMIN, cidrs }, ipv6: true })).toEqual([`admin.cidrs[1]: ${hostBits}`]);
});

// The whole.

test("dns and tags are checked at their places", () => {
  expect(checkAws({ dns: { zone: "" }, tags: { "aws:x": "" } }).map(({ path }) => path)).toEqual(["dns.zone", "tags.aws:x"]);
});

test("all problems come at once", () => {
  const spec: AwsSpec = {
    subnetId: "subnet-1",
    networkCidr: "x",
    privateAddress: "x",
    instanceType: "x",
    imageArchitecture: "arm64",
    diskSizeGib: 0,
    rulesPerSecurityGroup: 0,
    kmsKeyArn: "x",
    dns: { zone: "x y" },
    admin: { publicKey: "x", cidrs: ["x"] },
    tags: { "": "" },
  };
  expect(checkAws(spec).map(({ path }) => path)).toEqual([
    "vpcId",
    "networkCidr",
    "privateAddress",
    "instanceType",
    "imageArchitecture",
    "diskSizeGib",
    "rulesPerSecurityGroup",
    "subnetId",
    "kmsKeyArn",
    "dns.zone",
    "admin.publicKey",
    "admin.cidrs[0]",
    "tags",
  ]);
});

test("a private key where a public one belongs is not repeated", () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE${"AbCd0123".repeat(8)}\n-----END OPENSSH PRIVATE KEY-----`;
  const texts = JSON.stringify(
    checkAws({ admin: { publicKey: key, cidrs: [key] }, firewallNote: key, tags: { [key]: key, key }, dns: { zone: key }, imageId: key }),
  );
  expect(texts).not.toContain("AbCd0123");
});

test("whatever is missing or odd, it is checked without a crash, and messages are for people", () => {
  fc.assert(
    fc.property(anyAwsSpec, (spec) => {
      for (const { path, reason } of checkAws(spec)) {
        expect(path).toMatch(/^[a-zA-Z]/);
        expect(reason).not.toMatch(/undefined|\[object|function|\n/);
      }
    }),
    { numRuns: 500 },
  );
});
