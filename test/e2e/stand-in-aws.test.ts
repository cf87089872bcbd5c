import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsSeeds } from "../cloud/aws/control-plane/seeds.ts";
import { TYPE } from "../cloud/aws/control-plane/types.ts";
import { StandInStack } from "./support/stand-in-stack.ts";

/** A bastion's resources, as a program of somebody who has the real AWS would write them. */
const PROGRAM = `
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";

const { userData, instanceType = "t4g.nano", description = "A bastion" } = JSON.parse(readFileSync("options.json"));

const vpc = new aws.ec2.Vpc("net", { cidrBlock: "10.20.0.0/16", tags: { stack: "acme" } });
const gateway = new aws.ec2.InternetGateway("net", { vpcId: vpc.id });
const subnet = new aws.ec2.Subnet("net", { vpcId: vpc.id, cidrBlock: "10.20.0.0/24" });
const table = new aws.ec2.RouteTable("net", { vpcId: vpc.id });
const route = new aws.ec2.Route("out", { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id });
new aws.ec2.RouteTableAssociation("net", { routeTableId: table.id, subnetId: subnet.id });
const group = new aws.ec2.SecurityGroup("bastion", { vpcId: vpc.id, description });
const rule = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: 2222, toPort: 2222 };
new aws.vpc.SecurityGroupIngressRule("ssh", { ...rule, cidrIpv4: "198.51.100.0/24" });
new aws.vpc.SecurityGroupEgressRule("out", { securityGroupId: group.id, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" });
const network = new aws.ec2.NetworkInterface("bastion", { subnetId: subnet.id, securityGroups: [group.id] });
const eip = new aws.ec2.Eip("bastion", { domain: "vpc" });
new aws.ec2.EipAssociation("bastion", { allocationId: eip.id, networkInterfaceId: network.id }, { dependsOn: [route] });
const trusted = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
const role = new aws.iam.Role("bastion", { assumeRolePolicy: { Version: "2012-10-17", Statement: [trusted] } });
const profile = new aws.iam.InstanceProfile("bastion", { role: role.name });
const key = new aws.ssm.Parameter("key", { name: "/acme/key", type: "SecureString", value: pulumi.secret("the host key") });
const ami = aws.ec2.getAmiOutput({
  owners: ["136693071363"],
  mostRecent: true,
  filters: [{ name: "name", values: ["debian-13-arm64-*"] }],
});
const instance = new aws.ec2.Instance(
  "bastion",
  {
    ami: ami.id,
    instanceType,
    iamInstanceProfile: profile.name,
    primaryNetworkInterface: { networkInterfaceId: network.id },
    metadataOptions: { httpTokens: "required" },
    userData,
    userDataReplaceOnChange: true,
  },
  { deleteBeforeReplace: true },
);
const zone = aws.route53.getZoneOutput({ name: "ssh.example.com" });
new aws.route53.Record("bastion", { zoneId: zone.zoneId, name: "acme.ssh.example.com", type: "A", ttl: 60, records: [eip.publicIp] });

export const address = eip.publicIp;
export const instanceId = instance.id;
export const keyVersion = key.version;
`;

const RESOURCES = 18;

