import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeNetwork, TestAccount } from "../test-account.ts";

let account: TestAccount;

beforeEach(() => {
  account = new TestAccount();
});

afterEach(() => account.dispose());

describe("AWS refuses of an instance", () => {
  test.each<[string, string, Record<string, unknown>]>([
    ["an image id that is none", "InvalidAMIID.Malformed", { ami: "debian" }],
    ["an image of nobody's", "InvalidAMIID.NotFound", { ami: "ami-00000000000000000" }],
    ["an arm64 image on x86", "InvalidParameterValue", { instanceType: "t3.micro" }],
    ["a type of nobody's", "InvalidParameterValue", { instanceType: "t4g.tiny" }],
    ["a profile of nobody's", "InvalidParameterValue", { iamInstanceProfile: "nobody" }],
    ["a key pair of nobody's", "InvalidKeyPair.NotFound", { keyName: "nobody" }],
    ["a subnet of nobody's", "InvalidSubnetID.NotFound", { subnetId: "subnet-0" }],
    ["a group of nobody's", "InvalidGroup.NotFound", { vpcSecurityGroupIds: ["sg-0"] }],
    ["another zone than the subnet's", "InvalidParameterValue", { availabilityZone: "eu-central-1b" }],
    ["a disk smaller than the image's", "InvalidBlockDeviceMapping", { rootBlockDevice: { volumeSize: 4 } }],
    ["16385 bytes of encoded user data", "InvalidParameterValue", { userDataBase64: Buffer.alloc(16385).toString("base64") }],
    ["a reserved tag of a disk", "InvalidParameterValue", { volumeTags: { "aws:x": "y" } }],
  ])("%s", async (_what, code, parts) => {
    const { subnet, group } = await makeNetwork(account);
    const inputs = {
      ami: account.image("arm64"),
      instanceType: "t4g.micro",
      subnetId: subnet.id,
      vpcSecurityGroupIds: [group.id],
      ...parts,
    };
    expect(await account.refusal(() => account.make("instance", inputs))).toBe(code);
    expect(account.world.records("aws:ec2/instance:Instance")).toEqual({});
    expect(account.world.records("aws:ec2/networkInterface:NetworkInterface")).toEqual({});
  });

  test("an interface that another one has", async () => {
    const { subnet } = await makeNetwork(account);
    const { id } = await account.make("networkInterface", { subnetId: subnet.id });
    const inputs = { ami: account.image("arm64"), instanceType: "t4g.micro", primaryNetworkInterface: { networkInterfaceId: id } };
    await account.make("instance", inputs);
    expect(await account.refusal(() => account.make("instance", inputs))).toBe("InvalidNetworkInterface.InUse");
  });

  test("its termination while that is disabled", async () => {
    const { subnet } = await makeNetwork(account);
    const inputs = { ami: account.image("arm64"), instanceType: "t4g.micro", subnetId: subnet.id, disableApiTermination: true };
    const instance = await account.make("instance", inputs);
    expect(await account.refusal(() => account.remove("instance", instance))).toBe("OperationNotPermitted");
    await account.remove("instance", await account.update("instance", instance, { ...inputs, disableApiTermination: false }));
  });
});
