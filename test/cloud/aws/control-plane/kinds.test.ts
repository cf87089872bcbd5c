import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../plugin/values.ts";
import { isSecret, secret, UNKNOWN_VALUE } from "../../plugin/values.ts";
import { makeNetwork, type Network, REGION, TestAccount, TRUST } from "./test-account.ts";
import { TYPE } from "./types.ts";

let account: TestAccount;

beforeEach(() => {
  account = new TestAccount();
});

afterEach(() => account.dispose());

/** Inputs of an instance with an interface of its own. */
async function instanceInputs({ subnet, group }: Network): Promise<Properties> {
  const { id } = await account.make("networkInterface", { subnetId: subnet.id, securityGroups: [group.id] });
  const primaryNetworkInterface = { networkInterfaceId: id };
  return { ami: account.image("arm64"), instanceType: "t4g.nano", userData: "#cloud-config\n", primaryNetworkInterface };
}

describe("what a change does to", () => {
  test.each<[string, Properties, string]>([
    ["nothing", {}, "same"],
    ["a new image", { ami: "ami-00000000000000000" }, "replace ami"],
    ["a type", { instanceType: "t4g.micro" }, "update instanceType"],
    ["user data", { userData: "new" }, "update userData"],
    ["user data of which that was asked", { userData: "new", userDataReplaceOnChange: true }, "replace userData"],
    ["a key pair", { keyName: "admin" }, "replace keyName"],
    ["metadata options as they are", { metadataOptions: { httpEndpoint: "enabled" } }, "same"],
    ["metadata options", { metadataOptions: { httpTokens: "required" } }, "update metadataOptions.httpTokens"],
    ["the disk's size", { rootBlockDevice: { volumeSize: 20 } }, "update rootBlockDevice.volumeSize"],
    ["the disk's encryption", { rootBlockDevice: { encrypted: true } }, "replace rootBlockDevice.encrypted"],
    [
      "another interface",
      { primaryNetworkInterface: { networkInterfaceId: "eni-0" } },
      "replace primaryNetworkInterface.networkInterfaceId",
    ],
    ["what is not known yet", { ami: UNKNOWN_VALUE }, "replace ami"],
    ["tags", { tags: { a: "b" } }, "update tags"],
  ])("an instance: %s", async (_what, parts, planned) => {
    const inputs = await instanceInputs(await makeNetwork(account));
    const instance = await account.make("instance", inputs);
    expect(account.plan("instance", instance, { ...inputs, ...parts })).toBe(planned);
  });

  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f admin";

  test.each<[Parameters<TestAccount["make"]>[0], Properties, Properties, string]>([
    ["parameter", { name: "/a", type: "String", value: "x" }, { value: "y" }, "update value"],
    ["parameter", { name: "/a", type: "String", value: "x" }, { type: "SecureString" }, "update type"],
    ["parameter", { name: "/a", type: "String", value: "x" }, { name: "/b" }, "replace name"],
    ["parameter", { name: "/a", type: "String", value: "x" }, { tier: "Intelligent-Tiering" }, "same"],
    ["parameter", { name: "/a", type: "String", value: "x", tier: "Advanced" }, { tier: "Standard" }, "delete and create tier"],
    ["role", { assumeRolePolicy: TRUST }, { assumeRolePolicy: JSON.stringify(TRUST, null, 2) }, "same"],
    ["role", { assumeRolePolicy: TRUST }, { description: "new" }, "update description"],
    ["role", { assumeRolePolicy: TRUST, name: "fixed" }, { path: "/new/" }, "delete and create path"],
    ["role", { assumeRolePolicy: TRUST }, { path: "/new/" }, "replace path"],
    ["keyPair", { publicKey: key }, { publicKey: `${key}\n` }, "same"],
    ["keyPair", { publicKey: key }, { publicKey: `${key}2` }, "replace publicKey"],
    ["eip", {}, { tags: { a: "b" } }, "update tags"],
    ["vpc", { cidrBlock: "10.0.0.0/16" }, { cidrBlock: "10.1.0.0/16" }, "replace cidrBlock"],
    ["vpc", { cidrBlock: "10.0.0.0/16" }, { enableDnsHostnames: true }, "update enableDnsHostnames"],
  ])("a %s of %j: %j", async (kind, inputs, parts, planned) => {
    const made = await account.make(kind, inputs);
    expect(account.plan(kind, made, { ...inputs, ...parts })).toBe(planned);
  });

  test("a security group: its description and its name need another", async () => {
    const { vpc, group } = await makeNetwork(account);
    expect(account.plan("securityGroup", group, { vpcId: vpc.id, description: "Another" })).toBe("replace description");
    expect(account.plan("securityGroup", group, { vpcId: vpc.id, description: "A bastion", name: "named" })).toBe("replace name");
  });
});

