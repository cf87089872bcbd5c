import { expect, test } from "vitest";
import type { AwsTransforms } from "../../../components/aws/aws-transforms.ts";
import type { Transform } from "../../../components/shared/transform.ts";
import { up } from "../../support/aws-bastion.ts";
import { ED25519_A } from "../../support/keys.ts";

/** What each transform changes, by the type of its child. */
const CHILDREN: Readonly<Record<keyof AwsTransforms, string>> = {
  vpc: "aws:ec2/vpc:Vpc",
  internetGateway: "aws:ec2/internetGateway:InternetGateway",
  subnet: "aws:ec2/subnet:Subnet",
  routeTable: "aws:ec2/routeTable:RouteTable",
  securityGroup: "aws:ec2/securityGroup:SecurityGroup",
  ingressRule: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egressRule: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  networkInterface: "aws:ec2/networkInterface:NetworkInterface",
  elasticIp: "aws:ec2/eip:Eip",
  parameter: "aws:ssm/parameter:Parameter",
  role: "aws:iam/role:Role",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  instanceProfile: "aws:iam/instanceProfile:InstanceProfile",
  keyPair: "aws:ec2/keyPair:KeyPair",
  instance: "aws:ec2/instance:Instance",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  record: "aws:route53/record:Record",
};

const ARGS = { ipv6: true, dns: { zone: "ssh.example.com" }, admin: { publicKey: ED25519_A.line, cidrs: ["192.0.2.0/24"] } };

test("each transform reaches all children of its kind, and no others", async () => {
  // Every one of these resources has a region, and our children name none.
  const mark =
    (kind: string): Transform<object> =>
    ({ args, options }) => ({ args: { ...args, region: kind }, options: { ...options, protect: true } });
  const transform = Object.fromEntries(Object.keys(CHILDREN).map((kind) => [kind, mark(kind)])) as AwsTransforms;
  // IAM has no regions.
  const global = new Set(["role", "rolePolicy", "instanceProfile", "record"]);
  const { registered, error } = await up(ARGS, {}, { transform });
  expect(error).toBeUndefined();
  for (const [kind, type] of Object.entries(CHILDREN)) {
    const children = registered.filter((resource) => resource.type === type);
    expect(children.length, kind).toBeGreaterThan(0);
    for (const { name, inputs, options } of children) {
      expect(inputs.region, name).toBe(global.has(kind) ? undefined : kind);
      expect(options.protect, name).toBe(true);
    }
  }
  const types = new Set(Object.values(CHILDREN));
  expect([...new Set(registered.filter(({ options }) => !options.protect).map(({ type }) => type))].sort()).toEqual([
    "aws:ec2/eipAssociation:EipAssociation",
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "reverse-bastion:aws:AwsBastion",
    "reverse-bastion:index:BindPorts",
    "reverse-bastion:index:SshKeyPair",
  ]);
  expect(registered.filter(({ type, options }) => types.has(type) && !options.protect)).toEqual([]);
});

test("a transform sees what the bastion would have made, and decides", async () => {
  const seen: unknown[] = [];
  const transform: AwsTransforms = {
    alarm: ({ args, options }) => {
      seen.push(args.period, args.evaluationPeriods);
      return { args: { ...args, evaluationPeriods: 5 }, options };
    },
  };
  const { registered } = await up({}, {}, { transform });
  expect(seen).toEqual([60, 3]);
  expect(registered.find(({ name }) => name === "acme-unresponsive")?.inputs.evaluationPeriods).toBe(5);
});
