import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeNetwork, type Network, TestAccount, TRUST } from "../test-account.ts";

let account: TestAccount;

beforeEach(() => {
  account = new TestAccount();
});

afterEach(() => account.dispose());

describe("AWS refuses to remove", () => {
  test.each<[string, string, (network: Network) => Promise<unknown>]>([
    ["a VPC with a subnet", "DependencyViolation", ({ vpc }) => account.remove("vpc", vpc)],
    [
      "a subnet with an interface",
      "DependencyViolation",
      async ({ subnet }) => {
        await account.make("networkInterface", { subnetId: subnet.id });
        await account.remove("subnet", subnet);
      },
    ],
    [
      "a group an interface has",
      "DependencyViolation",
      async ({ subnet, group }) => {
        await account.make("networkInterface", { subnetId: subnet.id, securityGroups: [group.id] });
        await account.remove("securityGroup", group);
      },
    ],
    [
      "a group a rule of another refers to",
      "DependencyViolation",
      async ({ vpc, group }) => {
        const other = await account.make("securityGroup", { vpcId: vpc.id });
        await account.make("securityGroupIngressRule", {
          securityGroupId: other.id,
          ipProtocol: "-1",
          referencedSecurityGroupId: group.id,
        });
        await account.remove("securityGroup", group);
      },
    ],
    [
      "a table a subnet uses",
      "DependencyViolation",
      async ({ vpc, subnet }) => {
        const table = await account.make("routeTable", { vpcId: vpc.id });
        await account.make("routeTableAssociation", { routeTableId: table.id, subnetId: subnet.id });
        await account.remove("routeTable", table);
      },
    ],
    [
      "an address in use",
      "InvalidIPAddress.InUse",
      async ({ subnet }) => {
        const { id } = await account.make("networkInterface", { subnetId: subnet.id });
        const eip = await account.make("eip", {});
        await account.make("eipAssociation", { allocationId: eip.id, networkInterfaceId: id });
        await account.remove("eip", eip);
      },
    ],
    [
      "the gateway of a public instance",
      "DependencyViolation",
      async ({ subnet, gateway }) => {
        await account.make("instance", {
          ami: account.image("arm64"),
          instanceType: "t4g.micro",
          subnetId: subnet.id,
          associatePublicIpAddress: true,
        });
        await account.remove("internetGateway", gateway);
      },
    ],
    [
      "the gateway of an address",
      "DependencyViolation",
      async ({ subnet, gateway }) => {
        const { id } = await account.make("networkInterface", { subnetId: subnet.id });
        const eip = await account.make("eip", {});
        await account.make("eipAssociation", { allocationId: eip.id, networkInterfaceId: id });
        await account.remove("internetGateway", gateway);
      },
    ],
    [
      "an interface an instance has",
      "InvalidParameterValue",
      async ({ subnet }) => {
        const network = await account.make("networkInterface", { subnetId: subnet.id });
        await account.make("instance", {
          ami: account.image("arm64"),
          instanceType: "t4g.micro",
          primaryNetworkInterface: { networkInterfaceId: network.id },
        });
        await account.remove("networkInterface", network);
      },
    ],
    [
      "a role with a policy",
      "DeleteConflict",
      async () => {
        const role = await account.make("role", { assumeRolePolicy: TRUST });
        await account.make("rolePolicy", {
          role: role.id,
          policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ssm:GetParameters", Resource: "*" }] },
        });
        await account.remove("role", role);
      },
    ],
  ])("%s", async (_what, code, act) => {
    const network = await makeNetwork(account);
    expect(await account.refusal(() => act(network))).toBe(code);
  });
});
