import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { AwsBastionArgs } from "../../../components/aws/aws-bastion.ts";
import { renderAwsUserData } from "../../../components/host/cloud-init.ts";
import { inputsOf, TAGS, up } from "../../support/aws-bastion.ts";
import { AWS_ENGINE, EXISTING, NEWEST_IMAGE, REGION } from "../../support/aws-engine.ts";
import { settled } from "../../support/engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { resourceIn } from "../../support/registered.ts";

const PREFIX = "/reverse-bastion/project/stack/acme";
const admin = { publicKey: `${ED25519_A.line} somebody@somewhere`, cidrs: ["192.0.2.0/24"] };
const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const INSTANCE = {
  ami: NEWEST_IMAGE,
  instanceType: "t4g.micro",
  primaryNetworkInterface: { networkInterfaceId: "acme-network-interface-id" },
  iamInstanceProfile: "acme-instance-profile-1a2b3c4",
  metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
  rootBlockDevice: { volumeType: "gp3", volumeSize: 8, encrypted: true, deleteOnTermination: true },
  maintenanceOptions: { autoRecovery: "default" },
  userData: renderAwsUserData({ region: REGION, prefix: PREFIX, keepDefaultUser: false }),
  userDataReplaceOnChange: true,
  tags: TAGS,
  volumeTags: TAGS,
};

test("the machine: tokens for its metadata, an encrypted disk, its own network interface, and nothing else", async () => {
  expect(await inputsOf("acme-instance")).toEqual(INSTANCE);
});

test("what the author chooses reaches the machine", async () => {
  const changes = { instanceType: "t3.small", diskSizeGib: 20, kmsKeyArn, admin };
  expect(await inputsOf("acme-instance", changes)).toEqual({
    ...INSTANCE,
    instanceType: "t3.small",
    keyName: "acme-admin-key-1a2b3c4",
    rootBlockDevice: { ...INSTANCE.rootBlockDevice, volumeSize: 20, kmsKeyId: kmsKeyArn },
    userData: renderAwsUserData({ region: REGION, prefix: PREFIX, keepDefaultUser: true }),
  });
  expect(await inputsOf("acme-admin-key", changes)).toEqual({ publicKey: ED25519_A.line, tags: TAGS });
});

test("the machine starts once its addresses, its ways out, its role and everything it reads are there", async () => {
  const { registered } = await up();
  const { options } = resourceIn(registered, "acme-instance");
  const needed = registered
    .filter(({ type }) =>
      /:(?:Parameter|SecurityGroupEgressRule|Route|RouteTableAssociation|InternetGateway|EipAssociation|RolePolicy)$/.test(type),
    )
    .map(({ type, name }) => `${type}::${name}`);
  expect(needed.length).toBeGreaterThan(20);
  expect(options.dependencies).toEqual(expect.arrayContaining(needed));
});

test("a machine is made after the former one is gone, which has the network interface until then", async () => {
  expect(resourceIn((await up()).registered, "acme-instance").options).toMatchObject({ deleteBeforeReplace: true, protect: false });
});

// The image.

test.each([
  [{}, "136693071363", "debian-13-arm64-*", "arm64"],
  [{ instanceType: "t3.micro" }, "136693071363", "debian-13-amd64-*", "x86_64"],
  [{ image: "debian-12" }, "136693071363", "debian-12-arm64-*", "arm64"],
  [
    { image: "ubuntu-24.04", instanceType: "t3.micro" },
    "099720109477",
    "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*",
    "x86_64",
  ],
] as const)("with %j, the newest image is that of %s: %s", async (args, owner, name, architecture) => {
  const { called, registered } = await up(args);
  expect(called).toEqual([
    {
      token: "aws:ec2/getAmi:getAmi",
      inputs: {
        owners: [owner],
        mostRecent: true,
        filters: [
          { name: "name", values: [name] },
          { name: "architecture", values: [architecture] },
          { name: "state", values: ["available"] },
        ],
      },
    },
  ]);
  // Tomorrow's newest one is not this bastion's.
  expect(resourceIn(registered, "acme-instance").options.ignoreChanges).toEqual(["ami"]);
});

