import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { TAGS, up } from "../../support/aws-bastion.ts";
import { AWS_ENGINE, EXISTING } from "../../support/aws-engine.ts";
import { resourceIn } from "../../support/registered.ts";

const NETWORK = ["vpc", "internet-gateway", "subnet", "route-table", "default-route", "default-route-ipv6", "route-table-association"];

/** The inputs of the parts of a bastion's own network, by their role. */
const networkOf = async (args: Parameters<typeof up>[0]) => {
  const { registered } = await up(args);
  return Object.fromEntries(
    NETWORK.flatMap((role) => registered.filter(({ name }) => name === `acme-${role}`).map(({ inputs }) => [role, inputs])),
  );
};

const OWN = {
  vpc: { cidrBlock: "10.255.0.0/28", enableDnsSupport: true, enableDnsHostnames: true, assignGeneratedIpv6CidrBlock: false, tags: TAGS },
  "internet-gateway": { vpcId: "acme-vpc-id", tags: TAGS },
  subnet: { vpcId: "acme-vpc-id", cidrBlock: "10.255.0.0/28", tags: TAGS },
  "route-table": { vpcId: "acme-vpc-id", tags: TAGS },
  "default-route": { routeTableId: "acme-route-table-id", gatewayId: "acme-internet-gateway-id", destinationCidrBlock: "0.0.0.0/0" },
  "route-table-association": { routeTableId: "acme-route-table-id", subnetId: "acme-subnet-id" },
};

test("a network of its own is one public subnet", async () => {
  expect(await networkOf({})).toEqual(OWN);
});

test("its addresses can be chosen", async () => {
  const cidrBlock = "192.168.7.0/24";
  expect(await networkOf({ networkCidr: cidrBlock })).toEqual({
    ...OWN,
    vpc: { ...OWN.vpc, cidrBlock },
    subnet: { ...OWN.subnet, cidrBlock },
  });
});

test("with IPv6, its subnet is the first /64 of what AWS gives, with a route of its own", async () => {
  expect(await networkOf({ ipv6: true })).toEqual({
    ...OWN,
    vpc: { ...OWN.vpc, assignGeneratedIpv6CidrBlock: true },
    subnet: { ...OWN.subnet, ipv6CidrBlock: "2001:db8:0:100::/64" },
    "default-route-ipv6": {
      routeTableId: "acme-route-table-id",
      gatewayId: "acme-internet-gateway-id",
      destinationIpv6CidrBlock: "::/0",
    },
  });
});

test("the addresses wait for the way to the internet", async () => {
  const { registered } = await up({ ipv6: true });
  const ways = [
    "aws:ec2/internetGateway:InternetGateway::acme-internet-gateway",
    "aws:ec2/route:Route::acme-default-route",
    "aws:ec2/route:Route::acme-default-route-ipv6",
    "aws:ec2/routeTableAssociation:RouteTableAssociation::acme-route-table-association",
  ];
  for (const name of ["acme-elastic-ip", "acme-elastic-ip-association", "acme-instance"])
    expect(resourceIn(registered, name).options.dependencies, name).toEqual(expect.arrayContaining(ways));
});

test("an existing subnet is looked at, and the bastion stands in it", async () => {
  const { registered, called } = await up(EXISTING);
  expect(called).toContainEqual({ token: "aws:ec2/getSubnet:getSubnet", inputs: { id: EXISTING.subnetId } });
  expect(resourceIn(registered, "acme-network-interface").inputs.subnetId).toBe(EXISTING.subnetId);
});

const NO_IPV6 = { vpcId: EXISTING.vpcId, ipv6CidrBlock: "" };

test.each([
  [
    "of another VPC",
    {},
    { vpcId: "vpc-11111111" },
    `${EXISTING.subnetId} is a subnet of vpc-11111111, not of ${EXISTING.vpcId}; give the vpcId and subnetId of one VPC`,
  ],
  ["without IPv6", { ipv6: true }, NO_IPV6, `${EXISTING.subnetId} has no IPv6 block; give it one, or leave out ipv6`],
] as const)("a subnet %s is refused with a remedy, in the preview already", async (_what, args, subnet, reason) => {
  const calls = { ...AWS_ENGINE.calls, "aws:ec2/getSubnet:getSubnet": () => subnet };
  for (const preview of [true, false]) {
    const { error, registered } = await up({ ...EXISTING, ...args }, { calls, preview });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    const { message, hideStack } = error as pulumi.ResourceError;
    expect([message.endsWith(`subnetId: ${reason}`), hideStack]).toEqual([true, true]);
    expect(registered.filter(({ name }) => ["acme-network-interface", "acme-instance"].includes(name))).toEqual([]);
  }
});

test("a subnet without IPv6 is as good as another, where none was asked for", async () => {
  const calls = { ...AWS_ENGINE.calls, "aws:ec2/getSubnet:getSubnet": () => NO_IPV6 };
  expect((await up(EXISTING, { calls })).error).toBeUndefined();
});
