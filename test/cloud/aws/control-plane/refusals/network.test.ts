import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Made, makeNetwork, type Network, TestAccount } from "../test-account.ts";

let account: TestAccount;

beforeEach(() => {
  account = new TestAccount();
});

afterEach(() => account.dispose());

describe("AWS refuses of a network", () => {
  test.each<[string, string, (network: Network) => Promise<Made>]>([
    ["a subnet of no VPC", "InvalidVpcID.NotFound", () => account.make("subnet", { vpcId: "vpc-0", cidrBlock: "10.20.2.0/24" })],
    ["a subnet outside its VPC", "InvalidSubnet.Range", ({ vpc }) => account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.21.0.0/24" })],
    ["a subnet of /29", "InvalidSubnet.Range", ({ vpc }) => account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.20.2.0/29" })],
    ["overlapping subnets", "InvalidSubnet.Conflict", ({ vpc }) => account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.20.1.128/25" })],
    [
      "a zone of another region",
      "InvalidParameterValue",
      ({ vpc }) => account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.20.2.0/24", availabilityZone: "us-east-1a" }),
    ],
    [
      "a subnet of a VPC in another region",
      "InvalidVpcID.NotFound",
      ({ vpc }) => account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.20.2.0/24", region: "us-east-1" }),
    ],
    ["a second internet gateway", "Resource.AlreadyAssociated", ({ vpc }) => account.make("internetGateway", { vpcId: vpc.id })],
    [
      "a second group of a name",
      "InvalidGroup.Duplicate",
      async ({ vpc }) => {
        await account.make("securityGroup", { vpcId: vpc.id, name: "twin" });
        return account.make("securityGroup", { vpcId: vpc.id, name: "twin" });
      },
    ],
    ["a group of no VPC where there is no default one", "VPCIdNotSpecified", () => account.make("securityGroup", {})],
    [
      "a route to the gateway of no network",
      "InvalidInternetGatewayID.NotFound",
      async ({ vpc }) => {
        const { id } = await account.make("routeTable", { vpcId: vpc.id });
        return account.make("route", { routeTableId: id, destinationCidrBlock: "0.0.0.0/0", gatewayId: "igw-0" });
      },
    ],
    [
      "the same route twice",
      "RouteAlreadyExists",
      async ({ vpc, gateway }) => {
        const { id } = await account.make("routeTable", { vpcId: vpc.id });
        await account.make("route", { routeTableId: id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id });
        return account.make("route", { routeTableId: id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id });
      },
    ],
    [
      "an address outside the subnet",
      "InvalidParameterValue",
      ({ subnet }) => account.make("networkInterface", { subnetId: subnet.id, privateIps: ["10.9.9.9"] }),
    ],
    [
      "an address that AWS keeps",
      "InvalidParameterValue",
      ({ subnet }) => account.make("networkInterface", { subnetId: subnet.id, privateIps: ["10.20.1.3"] }),
    ],
    [
      "an address that is taken",
      "InvalidIPAddress.InUse",
      async ({ subnet }) => {
        await account.make("networkInterface", { subnetId: subnet.id });
        return account.make("networkInterface", { subnetId: subnet.id, privateIps: ["10.20.1.4"] });
      },
    ],
    [
      "a group of another network",
      "InvalidParameter",
      async ({ subnet }) => {
        const other = await account.make("vpc", { cidrBlock: "10.30.0.0/16" });
        const { id } = await account.make("securityGroup", { vpcId: other.id });
        return account.make("networkInterface", { subnetId: subnet.id, securityGroups: [id] });
      },
    ],
    [
      "IPv6 in a subnet without",
      "InvalidParameterValue",
      async ({ vpc }) => {
        const { id } = await account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.20.2.0/24" });
        return account.make("networkInterface", { subnetId: id, ipv6AddressCount: 1 });
      },
    ],
    [
      "a sixth address",
      "AddressLimitExceeded",
      async () => {
        for (let number = 1; number <= 5; number += 1) await account.make("eip", { domain: "vpc" });
        return account.make("eip", { domain: "vpc" });
      },
    ],
    [
      "an address for a network without a gateway",
      "Gateway.NotAttached",
      async () => {
        const vpc = await account.make("vpc", { cidrBlock: "10.30.0.0/16" });
        const subnet = await account.make("subnet", { vpcId: vpc.id, cidrBlock: "10.30.0.0/24" });
        const { id } = await account.make("networkInterface", { subnetId: subnet.id });
        const eip = await account.make("eip", {});
        return account.make("eipAssociation", { allocationId: eip.id, networkInterfaceId: id });
      },
    ],
    [
      "an address that may not be moved",
      "Resource.AlreadyAssociated",
      async ({ subnet }) => {
        const eip = await account.make("eip", {});
        for (const allowReassociation of [true, false]) {
          const { id } = await account.make("networkInterface", { subnetId: subnet.id });
          await account.make("eipAssociation", { allocationId: eip.id, networkInterfaceId: id, allowReassociation });
        }
        return eip;
      },
    ],
    ["a reserved tag", "InvalidParameterValue", () => account.make("eip", { tags: { "aws:name": "x" } })],
    [
      "51 tags",
      "TagLimitExceeded",
      () => account.make("eip", { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])) }),
    ],
    ["a tag's key of 129 characters", "InvalidParameterValue", () => account.make("eip", { tags: { ["k".repeat(129)]: "v" } })],
    ["a tag's value of 257 characters", "InvalidParameterValue", () => account.make("eip", { tags: { k: "v".repeat(257) } })],
  ])("%s", async (_what, code, make) => {
    const network = await makeNetwork(account);
    expect(await account.refusal(() => make(network))).toBe(code);
  });
});