describe("AWS fills in", () => {
  test("addresses, in order and never twice", async () => {
    const { subnet } = await makeNetwork(account);
    const made = [];
    for (const ipv6AddressCount of [1, 1, 0])
      made.push((await account.make("networkInterface", { subnetId: subnet.id, ipv6AddressCount })).state);
    expect(made.map(({ privateIps }) => privateIps)).toEqual([["10.20.1.4"], ["10.20.1.5"], ["10.20.1.6"]]);
    expect(made.map(({ ipv6Addresses }) => ipv6Addresses)).toEqual([["2001:db8:0:1::4"], ["2001:db8:0:1::5"], []]);
    const eips = [await account.make("eip", {}), await account.make("eip", {})];
    expect(eips.map(({ state }) => state.publicIp)).toEqual(["192.0.2.129", "192.0.2.130"]);
  });

  test("an instance's identity and defaults", async () => {
    const inputs = await instanceInputs(await makeNetwork(account));
    const { id, state } = await account.make("instance", { ...inputs, metadataOptions: { httpTokens: "required" } });
    expect(id).toMatch(/^i-0[0-9a-f]{16}$/);
    expect(state).toMatchObject({
      arn: `arn:aws:ec2:${REGION}:123456789012:instance/${id}`,
      availabilityZone: "eu-central-1a",
      instanceState: "running",
      metadataOptions: { httpEndpoint: "enabled", httpPutResponseHopLimit: 1, httpTokens: "required" },
      privateIp: "10.20.1.4",
      rootBlockDevice: { deviceName: "/dev/xvda", encrypted: false, volumeSize: 8, volumeType: "gp3" },
      userData: "#cloud-config\n",
    });
  });

  test("the public address of an instance once an elastic one points at it, and none afterwards", async () => {
    const inputs = await instanceInputs(await makeNetwork(account));
    const { id } = await account.make("instance", inputs);
    const eip = await account.make("eip", {});
    const association = await account.make("eipAssociation", { allocationId: eip.id, instanceId: id });
    expect(account.world.find(TYPE.instance, id)).toMatchObject({ publicIp: "192.0.2.129", associatePublicIpAddress: true });
    await account.remove("eipAssociation", association);
    expect(account.world.find(TYPE.instance, id)).toMatchObject({ publicIp: "", associatePublicIpAddress: false });
  });

  test("the tier and the version of a parameter, whose value is secret", async () => {
    const inputs = { name: "/a", type: "SecureString", tier: "Intelligent-Tiering", value: secret("x".repeat(5000)) };
    const made = await account.make("parameter", inputs);
    expect(made.state).toMatchObject({ tier: "Advanced", version: 1, keyId: "alias/aws/ssm" });
    expect(isSecret(made.state.value)).toBe(true);
    const updated = await account.update("parameter", made, { ...inputs, value: secret("y"), tags: { a: "b" } });
    expect(updated.state).toMatchObject({ tier: "Advanced", version: 2, value: secret("y"), tagsAll: { a: "b" } });
  });

  test("a name of the provider's choice, kept from then on", async () => {
    const made = await account.make("role", { assumeRolePolicy: TRUST }, "bastion");
    expect(made.id).toMatch(/^bastion-[0-9a-f]{7}$/);
    expect(account.check("role", { assumeRolePolicy: TRUST }, "bastion", made.inputs).name).toBe(made.id);
  });

  test("the provider's default tags, under the resource's own", async () => {
    account.provider.configure({ region: REGION, defaultTags: JSON.stringify({ tags: { owner: "platform", stack: "a" } }) });
    const { state } = await account.make("eip", { tags: { stack: "b" } });
    expect(state.tagsAll).toEqual({ owner: "platform", stack: "b" });
  });
});

