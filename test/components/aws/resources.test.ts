import { expect, test } from "vitest";
import { AwsBastion, type AwsBastionArgs } from "../../../components/aws/aws-bastion.ts";
import { parseBastion } from "../../../components/core/bastion.ts";
import { packDocument, renderHostFiles } from "../../../components/host/mailbox-document.ts";
import { renderVirtualMachine } from "../../../components/host/virtual-machine.ts";
import { COMPONENT, up } from "../../support/aws-bastion.ts";
import { AWS_ENGINE, awsOutputs, EXISTING } from "../../support/aws-engine.ts";
import { DEPLOYABLE } from "../../support/bastions.ts";
import { deploy } from "../../support/engine.ts";
import { ED25519_A } from "../../support/keys.ts";

const HOST_FILE_PARTS = Math.ceil(
  packDocument(renderHostFiles(renderVirtualMachine(parseBastion(DEPLOYABLE), { image: "debian-13", adminSshd: false, ipv6: false })))
    .length / 4096,
);

/** What every bastion on EC2 consists of, whatever was asked for. */
const ALWAYS = [
  "aws:ec2/instance:Instance acme-instance",
  "aws:ec2/networkInterface:NetworkInterface acme-network-interface",
  "aws:ec2/securityGroup:SecurityGroup acme-security-group",
  "aws:iam/instanceProfile:InstanceProfile acme-instance-profile",
  "aws:iam/role:Role acme-role",
  "aws:iam/rolePolicy:RolePolicy acme-role-policy",
  ...Array.from({ length: HOST_FILE_PARTS }, (_, i) => `aws:ssm/parameter:Parameter acme-host-files-${i + 1}`),
  "aws:ssm/parameter:Parameter acme-host-files-manifest",
  "aws:ssm/parameter:Parameter acme-host-keys",
  "aws:ssm/parameter:Parameter acme-host-keys-manifest",
  "aws:ssm/parameter:Parameter acme-key-set-1",
  "aws:ssm/parameter:Parameter acme-key-set-manifest",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule acme-http-out",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule acme-https-out",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule acme-ssh-from-198.51.100.0-24",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule acme-tunnel-billing-from-10.20.0.0-16",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule acme-tunnel-orders-from-10.20.0.0-16",
  "reverse-bastion:index:BindPorts acme-bind-ports",
  "reverse-bastion:index:SshKeyPair acme-client-dr-site-key",
  "reverse-bastion:index:SshKeyPair acme-consumer-flow-key",
  "reverse-bastion:index:SshKeyPair acme-host-key-ecdsa",
  "reverse-bastion:index:SshKeyPair acme-host-key-ed25519",
];
const ALARM = ["aws:cloudwatch/metricAlarm:MetricAlarm acme-unresponsive"];
const PUBLIC_ADDRESS = ["aws:ec2/eip:Eip acme-elastic-ip", "aws:ec2/eipAssociation:EipAssociation acme-elastic-ip-association"];
const NETWORK = [
  "aws:ec2/internetGateway:InternetGateway acme-internet-gateway",
  "aws:ec2/route:Route acme-default-route",
  "aws:ec2/routeTable:RouteTable acme-route-table",
  "aws:ec2/routeTableAssociation:RouteTableAssociation acme-route-table-association",
  "aws:ec2/subnet:Subnet acme-subnet",
  "aws:ec2/vpc:Vpc acme-vpc",
];
const IPV6 = [
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule acme-http-out-ipv6",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule acme-https-out-ipv6",
];
const IPV6_ROUTE = ["aws:ec2/route:Route acme-default-route-ipv6"];
const NAME = ["aws:route53/record:Record acme-dns-record"];
const ADMIN = [
  "aws:ec2/keyPair:KeyPair acme-admin-key",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule acme-admin-from-192.0.2.0-24",
];

const admin = { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] };
const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const CONFIGURATIONS: readonly [string, Partial<AwsBastionArgs>, readonly string[], readonly string[]][] = [
  ["a network of its own", {}, [...NETWORK, ...PUBLIC_ADDRESS, ...ALARM], ["getAmi"]],
  ["an existing network", EXISTING, [...PUBLIC_ADDRESS, ...ALARM], ["getAmi", "getSubnet"]],
  ["private only", { ...EXISTING, privateOnly: true }, ALARM, ["getAmi", "getSubnet"]],
  ["dual stack", { ipv6: true }, [...NETWORK, ...PUBLIC_ADDRESS, ...ALARM, ...IPV6, ...IPV6_ROUTE], ["getAmi"]],
  ["dual stack in an existing network", { ...EXISTING, ipv6: true }, [...PUBLIC_ADDRESS, ...ALARM, ...IPV6], ["getAmi", "getSubnet"]],
  ["a name", { dns: { zone: "ssh.example.com" } }, [...NETWORK, ...PUBLIC_ADDRESS, ...ALARM, ...NAME], ["getAmi", "getZone"]],
  ["an admin", { admin }, [...NETWORK, ...PUBLIC_ADDRESS, ...ALARM, ...ADMIN], ["getAmi"]],
  ["a KMS key", { kmsKeyArn }, [...NETWORK, ...PUBLIC_ADDRESS, ...ALARM], ["getAmi"]],
  ["no alarm", { rebootWhenUnresponsive: false }, [...NETWORK, ...PUBLIC_ADDRESS], ["getAmi"]],
  [
    "nothing to look up",
    { dns: { zone: "ssh.example.com", zoneId: "Z1" }, imageId: "ami-12345678", imageArchitecture: "arm64" },
    [...NETWORK, ...PUBLIC_ADDRESS, ...ALARM, ...NAME],
    [],
  ],
  [
    "everything",
    { ipv6: true, admin, kmsKeyArn, dns: { zone: "ssh.example.com" }, protectAddress: true, privateAddress: "10.255.0.9" },
    [...NETWORK, ...PUBLIC_ADDRESS, ...ALARM, ...IPV6, ...IPV6_ROUTE, ...ADMIN, ...NAME, "aws:route53/record:Record acme-dns-record-ipv6"],
    ["getAmi", "getZone"],
  ],
];