describe("the stand-in AWS under the real engine", () => {
  const stack = new StandInStack({
    program: PROGRAM,
    options: { userData: "#cloud-config\n" },
    config: { "aws:region": "eu-central-1" },
    seeds: awsSeeds(),
  });

  beforeAll(() => stack.create());

  afterAll(() => stack.remove());

  test("up makes what is declared, and a second one changes nothing", async () => {
    expect(await stack.up()).toContain(`+ ${RESOURCES} created`);
    const [instanceId, instance] = stack.only(TYPE.instance);
    expect(await stack.outputs()).toEqual({ address: "192.0.2.129", instanceId, keyVersion: 1 });
    expect(instance).toMatchObject({ instanceState: "running", privateIp: "10.20.0.4", publicIp: "192.0.2.129" });
    expect(await stack.up()).toContain(`${RESOURCES} unchanged`);
  });

  test("a refresh finds what up has made", async () => {
    expect(await stack.done("refresh", "--yes", "--skip-preview")).toContain(`${RESOURCES} unchanged`);
    expect(await stack.done("preview")).toContain(`${RESOURCES} unchanged`);
  });

  test("no secret is in the open, in state or on the screen", async () => {
    const exported = await stack.done("stack", "export");
    expect(exported).toContain("/acme/key");
    expect(exported).not.toContain("the host key");
  });

  test("drift is found by a refresh and repaired by up", async () => {
    const [rule] = stack.only(TYPE.securityGroupIngressRule);
    const [parameter] = stack.only(TYPE.parameter);
    await stack.world.alter(TYPE.securityGroupIngressRule, rule, { cidrIpv4: "0.0.0.0/0" });
    await stack.world.forget(TYPE.parameter, parameter);
    expect(await stack.done("refresh", "--yes", "--skip-preview")).toMatch(/~ 1 updated\s+- 1 deleted/);
    expect(await stack.up()).toMatch(/\+ 1 created\s+~ 1 updated/);
    expect(stack.world.find(TYPE.securityGroupIngressRule, rule)).toMatchObject({ cidrIpv4: "198.51.100.0/24" });
    expect(stack.world.find(TYPE.parameter, parameter)).toMatchObject({ value: "the host key" });
  });

  test("what the real provider refuses in a preview is refused there", async () => {
    stack.set({ description: "Bastion of café" });
    const { exitCode, printed } = await stack.run("preview");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("doesn't comply with restrictions");
  });

  test("what only the API refuses fails up, and the next one goes on from there", async () => {
    stack.set({ instanceType: "t3.nano", userData: "#cloud-config\n# new\n" });
    expect((await stack.run("preview")).exitCode).toBe(0);
    const { exitCode, printed } = await stack.run("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("api error InvalidParameterValue: The architecture 'x86_64' of the specified instance type does not match");
  });

  test("a replaced instance keeps its address; throttled calls are made again", async () => {
    const { instanceId: former } = await stack.outputs();
    stack.set({ userData: "#cloud-config\n# new\n" });
    await stack.world.addFault({ action: "ec2:RunInstances", kind: "throttle", times: 2 });
    expect(await stack.up()).toContain("1 replaced");
    const [instanceId, instance] = stack.only(TYPE.instance);
    expect(instanceId).not.toBe(former);
    expect(instance).toMatchObject({ publicIp: "192.0.2.129", privateIp: "10.20.0.4", userData: "#cloud-config\n# new\n" });
    const outcomes = stack.world.calls().flatMap(({ action, outcome }) => (action === "ec2:RunInstances" ? [outcome] : []));
    expect(outcomes).toEqual(["ok", "InvalidParameterValue", "RequestLimitExceeded", "RequestLimitExceeded", "ok"]);
  });

  test("destroy leaves nothing in the world", async () => {
    expect(await stack.done("destroy", "--yes", "--skip-preview")).toContain(`- ${RESOURCES} deleted`);
    expect(stack.world.read().records).toEqual({});
  });

  test("a provider that dies before it acts leaves a stack that the next up completes", async () => {
    await stack.world.addFault({ action: "ec2:CreateSubnet", kind: "crash-before" });
    const { exitCode, printed } = await stack.run("up", "--yes", "--skip-preview", "--parallel=1");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("exited prematurely");
    expect(stack.world.records(TYPE.subnet)).toEqual({});
    await stack.up();
    expect(await stack.up()).toContain(`${RESOURCES} unchanged`);
    await stack.done("destroy", "--yes", "--skip-preview");
    expect(stack.world.read().records).toEqual({});
  });

  test("a call that fails half way leaves a resource that the next up finishes", async () => {
    await stack.world.addFault({ action: "ec2:AttachInternetGateway", kind: "fail" });
    const { exitCode, printed } = await stack.run("up", "--yes", "--skip-preview", "--parallel=1");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("api error UnauthorizedOperation");
    const [gateway] = stack.only(TYPE.internetGateway);
    await stack.up();
    const [vpcId] = stack.only(TYPE.vpc);
    expect(stack.only(TYPE.internetGateway)).toEqual([gateway, expect.objectContaining({ vpcId })]);
    await stack.done("destroy", "--yes", "--skip-preview");
    expect(stack.world.read().records).toEqual({});
  });
});