describe("AWS refuses of a rule", () => {
  test.each([
    ["port 70000", "InvalidParameterValue", { ipProtocol: "tcp", fromPort: 22, toPort: 70000 }],
    ["a range upside down", "InvalidParameterValue", { ipProtocol: "tcp", fromPort: 23, toPort: 22 }],
    ["TCP without ports", "InvalidParameterValue", { ipProtocol: "tcp" }],
    ["a protocol of nobody's", "InvalidParameterValue", { ipProtocol: "bogus" }],
    ["an accent in a description", "InvalidParameterValue", { ipProtocol: "-1", description: "café" }],
    [
      "a rule that is there, with other words",
      "InvalidPermission.Duplicate",
      { ipProtocol: "tcp", fromPort: 2222, toPort: 2222, description: "again" },
    ],
  ])("%s", async (_what, code, parts) => {
    const { group } = await makeNetwork(account);
    const ssh = { securityGroupId: group.id, cidrIpv4: "198.51.100.0/24", ipProtocol: "tcp", fromPort: 2222, toPort: 2222 };
    await account.make("securityGroupIngressRule", ssh);
    const { fromPort: _, toPort: __, ...base } = ssh;
    expect(await account.refusal(() => account.make("securityGroupIngressRule", { ...base, ...parts }))).toBe(code);
  });

  test("a canonical twin", async () => {
    const { group } = await makeNetwork(account);
    const rule = { securityGroupId: group.id, ipProtocol: "-1" };
    const { state } = await account.make("securityGroupIngressRule", { ...rule, cidrIpv6: "2001:DB8:0:0::/48" });
    expect(state.cidrIpv6).toBe("2001:db8::/48");
    expect(await account.refusal(() => account.make("securityGroupIngressRule", { ...rule, cidrIpv6: "2001:db8::/48" }))).toBe(
      "InvalidPermission.Duplicate",
    );
  });

  test("number 61 of a family and direction, and of no other", async () => {
    const { group } = await makeNetwork(account);
    const rule = (index: number) => ({
      securityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 2222,
      toPort: 2222,
      cidrIpv4: `198.51.100.${index}/32`,
    });
    for (let index = 0; index < 60; index += 1) await account.make("securityGroupIngressRule", rule(index));
    expect(await account.refusal(() => account.make("securityGroupIngressRule", rule(60)))).toBe("RulesPerSecurityGroupLimitExceeded");
    const { cidrIpv4: _, ...ipv6 } = rule(0);
    await account.make("securityGroupIngressRule", { ...ipv6, cidrIpv6: "2001:db8::/48" });
    await account.make("securityGroupEgressRule", rule(60));
  });
});
