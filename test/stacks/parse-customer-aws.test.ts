import { expect, test } from "vitest";
import { parseBastionFile } from "../support/customer-files.ts";
import { ED25519_A } from "../support/keys.ts";
import { problemsOf } from "../support/problems.ts";

/** The first six lines of a file. */
const head = (target: string) => `customer: acme
target: ${target}
clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
tunnels: [{ name: orders, bindPort: 15000 }]
clients: [{ name: dc1, generateKey: ed25519 }]
`;
const AWS = head("aws");
const LOCAL = head("local");

/** What is wrong with a file, as `line path: reason`. */
const problemsIn = (text: string) =>
  problemsOf(() => parseBastionFile(text, "acme.yaml")).map(({ path, reason }) => `${path.slice("acme.yaml:".length)}: ${reason}`);

test("a whole file for EC2 is read", () => {
  const file = parseBastionFile(
    `${AWS}dns: { zone: ssh.example.com, zoneId: Z1, name: a }
aws:
  region: eu-central-1
  vpcId: vpc-12345678
  subnetId: subnet-12345678
  privateAddress: 10.0.0.7
  privateOnly: true
  ipv6: true
  protectAddress: true
  instanceType: t4g.small
  image: debian-12
  imageId: ami-12345678
  imageArchitecture: arm64
  diskSizeGib: 10
  kmsKeyArn: arn:aws:kms:eu-central-1:123456789012:key/1234abcd
  rebootWhenUnresponsive: false
  admin: { publicKey: "${ED25519_A.line}", cidrs: [192.0.2.0/24] }
  permissionsBoundaryArn: arn:aws:iam::123456789012:policy/boundary
  rulesPerSecurityGroup: 100
  firewallNote: TICKET-1
  tags: { team: data, Kostenstelle: "42" }
`,
    "acme.yaml",
  );
  expect(file.aws).toEqual({
    region: "eu-central-1",
    vpcId: "vpc-12345678",
    subnetId: "subnet-12345678",
    privateAddress: "10.0.0.7",
    privateOnly: true,
    ipv6: true,
    protectAddress: true,
    instanceType: "t4g.small",
    image: "debian-12",
    imageId: "ami-12345678",
    imageArchitecture: "arm64",
    diskSizeGib: 10,
    kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd",
    rebootWhenUnresponsive: false,
    admin: { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] },
    permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
    rulesPerSecurityGroup: 100,
    firewallNote: "TICKET-1",
    tags: { team: "data", Kostenstelle: "42" },
  });
  expect(file.dns).toEqual({ zone: "ssh.example.com", zoneId: "Z1", name: "a" });
});

test("EC2 needs no settings at all", () => {
  expect(parseBastionFile(AWS, "acme.yaml")).toMatchObject({ target: "aws" });
  expect(parseBastionFile(`${AWS}aws: {}\n`, "acme.yaml").aws).toEqual({});
});

test("problems of the target's settings come with their lines, together with all others", () => {
  const text = `${AWS.replace("orders, bindPort: 15000", "orders, bindPort: 22").replace("198.51.100.0/24", "2001:db8::/32")}aws:
  subnetId: subnet-12345678
  instanceType: mac1.metal
  admin:
    publicKey: ${ED25519_A.line}
    cidrs:
      - 192.0.2.0/24
      - 192.0.2.1/24
  tags:
    "aws:x": y
    team: <b>
dns:
  name: acme
  zone: ssh.example.com.
`;
  expect(problemsIn(text).sort()).toEqual(
    [
      '3 clientCidrs[0]: got "2001:db8::/32", and the bastion has no IPv6 address; set "ipv6: true", or leave it out',
      "5 tunnels[0].bindPort: got 22; a bind port is 1024–32767 (below are privileged ports, above the kernel's outgoing ones)",
      "7 aws.vpcId: is missing; a subnetId goes with the vpcId of its VPC",
      '9 aws.instanceType: got "mac1.metal"; Mac instances run no Linux, choose one such as "t4g.micro"',
      '14 aws.admin.cidrs[1]: "192.0.2.1/24" has host bits set; write "192.0.2.0/24" for the block or "192.0.2.1/32" for the one address',
      '16 aws.tags.aws:x: keys that begin with "aws:" are AWS\'s own; choose another',
      '17 aws.tags.team: got "<b>"; a value is at most 256 letters, digits, blanks and "_.:/=+-@"',
      '20 dns.zone: got "ssh.example.com."; expected the zone\'s name, such as ssh.example.com',
    ].sort(),
  );
});

