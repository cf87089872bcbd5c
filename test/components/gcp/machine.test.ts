import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { GcpBastionArgs } from "../../../components/gcp/gcp-bastion.ts";
import { renderStartupScript } from "../../../components/host/startup-script.ts";
import { settled } from "../../support/engine.ts";
import { inputsOf, LABELS, SERVICE_ACCOUNT, SUFFIX, up } from "../../support/gcp-bastion.ts";
import { EXISTING, metadataOf, newestImage, PRIVATE_IP, PROJECT, PUBLIC_IP, SUBNETWORK_LINK, ZONE } from "../../support/gcp-engine.ts";
import { ED25519_A } from "../../support/keys.ts";
import { resourceIn } from "../../support/registered.ts";

const cidrs = ["192.0.2.0/24"];
const imageId = "projects/debian-cloud/global/images/debian-13-trixie-v20261110";
const kmsKeyName = "projects/acme-data-prod/locations/europe-west3/keyRings/bastions/cryptoKeys/disk";
const STARTUP_SCRIPT = renderStartupScript({ project: PROJECT, secret: `reverse-bastion-acme-${SUFFIX}` });

const INSTANCE = {
  zone: ZONE,
  machineType: "e2-micro",
  description: "Reverse SSH bastion",
  networkInterfaces: [
    { subnetwork: "acme-subnetwork-id", networkIp: PRIVATE_IP, accessConfigs: [{ natIp: PUBLIC_IP, networkTier: "PREMIUM" }] },
  ],
  bootDisk: { autoDelete: true, initializeParams: { image: newestImage("debian-13"), type: "pd-balanced", size: 10, labels: LABELS } },
  serviceAccount: { email: SERVICE_ACCOUNT, scopes: ["https://www.googleapis.com/auth/cloud-platform"] },
  shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
  scheduling: { automaticRestart: true, onHostMaintenance: "MIGRATE" },
  allowStoppingForUpdate: true,
  labels: LABELS,
};
const SETTINGS = {
  "block-project-ssh-keys": "TRUE",
  "enable-oslogin": "TRUE",
  "serial-port-enable": "FALSE",
  "startup-script": STARTUP_SCRIPT,
};

/** The inputs of the machine without those of its mailbox. */
const machineWith = async (args: Partial<GcpBastionArgs> = {}) => {
  const { metadata, ...inputs } = await inputsOf("acme-instance", args);
  const settings = Object.entries(metadata as Record<string, string>).filter(([key]) => !key.startsWith("reverse-bastion-"));
  return { ...inputs, metadata: Object.fromEntries(settings) };
};

test("the machine: shielded, its own addresses and account, nobody's keys, and nothing else", async () => {
  expect(await machineWith()).toEqual({ ...INSTANCE, metadata: SETTINGS });
});

test("what the author chooses reaches the machine", async () => {
  const { initializeParams, ...disk } = INSTANCE.bootDisk;
  expect(
    await machineWith({
      ...EXISTING,
      privateOnly: true,
      machineType: "n4-highcpu-2",
      diskSizeGib: 20,
      kmsKeyName,
      secureBoot: false,
      imageId,
    }),
  ).toEqual({
    ...INSTANCE,
    machineType: "n4-highcpu-2",
    networkInterfaces: [{ subnetwork: SUBNETWORK_LINK, networkIp: PRIVATE_IP, accessConfigs: [] }],
    bootDisk: {
      ...disk,
      kmsKeySelfLink: kmsKeyName,
      initializeParams: { ...initializeParams, image: imageId, type: "hyperdisk-balanced", size: 20 },
    },
    shieldedInstanceConfig: { ...INSTANCE.shieldedInstanceConfig, enableSecureBoot: false },
    metadata: SETTINGS,
  });
});

test("on arm64 there is no secure boot, and nothing is said about it", async () => {
  expect(await inputsOf("acme-instance", { machineType: "t2a-standard-1" })).not.toHaveProperty("shieldedInstanceConfig");
});

test("the machine starts once its firewall, its account's right and its host keys are there", async () => {
  const { registered } = await up({ admin: { osLogin: true, cidrs } });
  const needed = registered
    .filter(({ type }) => /:(?:Firewall|SecretVersion|SecretIamMember|Address|Subnetwork|Account)$/.test(type))
    .map(({ type, name }) => `${type}::${name}`);
  expect(needed).toHaveLength(10);
  expect(resourceIn(registered, "acme-instance").options.dependencies).toEqual(expect.arrayContaining(needed));
});

test("a machine is made after the former one is gone, which has the addresses until then", async () => {
  expect(resourceIn((await up()).registered, "acme-instance").options).toMatchObject({ deleteBeforeReplace: true, protect: false });
});

