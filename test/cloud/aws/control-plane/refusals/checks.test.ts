import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestAccount, TRUST } from "../test-account.ts";

let account: TestAccount;

beforeEach(() => {
  account = new TestAccount();
});

afterEach(() => account.dispose());

describe("a check, in a preview too, refuses", () => {
  test.each([
    ["a missing argument", "subnet", { cidrBlock: "10.0.0.0/24" }, "vpcId", "Missing required argument"],
    ["an argument nobody knows", "vpc", { cidrBlock: "10.0.0.0/16", cidr: "x" }, "cidr", "not expected here"],
    ["a wrong type", "vpc", { cidrBlock: 5 }, "cidrBlock", "expected a string, got a number"],
    ["host bits", "vpc", { cidrBlock: "10.0.0.1/16" }, "cidrBlock", "represents a network address"],
    ["a block of IPv6 for one of IPv4", "vpc", { cidrBlock: "2001:db8::/32" }, "cidrBlock", "not an IPv4 CIDR block"],
    ["a VPC of /29", "vpc", { cidrBlock: "10.0.0.0/29" }, "cidrBlock", "between 16 and 28"],
    ["conflicting arguments", "instance", { userData: "a", userDataBase64: "YQ==" }, "userData", "Conflicting configuration arguments"],
    [
      "a security group of an instance with an interface of its own",
      "instance",
      { primaryNetworkInterface: { networkInterfaceId: "eni-1" }, vpcSecurityGroupIds: ["sg-1"] },
      "primaryNetworkInterface",
      "Conflicting",
    ],
    ["an instance without an image", "instance", { instanceType: "t4g.micro" }, "ami", "Missing required argument"],
    ["user data over 16 KB", "instance", { userData: "é".repeat(8193) }, "userData", "in the range (0 - 16384), got 16386"],
    ["user data that is not base64", "instance", { userDataBase64: "not base64" }, "userDataBase64", "must be base64-encoded"],
    [
      "a hop limit of 65",
      "instance",
      { metadataOptions: { httpPutResponseHopLimit: 65 } },
      "metadataOptions.httpPutResponseHopLimit",
      "in the range (1 - 64)",
    ],
    [
      "tokens that are a must or may be",
      "instance",
      { metadataOptions: { httpTokens: "maybe" } },
      "metadataOptions.httpTokens",
      'one of ["optional","required"]',
    ],
    ["a volume type of nobody's", "instance", { rootBlockDevice: { volumeType: "gp9" } }, "rootBlockDevice.volumeType", "to be one of"],
    ["an accent in a description", "securityGroup", { description: "café" }, "description", "doesn't comply with restrictions"],
    ["an apostrophe in a description", "securityGroup", { description: "acme's" }, "description", "doesn't comply with restrictions"],
    ["a description of 256 characters", "securityGroup", { description: "a".repeat(256) }, "description", "cannot be longer than 255"],
    ["a group named like an id", "securityGroup", { name: "sg-x" }, "name", "cannot start with sg-"],
    ["a rule without a source", "securityGroupIngressRule", { securityGroupId: "sg-1", ipProtocol: "tcp" }, "cidrIpv4", "got 0"],
    [
      "a rule with two sources",
      "securityGroupIngressRule",
      { securityGroupId: "sg-1", ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8", cidrIpv6: "::/0" },
      "cidrIpv4",
      "got 2",
    ],
    [
      "ports of every protocol",
      "securityGroupEgressRule",
      { securityGroupId: "sg-1", ipProtocol: "-1", fromPort: 0, cidrIpv4: "0.0.0.0/0" },
      "fromPort",
      "Ports cannot be given",
    ],
    [
      "host bits in a rule",
      "securityGroupIngressRule",
      { securityGroupId: "sg-1", ipProtocol: "tcp", cidrIpv4: "10.1.2.3/16" },
      "cidrIpv4",
      "represents a network address",
    ],
    ["a route to nowhere", "route", { routeTableId: "rtb-1", destinationCidrBlock: "0.0.0.0/0" }, "gatewayId", "got 0"],
    ["a role of 65 characters", "role", { name: "r".repeat(65), assumeRolePolicy: TRUST }, "name", "1 to 64"],
    ["a space in a role's name", "role", { name: "a b", assumeRolePolicy: TRUST }, "name", "invalid value for name"],
    ["a policy that is not JSON", "role", { assumeRolePolicy: "nonsense" }, "assumeRolePolicy", "invalid JSON policy"],
    ["a parameter without a value", "parameter", { name: "/a", type: "String" }, "value", "One of insecureValue, value must be specified"],
    [
      "a secret given as an insecure value",
      "parameter",
      { name: "/a", type: "SecureString", insecureValue: "x" },
      "insecureValue",
      "cannot set type = SecureString",
    ],
    ["a parameter type of nobody's", "parameter", { name: "/a", type: "Bogus", value: "x" }, "type", "to be one of"],
    ["a record type of nobody's", "record", { zoneId: "Z1", name: "a", type: "BOGUS" }, "type", "to be one of"],
    [
      "an alarm every 45 seconds",
      "metricAlarm",
      { comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1, metricName: "x", namespace: "y", period: 45 },
      "period",
      "multiple of 60",
    ],
  ] as const)("%s", (_what, kind, inputs, property, reason) => {
    const { problems } = account.provider.check(account.urn(kind, "it"), {}, inputs, new Uint8Array([1]));
    expect(problems).toContainEqual({ property, reason: expect.stringContaining(reason) });
    expect(account.world.calls()).toEqual([]);
  });
});
