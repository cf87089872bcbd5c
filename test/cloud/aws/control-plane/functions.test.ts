import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CANONICAL, DEBIAN } from "./seeds.ts";
import { makeNetwork, REGION, TestAccount } from "./test-account.ts";

let account: TestAccount;

beforeEach(() => {
  account = new TestAccount();
});

afterEach(() => account.dispose());

async function look(name: string, inputs: Readonly<Record<string, unknown>>) {
  const { outputs, problems } = await account.provider.invoke(`aws:${name}`, inputs);
  expect(problems).toEqual([]);
  return outputs;
}

describe("an image", () => {
  const named = (name: string) => [{ name: "name", values: [name] }];
  const find = (inputs: Readonly<Record<string, unknown>>) => look("ec2/getAmi:getAmi", inputs);

  test.each([
    [DEBIAN, "debian-13-amd64-*", "debian-13-amd64-20261102-2284", "x86_64"],
    [DEBIAN, "debian-12-arm64-*", "debian-12-arm64-20261102-2284", "arm64"],
    [
      CANONICAL,
      "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*",
      "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20261015",
      "arm64",
    ],
  ])("of %s named %s is the newest one", async (owner, pattern, name, architecture) => {
    expect(await find({ owners: [owner], mostRecent: true, filters: named(pattern) })).toMatchObject({
      name,
      architecture,
      ownerId: owner,
    });
  });

  test.each([
    ["no owner is named", { mostRecent: true, filters: named("debian-13-*") }, "unsafe without an owner"],
    ["nothing is found", { owners: [DEBIAN], mostRecent: true, filters: named("debian-9-*") }, "returned no results"],
    ["several are found", { owners: [DEBIAN], filters: named("debian-13-*") }, "more than one result"],
    ["a filter is nobody's", { owners: [DEBIAN], filters: [{ name: "colour", values: ["red"] }] }, "InvalidParameterValue"],
  ])("is refused where %s", async (_what, inputs, code) => {
    expect(await account.refusal(() => find(inputs))).toContain(code);
  });
});

test("a VPC and a subnet are found by their id or by what is special of them", async () => {
  const { vpc, subnet } = await makeNetwork(account);
  expect(await look("ec2/getVpc:getVpc", { id: vpc.id })).toMatchObject({ id: vpc.id, cidrBlock: "10.20.0.0/16" });
  expect(await look("ec2/getSubnet:getSubnet", { vpcId: vpc.id })).toMatchObject({ id: subnet.id, availabilityZone: "eu-central-1a" });
  expect(await account.refusal(() => look("ec2/getVpc:getVpc", { default: true }))).toBe("no matching EC2 VPC found");
});

test("a zone is found by name, with or without the dot", async () => {
  for (const name of ["ssh.example.com", "ssh.example.com."])
    expect(await look("route53/getZone:getZone", { name })).toMatchObject({ zoneId: "Z0123456789EXAMPLE", name: "ssh.example.com" });
  expect(await account.refusal(() => look("route53/getZone:getZone", { name: "example.org" }))).toBe(
    "no matching Route 53 Hosted Zone found",
  );
});

test("who and where one is", async () => {
  expect(await look("index/getCallerIdentity:getCallerIdentity", {})).toMatchObject({ accountId: "123456789012" });
  expect(await look("index/getRegion:getRegion", {})).toMatchObject({ region: REGION });
  expect(await look("index/getPartition:getPartition", {})).toMatchObject({ partition: "aws" });
});