test.each<[Partial<AwsBastionArgs>, string]>([
  [{}, "debian-13 arm64"],
  [{ instanceType: "t4g.xlarge" }, "debian-13 arm64"],
  [{ instanceType: "t3.micro" }, "debian-13 x86_64"],
  [{ image: "debian-12" }, "debian-12 arm64"],
  [{ imageId: "ami-12345678" }, "debian-13 arm64"],
  [{ imageId: "ami-12345678", imageArchitecture: "arm64" }, "debian-13 arm64"],
])("with %j, a machine of another kind than %s is another machine", async (args, kind) => {
  expect(resourceIn((await up(args)).registered, "acme-instance").options.replacementTrigger).toBe(kind);
});

test("the very image that was asked for is looked at, and a change of it counts", async () => {
  const { called, registered, result } = await up({ imageId: "ami-12345678" });
  expect(called).toEqual([{ token: "aws:ec2/getAmi:getAmi", inputs: { filters: [{ name: "image-id", values: ["ami-12345678"] }] } }]);
  const { inputs, options } = resourceIn(registered, "acme-instance");
  expect([inputs.ami, options.ignoreChanges]).toEqual(["ami-12345678", []]);
  expect(await settled(result.imageId)).toBe("ami-12345678");
});

test("an image whose architecture is given is not looked at", async () => {
  const { called, registered } = await up({ imageId: "ami-12345678", imageArchitecture: "arm64" });
  expect(called).toEqual([]);
  const { inputs, options } = resourceIn(registered, "acme-instance");
  expect([inputs.ami, options.ignoreChanges]).toEqual(["ami-12345678", []]);
});

test.each([false, true])(
  "an image of the wrong architecture is refused with a remedy, before the machine is made (preview: %s)",
  async (preview) => {
    const calls = { ...AWS_ENGINE.calls, "aws:ec2/getAmi:getAmi": () => ({ architecture: "x86_64" }) };
    const { error, registered } = await up({ imageId: "ami-12345678" }, { calls, preview });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    expect((error as Error).message).toMatch(
      /imageId: the image is for x86_64 and t4g\.micro is arm64; choose an image or an instanceType of the same architecture$/,
    );
    expect(registered.filter(({ name }) => name === "acme-instance")).toEqual([]);
  },
);

// The alarm.

test("a machine that does not answer for three minutes is rebooted", async () => {
  expect(await inputsOf("acme-unresponsive")).toEqual({
    alarmDescription: "The machine of a reverse SSH bastion does not answer, and is rebooted",
    namespace: "AWS/EC2",
    metricName: "StatusCheckFailed_Instance",
    dimensions: { InstanceId: "acme-instance-id" },
    statistic: "Maximum",
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    period: 60,
    evaluationPeriods: 3,
    treatMissingData: "missing",
    alarmActions: ["arn:aws:automate:eu-central-1:ec2:reboot"],
    tags: TAGS,
  });
});

test("in another partition, the reboot and the region of the user data are that partition's", async () => {
  const outputsOf: typeof AWS_ENGINE.outputsOf = (resource) => {
    const outputs = AWS_ENGINE.outputsOf?.(resource) ?? {};
    return JSON.parse(JSON.stringify(outputs).replaceAll("arn:aws:", "arn:aws-cn:").replaceAll("eu-central-1", "cn-north-1"));
  };
  const { registered } = await up({}, { outputsOf });
  expect(resourceIn(registered, "acme-unresponsive").inputs.alarmActions).toEqual(["arn:aws-cn:automate:cn-north-1:ec2:reboot"]);
  expect(resourceIn(registered, "acme-instance").inputs.userData).toContain(
    `{"cloud":"aws","region":"cn-north-1","prefix":"${PREFIX}"}`.replaceAll('"', '\\"'),
  );
});

// Previews.

test("a preview says what it can of the machine, and what it cannot is unknown", async () => {
  const unknown = pulumi.runtime.unknownValue;
  const { registered } = await up(EXISTING, { preview: true, outputsOf: () => ({}) });
  expect(resourceIn(registered, "acme-instance").inputs).toEqual({ ...INSTANCE, userData: unknown, iamInstanceProfile: unknown });
});

test("a preview of what exists knows the user data: nothing would be replaced", async () => {
  const { registered } = await up({}, { preview: true });
  expect(resourceIn(registered, "acme-instance").inputs).toEqual(INSTANCE);
});