// Who else may log in.

test("without an admin, and with one by IAM, OS Login keeps everybody's keys in metadata out", async () => {
  for (const args of [{}, { admin: { osLogin: true, cidrs } }]) expect((await machineWith(args)).metadata).toEqual(SETTINGS);
});

test.each([
  ["", {}, "bastion-admin", "bastion-admin"],
  [" jane.doe@example.com", {}, "bastion-admin", "jane.doe@example.com"],
  [" google-ssh jane.doe@example.com", { user: "jane_doe" }, "jane_doe", "jane.doe@example.com"],
  [" it's me <b>", { user: "jane" }, "jane", "jane"],
])("an admin's key with the comment %j is that of %j", async (comment, more, user, told) => {
  const { metadata } = await machineWith({ admin: { publicKey: ED25519_A.line + comment, cidrs, ...more } });
  expect(metadata).toEqual({ ...SETTINGS, "enable-oslogin": "FALSE", "ssh-keys": `${user}:${ED25519_A.line} ${told}` });
});

// The image.

test.each([
  [{}, "debian-cloud", "debian-13"],
  [{ machineType: "t2a-standard-1" }, "debian-cloud", "debian-13-arm64"],
  [{ image: "debian-12" }, "debian-cloud", "debian-12"],
  [{ image: "debian-12", machineType: "c4a-standard-1" }, "debian-cloud", "debian-12-arm64"],
  [{ image: "ubuntu-24.04" }, "ubuntu-os-cloud", "ubuntu-2404-lts-amd64"],
  [{ image: "ubuntu-24.04", machineType: "n4a-standard-1" }, "ubuntu-os-cloud", "ubuntu-2404-lts-arm64"],
] as const)("with %j, the newest image is that of %s in the family %s", async (args, project, family) => {
  const { called, registered } = await up(args);
  expect(called).toEqual([{ token: "gcp:compute/getImage:getImage", inputs: { project, family } }]);
  const { inputs, options } = resourceIn(registered, "acme-instance");
  expect(inputs.bootDisk).toMatchObject({ initializeParams: { image: newestImage(family, project) } });
  // Tomorrow's newest one is not this bastion's, and other labels are no other disk.
  expect(options.ignoreChanges.toSorted()).toEqual(["bootDisk.initializeParams.image", "bootDisk.initializeParams.labels"]);
});

test.each<[Partial<GcpBastionArgs>, string]>([
  [{}, "debian-13 x86_64"],
  [{ machineType: "n2-standard-2" }, "debian-13 x86_64"],
  [{ machineType: "c4a-standard-1" }, "debian-13 arm64"],
  [{ image: "debian-12" }, "debian-12 x86_64"],
  [{ imageId }, "debian-13 x86_64"],
])("with %j, a machine of another kind than %s is another machine", async (args, kind) => {
  expect(resourceIn((await up(args)).registered, "acme-instance").options.replacementTrigger).toBe(kind);
});

test("the very image that was asked for is not looked up, and a change of it counts", async () => {
  const { called, registered, result } = await up({ imageId });
  expect(called).toEqual([]);
  expect(resourceIn(registered, "acme-instance").options.ignoreChanges).toEqual(["bootDisk.initializeParams.labels"]);
  expect(await settled(result.imageId)).toBe(imageId);
});

// Previews.

test("a preview says what it can of the machine, and what it cannot is unknown", async () => {
  const unknown = pulumi.runtime.unknownValue;
  const { registered } = await up(EXISTING, { preview: true, outputsOf: () => ({}) });
  const { metadata, ...inputs } = resourceIn(registered, "acme-instance").inputs as Record<string, Record<string, string>>;
  expect(inputs).toEqual({
    ...INSTANCE,
    networkInterfaces: [{ subnetwork: SUBNETWORK_LINK, networkIp: unknown, accessConfigs: [{ natIp: unknown, networkTier: "PREMIUM" }] }],
    serviceAccount: { ...INSTANCE.serviceAccount, email: unknown },
  });
  const notKnown = Object.keys(metadata ?? {}).filter((key) => metadata?.[key] === unknown);
  expect(notKnown.sort()).toEqual([
    "reverse-bastion-host-keys-manifest",
    "reverse-bastion-key-set-1",
    "reverse-bastion-key-set-manifest",
    "startup-script",
  ]);
});

test("a preview of what exists knows all of it: nothing would be changed", async () => {
  const { registered } = await up({}, { preview: true });
  expect(metadataOf(registered)).toEqual(metadataOf((await up()).registered));
  expect(Object.values(metadataOf(registered))).not.toContain(pulumi.runtime.unknownValue);
});