describe("calls", () => {
  test("of an instance's life", async () => {
    const inputs = await instanceInputs(await makeNetwork(account));
    const reads = ["Instances", "InstanceTypes", "Volumes", "InstanceAttribute", "InstanceCreditSpecifications", "Tags"].map(
      (what) => `ec2:Describe${what}`,
    );
    let count = account.world.calls().length;
    const actions = () => {
      const since = account.actionsSince(count);
      count += since.length;
      return since;
    };
    const instance = await account.make("instance", { ...inputs, tags: { a: "b" } });
    expect(actions()).toEqual(["ec2:CreateTags", "ec2:RunInstances", "ec2:DescribeInstances", ...reads]);
    const changed = await account.update("instance", instance, { ...inputs, instanceType: "t4g.micro" });
    expect(actions()).toEqual([
      "ec2:StopInstances",
      "ec2:DescribeInstances",
      "ec2:DeleteTags",
      "ec2:ModifyInstanceAttribute",
      "ec2:StartInstances",
      "ec2:DescribeInstances",
      ...reads,
    ]);
    await account.remove("instance", changed);
    expect(actions()).toEqual(["ec2:TerminateInstances", "ec2:DescribeInstances"]);
  });

  test("that take away what lets everything out of a new group", async () => {
    const { vpc } = await makeNetwork(account);
    const count = account.world.calls().length;
    await account.make("securityGroup", { vpcId: vpc.id });
    expect(account.actionsSince(count)).toEqual([
      "ec2:CreateSecurityGroup",
      "ec2:DescribeSecurityGroups",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:DescribeSecurityGroups",
    ]);
  });

  test("of which one fails for good before it acts", async () => {
    await account.world.addFault({ action: "ec2:AllocateAddress", kind: "fail", code: "Client.Busy", message: "come back later" });
    expect(await account.refusal(() => account.make("eip", {}))).toBe("Client.Busy");
    expect(account.world.records(TYPE.eip)).toEqual({});
    expect(account.world.calls().at(-1)).toMatchObject({ action: "ec2:AllocateAddress", outcome: "Client.Busy" });
  });

  test("that are throttled and made again", async () => {
    await account.world.addFault({ action: "ssm:PutParameter", kind: "throttle", times: 2 });
    await account.make("parameter", { name: "/a", type: "String", value: "x" });
    const outcomes = account.world.calls().map(({ outcome }) => outcome);
    expect(outcomes.slice(0, 3)).toEqual(["ThrottlingException", "ThrottlingException", "ok"]);
  });
});

test("a machine the host will not start is terminated, lets go of its interface, and its creation fails", async () => {
  const heard: string[] = [];
  const host = createServer((socket) => {
    socket.on("data", (data) => {
      heard.push(data.toString());
      socket.end('{"ok":false,"reason":"no room"}\n');
    });
    socket.on("error", () => {});
  });
  const inputs = await instanceInputs(await makeNetwork(account));
  await new Promise<void>((resolve) => host.listen(account.world.machineSocket, resolve));
  try {
    expect(await account.refusal(() => account.make("instance", inputs))).toBe("Server.InternalError");
  } finally {
    host.close();
  }
  const [[id, record]] = Object.entries(account.world.records(TYPE.instance)) as [[string, Properties]];
  expect(heard).toEqual([`{"do":"start","instance":"${id}"}\n`]);
  expect(record.instanceState).toBe("terminated");
  expect(await account.provider.read(account.urn("instance", "it"), id, {}, {})).toBeUndefined();
  const [network] = Object.values(account.world.records(TYPE.networkInterface));
  expect(network?.attachments).toEqual([]);
});

test("an association that was taken over by another one is gone", async () => {
  const network = await makeNetwork(account);
  const eip = await account.make("eip", {});
  const made = [];
  for (let number = 1; number <= 2; number += 1) {
    const { id } = await account.make("networkInterface", { subnetId: network.subnet.id });
    made.push(await account.make("eipAssociation", { allocationId: eip.id, networkInterfaceId: id }));
  }
  const [former, latter] = made;
  expect(Object.keys(account.world.records(TYPE.eipAssociation))).toEqual([latter?.id]);
  await account.remove("eipAssociation", former as (typeof made)[number]);
  expect(account.world.find(TYPE.eip, eip.id)).toMatchObject({ associationId: latter?.id });
});

test("an instance has the groups its interface was given later", async () => {
  const network = await makeNetwork(account);
  const given = { subnetId: network.subnet.id, securityGroups: [network.group.id] };
  const made = await account.make("networkInterface", given);
  const primaryNetworkInterface = { networkInterfaceId: made.id };
  const { id } = await account.make("instance", { ami: account.image("arm64"), instanceType: "t4g.nano", primaryNetworkInterface });
  const other = await account.make("securityGroup", { vpcId: network.vpc.id });
  await account.update("networkInterface", made, { ...given, securityGroups: [other.id] });
  expect(account.world.find(TYPE.instance, id)).toMatchObject({ vpcSecurityGroupIds: [other.id] });
});