test("what does not go with the settings of EC2 is found at what does not", () => {
  expect(
    problemsIn(`${AWS.replace("name: orders", "name: orders, bindAddress: 203.0.113.9")}aws: { privateAddress: 10.255.0.9 }\n`),
  ).toEqual(["5 tunnels[0].bindAddress: 203.0.113.9 is not the private address of the bastion; that is 10.255.0.9"]);
});

test.each([
  ["aws: eu-central-1", '7 aws: got "eu-central-1"; expected a mapping'],
  ["aws: { image: debian-11 }", '7 aws.image: got "debian-11"; allowed is debian-13, debian-12, ubuntu-24.04'],
  ["aws: { ipv6: maybe }", '7 aws.ipv6: got "maybe"; expected true or false'],
  ["aws: { diskSizeGib: 8.5 }", "7 aws.diskSizeGib: got 8.5; expected a whole number"],
  ["aws: { tags: { a: 1 } }", "7 aws.tags.a: got 1; expected a text"],
  ["aws: { admin: { publicKey: x } }", "7 aws.admin.cidrs: is missing; expected a list"],
  ["aws: { zone: eu }", "7 aws.zone: is no field here; allowed is region"],
  ["dns: ssh.example.com", '7 dns: got "ssh.example.com"; expected a mapping'],
  ["dns: { name: acme }", "7 dns.zone: is missing; expected a text"],
])("%s is refused for its shape, whichever target is chosen", (line, problem) => {
  for (const file of [AWS, LOCAL]) expect(problemsIn(`${file}${line}\n`).some((found) => found.startsWith(problem))).toBe(true);
});

test.each(["vpcId: 7, subnetId: subnet-12345678", "vpcId: vpc-12345678, subnetId: [a]"])(
  "with { %s }, what cannot be read is refused for its type, and not also missing",
  (settings) => {
    expect(problemsIn(`${AWS}aws: { ${settings} }\n`)).toEqual([
      expect.stringMatching(/^7 aws\.(?:vpc|subnet)Id: got .*; expected a text$/),
    ]);
  },
);

test("settings of another target are looked at for their shape only", () => {
  expect(parseBastionFile(`${LOCAL}aws: { subnetId: x, instanceType: y, networkCidr: z }\n`, "acme.yaml").target).toBe("local");
  expect(parseBastionFile(`${AWS}local: { host: "a b", directory: x }\n`, "acme.yaml").target).toBe("aws");
  // The same is refused where it counts.
  expect(problemsIn(`${AWS}aws: { subnetId: x, instanceType: y, networkCidr: z }\n`)).toHaveLength(4);
  expect(problemsIn(`${LOCAL}local: { host: "a b", directory: x }\n`)).toHaveLength(2);
});

test("rules that hold on EC2 only do not hold elsewhere", () => {
  const text = LOCAL.replace("198.51.100.0/24", "2001:db8::/32").replace("name: orders", "name: orders, bindAddress: 203.0.113.9");
  expect(parseBastionFile(text, "acme.yaml").tunnels[0]?.bindAddress).toBe("203.0.113.9");
});

test("a name is refused where there is no DNS service, with a remedy", () => {
  expect(problemsIn(`${LOCAL}dns: { zone: ssh.example.com }\n`)).toEqual([
    "7 dns: the target local has no DNS service; name the bastion in local.host",
  ]);
});

test("without a target that can be read, no target's rules hold", () => {
  expect(problemsIn(`${AWS.replace("target: aws", "target: vmware")}aws: { subnetId: x }\ndns: { zone: "a b" }\n`)).toEqual([
    '2 target: got "vmware"; allowed is aws, azure, gcp, kubernetes, local, private-link',
  ]);
});
