import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { ECDSA_P256 } from "../../support/keys.ts";
import { AWS, type AwsSite } from "../support/aws-site.ts";
import { RecordStack } from "../support/record-stack.ts";
import { describeAsRoot } from "../support/root.ts";

describeAsRoot("bad input fails in the preview, with the remedy, and nothing is created", () => {
  let stack: RecordStack<AwsSite>;

  beforeAll(async () => {
    stack = await RecordStack.create(AWS, {});
  });

  afterAll(async () => stack?.remove());

  const cases: readonly [string, CustomerFile["aws"], string][] = [
    ["a subnet without its VPC", { subnetId: "subnet-0abc1234" }, "aws.vpcId: is missing; a subnetId goes with the vpcId of its VPC"],
    [
      "an ecdsa key for an admin",
      { admin: { publicKey: ECDSA_P256.line, cidrs: ["198.51.100.0/24"] } },
      "EC2 imports RSA and Ed25519 keys only",
    ],
    ["an accent in a description", { firewallNote: "réseau" }, 'aws.firewallNote: got "réseau"; expected something like'],
    ["a reserved tag", { tags: { "aws:cost": "x" } }, 'keys that begin with "aws:" are AWS\'s own; choose another'],
    ["a type that is none", { instanceType: "huge" }, 'expected an EC2 instance type such as "t4g.micro"'],
  ];

  test.each(cases)("%s", async (_what, aws, message) => {
    stack.deployment.describe(stack.site.customerFile({ aws }));
    const { exitCode, stdout, stderr } = await stack.deployment.attempt("up", "--yes", "--skip-preview", "--stack", "acme");
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain(message);
    expect(stack.site.world.read().records).toEqual({});
  });

  test("what only AWS knows is looked up in the preview: an ARM image on an x86 machine, a subnet of another VPC", async () => {
    stack.deployment.describe(stack.site.customerFile({ aws: { instanceType: "t3.micro", imageId: stack.site.image("arm64") } }));
    const wrongImage = await stack.deployment.attempt("preview", "--stack", "acme");
    expect(wrongImage.exitCode).not.toBe(0);
    expect(wrongImage.stdout + wrongImage.stderr).toContain(
      "the image is for arm64 and t3.micro is x86_64; choose an image or an instanceType",
    );

    const { vpcId, otherSubnetId } = await stack.site.addNetworks();
    stack.deployment.describe(stack.site.customerFile({ aws: { vpcId, subnetId: otherSubnetId } }));
    const wrongSubnet = await stack.deployment.attempt("preview", "--stack", "acme");
    expect(wrongSubnet.exitCode).not.toBe(0);
    expect(wrongSubnet.stdout + wrongSubnet.stderr).toContain("give the vpcId and subnetId of one VPC");
  });
});