test.each(CONFIGURATIONS)("%s: a bastion is these resources, all of them its children, and no others", async (_what, args, more, calls) => {
  const { registered, called, error, logged } = await up(args);
  expect([error, logged]).toEqual([undefined, []]);
  const [component, ...children] = registered;
  expect(component).toMatchObject({ type: "reverse-bastion:aws:AwsBastion", name: "acme", parent: undefined, custom: false });
  expect(children.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([...ALWAYS, ...more].sort());
  expect(children.filter(({ parent, custom }) => parent !== COMPONENT || !custom)).toEqual([]);
  expect(called.map(({ token }) => token.split(":").at(-1)).sort()).toEqual(calls);
});

test.each(CONFIGURATIONS)(
  "%s: a first preview, which knows nothing that AWS gives, shows the same resources",
  async (_what, args, more) => {
    const { registered, error, logged } = await up(args, { preview: true, outputsOf: () => ({}) });
    expect([error, logged]).toEqual([undefined, []]);
    expect(registered.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
      ["reverse-bastion:aws:AwsBastion acme", ...ALWAYS, ...more].sort(),
    );
  },
);

test("two bastions of one program have no name in common, neither at Pulumi nor at AWS", async () => {
  const { registered, error } = await deploy(() => [new AwsBastion("acme", DEPLOYABLE), new AwsBastion("globex", DEPLOYABLE)], {
    ...AWS_ENGINE,
    outputsOf: (resource) => awsOutputs({ ...resource, name: resource.name.replace("globex", "acme") }),
  });
  expect(error).toBeUndefined();
  const names = registered.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^(?:acme|globex)(?:-|$)/.test(name))).toEqual([]);
  const fixed = registered.flatMap(({ inputs }) => inputs.name ?? []);
  expect(fixed.length).toBeGreaterThan(10);
  expect(new Set(fixed).size).toBe(fixed.length);
});

test("the longest names and notes leave room for what Pulumi appends, and give only characters that EC2 and IAM take", async () => {
  const bastion = "n".repeat(40);
  const tunnel = "t".repeat(40);
  const args = { tunnels: [{ name: tunnel }], clients: [], consumers: [], firewallNote: "x".repeat(100), admin };
  const { registered, error } = await deploy(() => new AwsBastion(bastion, { ...DEPLOYABLE, ...args }), {
    ...AWS_ENGINE,
    outputsOf: (resource) =>
      resource.type.endsWith("BindPorts")
        ? { bindPorts: { [tunnel]: 15000 } }
        : awsOutputs({ ...resource, name: resource.name.replace(bastion, "acme") }),
    project: "p".repeat(100),
    stack: "s".repeat(100),
  });
  expect(error).toBeUndefined();
  for (const { type, name, inputs } of registered) {
    // Pulumi's suffix takes 8 characters. A role has the shortest name (CreateRole), other names have 128 at least.
    if (type.startsWith("aws:")) expect(name.length, name).toBeLessThanOrEqual((type.endsWith(":Role") ? 64 : 128) - 8);
    // The provider's suffix takes 26 of 255.
    const { namePrefix, description, tags } = inputs as { namePrefix?: string; description?: string; tags?: Record<string, string> };
    expect(`${namePrefix ?? ""}`, name).toMatch(/^(?!sg-)[a-zA-Z0-9 ._:/()#,@[\]+=&;{}!$*-]{0,229}$/);
    expect(`${description ?? ""}`, name).toMatch(/^[a-zA-Z0-9 ._:/()#,@[\]+=&;{}!$*-]{0,255}$/);
    for (const value of Object.values(tags ?? {})) expect(value.length, name).toBeLessThanOrEqual(256);
    if (inputs.name !== undefined) expect(String(inputs.name)).toMatch(/^(?:\/[a-zA-Z0-9_.-]+){1,15}$/);
  }
});

test("everything that can have tags has those of the bastion, and those that were asked for", async () => {
  const { registered } = await up({ admin, dns: { zone: "ssh.example.com" }, ipv6: true, tags: { team: "data" } });
  const tags = { Name: "acme", "reverse-bastion": "project/stack/acme", team: "data" };
  const without = registered.filter(({ type, inputs }) => type.startsWith("aws:") && inputs.tags === undefined);
  expect([...new Set(without.map(({ type }) => type.split(":").at(-1)))].sort()).toEqual([
    "EipAssociation",
    "Record",
    "RolePolicy",
    "Route",
    "RouteTableAssociation",
  ]);
  expect(registered.filter(({ inputs }) => inputs.tags !== undefined && JSON.stringify(inputs.tags) !== JSON.stringify(tags))).toEqual([]);
});
