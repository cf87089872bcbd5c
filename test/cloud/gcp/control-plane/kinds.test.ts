import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isSecret, type Properties, secret, UNKNOWN_VALUE } from "../../plugin/values.ts";
import { instanceInputs, makeNetwork, PROJECT, TestProject, withAddress, ZONE } from "./test-project.ts";
import { TYPE } from "./types.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

const IMAGES = "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images";
const disk = (image: string, parts: Properties = {}) => ({ bootDisk: { ...parts, initializeParams: { image } } });

describe("what a change does to", () => {
  test.each<[string, Properties, string]>([
    ["nothing", {}, "same"],
    ["a name", { name: "named" }, "replace name"],
    ["a zone", { zone: "europe-west3-b" }, "replace zone"],
    ["the zone by a link", { zone: `projects/${PROJECT}/zones/${ZONE}` }, "same"],
    ["the family's newest image", disk("debian-13"), "same"],
    ["the image of the family", disk(`${IMAGES}/debian-13-trixie-v20261110`), "same"],
    ["another image", disk(`${IMAGES}/debian-13-trixie-v20260915`), "replace bootDisk.initializeParams.image"],
    ["another family", disk("debian-cloud/debian-12"), "replace bootDisk.initializeParams.image"],
    ["a family for arm64", disk("debian-cloud/debian-13-arm64"), "replace bootDisk.initializeParams.image"],
    ["what becomes of its disk", disk("debian-cloud/debian-13", { autoDelete: false }), "update bootDisk.autoDelete"],
    ["a machine type", { machineType: "e2-small" }, "update machineType"],
    ["the machine type by a link", { machineType: `zones/${ZONE}/machineTypes/e2-micro` }, "same"],
    ["metadata", { metadata: { "startup-script": "#!/bin/sh\n", a: "b" } }, "update metadata"],
    ["a startup script of its own property", { metadata: {}, metadataStartupScript: "#!/bin/sh\n" }, "replace metadataStartupScript"],
    ["labels", { labels: { a: "b" } }, "update labels"],
    ["tags", { tags: ["a"] }, "update tags"],
    ["scopes by their whole names", { serviceAccount: { scopes: ["https://www.googleapis.com/auth/cloud-platform"] } }, "same"],
    ["a shield as it is", { shieldedInstanceConfig: { enableVtpm: true } }, "same"],
    ["a shield", { shieldedInstanceConfig: { enableSecureBoot: true } }, "update shieldedInstanceConfig.enableSecureBoot"],
    ["a host name", { hostname: "a.example.com" }, "replace hostname"],
    ["a policy of resources", { resourcePolicies: "daily" }, "replace resourcePolicies"],
    ["what is not known yet", { networkInterfaces: UNKNOWN_VALUE }, "replace networkInterfaces"],
  ])("an instance: %s", async (_what, parts, planned) => {
    const made = await makeNetwork(project);
    const inputs = instanceInputs(made);
    const instance = await project.make("instance", inputs);
    expect(project.plan("instance", instance, { ...inputs, ...parts })).toBe(planned);
  });

  test("an instance's interface: its external address changes in place, its internal one does not", async () => {
    const made = await makeNetwork(project);
    const instance = await project.make("instance", instanceInputs(made));
    const { subnetwork } = made;
    const { address } = (await project.make("address", {})).state;
    const external = instanceInputs(made, withAddress(subnetwork, address));
    expect(project.plan("instance", instance, external)).toBe("update networkInterfaces");
    const inside = (networkIp: string) => instanceInputs(made, { networkInterfaces: [{ subnetwork: subnetwork.id, networkIp }] });
    expect(project.plan("instance", instance, inside("10.20.0.2"))).toBe("same");
    expect(project.plan("instance", instance, inside("10.20.0.3"))).toBe("replace networkInterfaces");
    const { state } = await project.update("instance", instance, external);
    expect(state.networkInterfaces).toMatchObject([{ networkIp: "10.20.0.2", accessConfigs: [{ natIp: "192.0.2.129" }] }]);
  });

  test.each<[Parameters<TestProject["make"]>[0], Properties, Properties, string]>([
    ["network", { autoCreateSubnetworks: false }, { routingMode: "GLOBAL" }, "update routingMode"],
    ["network", { autoCreateSubnetworks: false, name: "fixed" }, { mtu: 1500 }, "delete and create mtu"],
    ["address", {}, { labels: { a: "b" } }, "update labels"],
    ["address", {}, { region: "us-east1" }, "replace region"],
    ["address", {}, { networkTier: "PREMIUM" }, "same"],
    ["address", {}, { networkTier: "STANDARD" }, "replace networkTier"],
    ["serviceAccount", {}, { displayName: "A bastion" }, "update displayName"],
    ["serviceAccount", {}, { accountId: "bastion" }, "replace accountId"],
    ["secret", { replication: { auto: {} } }, { labels: { a: "b" } }, "update labels"],
    ["secret", { replication: { auto: {} } }, { secretId: "named" }, "replace secretId"],
    [
      "secret",
      { replication: { auto: {} } },
      { replication: { userManaged: { replicas: [{ location: "europe-west3" }] } } },
      "replace replication.userManaged",
    ],
    [
      "recordSet",
      { managedZone: "ssh-example-com", name: "a.ssh.example.com.", type: "A", ttl: 60, rrdatas: ["192.0.2.129"] },
      { rrdatas: ["192.0.2.130"], ttl: 30 },
      "update rrdatas ttl",
    ],
  ])("a %s of %j: %j", async (kind, inputs, parts, planned) => {
    const made = await project.make(kind, inputs);
    const { auto: _, ...replication } = (parts.replication ?? { auto: {} }) as Properties;
    const replaced = parts.replication === undefined ? {} : { replication };
    expect(project.plan(kind, made, { ...inputs, ...parts, ...replaced })).toBe(planned);
  });

  test("a subnetwork: its range may grow, and no more", async () => {
    const { network, subnetwork } = await makeNetwork(project);
    const plan = (ipCidrRange: string) => project.plan("subnetwork", subnetwork, { network: network.id, ipCidrRange });
    expect(plan("10.20.0.0/23")).toBe("update ipCidrRange");
    expect(plan("10.20.0.0/25")).toBe("replace ipCidrRange");
  });

  test("a rule: all of it in place, but where it is and which way", async () => {
    const { network } = await makeNetwork(project);
    const rule = { network: network.id, sourceRanges: ["198.51.100.0/24"], allows: [{ protocol: "tcp", ports: ["2222"] }] };
    const made = await project.make("firewall", rule);
    const plan = (parts: Properties) => project.plan("firewall", made, { ...rule, ...parts });
    expect(plan({ network: network.state.selfLink, allows: [{ protocol: "TCP", ports: ["2222"] }] })).toBe("same");
    expect(plan({ priority: 900, sourceRanges: ["::/0"] })).toBe("update priority sourceRanges");
    expect(plan({ allows: undefined, denies: [{ protocol: "all" }] })).toBe("update allows denies");
    expect(plan({ direction: "EGRESS" })).toBe("replace direction");
  });
});

describe("GCP fills in", () => {
  test("addresses, in order and never twice, past those that are reserved", async () => {
    const made = await makeNetwork(project);
    const reserved = await project.make("address", { addressType: "INTERNAL", subnetwork: made.subnetwork.id });
    expect(reserved.state).toMatchObject({ address: "10.20.0.2", networkTier: "", purpose: "GCE_ENDPOINT", users: [] });
    const external = await project.make("address", {});
    expect(external.state).toMatchObject({ address: "192.0.2.129", addressType: "EXTERNAL", networkTier: "PREMIUM" });
    const next = await project.make(
      "instance",
      instanceInputs(made, { networkInterfaces: [{ subnetwork: made.subnetwork.id, accessConfigs: [{}] }] }),
    );
    expect(next.state.networkInterfaces).toMatchObject([
      { networkIp: "10.20.0.3", accessConfigs: [{ natIp: "192.0.2.130", networkTier: "PREMIUM" }] },
    ]);
    const networkInterfaces = [
      { subnetwork: made.subnetwork.id, networkIp: reserved.state.address, accessConfigs: [{ natIp: external.state.address }] },
    ];
    const own = await project.make("instance", instanceInputs(made, { networkInterfaces }));
    for (const { id } of [reserved, external]) expect(project.world.find(TYPE.address, id)).toMatchObject({ users: [own.state.selfLink] });
    await project.remove("instance", own);
    expect(project.world.find(TYPE.address, external.id)).toMatchObject({ users: [] });
  });

  test("an instance's identity and defaults", async () => {
    const made = await makeNetwork(project);
    const { id, state } = await project.make("instance", instanceInputs(made), "bastion");
    expect(id).toMatch(/^projects\/acme-platform\/zones\/europe-west3-a\/instances\/bastion-[0-9a-f]{7}$/);
    expect(state).toMatchObject({
      bootDisk: {
        autoDelete: true,
        initializeParams: { image: `${IMAGES}/debian-13-trixie-v20261110`, size: 10, type: "pd-standard", architecture: "X86_64" },
      },
      currentStatus: "RUNNING",
      instanceId: expect.stringMatching(/^\d{19}$/),
      scheduling: { automaticRestart: true, onHostMaintenance: "MIGRATE", preemptible: false, provisioningModel: "STANDARD" },
      selfLink: `https://www.googleapis.com/compute/v1/${id}`,
      serviceAccount: { scopes: ["https://www.googleapis.com/auth/cloud-platform"] },
      shieldedInstanceConfig: { enableIntegrityMonitoring: true, enableSecureBoot: false, enableVtpm: true },
    });
  });

  test("no service account of its own accord, and the project's default one where no address is given", async () => {
    const made = await makeNetwork(project);
    const without = await project.make("instance", instanceInputs(made, { serviceAccount: undefined }));
    expect(without.state.serviceAccount).toBeUndefined();
    const fallback = await project.make("instance", instanceInputs(made, { serviceAccount: { scopes: [] } }));
    expect(fallback.state.serviceAccount).toEqual({ email: "123456789012-compute@developer.gserviceaccount.com", scopes: [] });
  });

  test("labels of the provider's configuration and Pulumi's own, under the resource's", async () => {
    project.provider.configure({ project: PROJECT, zone: ZONE, defaultLabels: JSON.stringify({ owner: "platform", stack: "a" }) });
    const made = await project.make("address", { labels: { stack: "b" } });
    const all = { "goog-pulumi-provisioned": "true", owner: "platform", stack: "b" };
    expect(made.state).toMatchObject({ labels: { stack: "b" }, effectiveLabels: all, pulumiLabels: all });
    const { state } = await project.update("address", made, { labels: { stack: "c" } });
    expect(state.effectiveLabels).toEqual({ ...all, stack: "c" });
  });

  test("versions of a secret, whose value is secret", async () => {
    const { id } = await project.make("secret", { replication: { auto: {} } }, "keys");
    const made = await project.make("secretVersion", { secret: id, secretData: secret("x") });
    expect(made.id).toMatch(/^projects\/123456789012\/secrets\/keys-[0-9a-f]{7}\/versions\/1$/);
    expect(isSecret(made.state.secretData)).toBe(true);
    expect(project.plan("secretVersion", made, { secret: id, secretData: secret("y") })).toBe("replace secretData");
  });

  test("a service account's address", async () => {
    const { state } = await project.make("serviceAccount", { accountId: "bastion" });
    const email = "bastion@acme-platform.iam.gserviceaccount.com";
    expect(state).toMatchObject({ email, member: `serviceAccount:${email}`, name: `projects/acme-platform/serviceAccounts/${email}` });
  });
});

test("calls of an instance's life, by the permissions they need", async () => {
  const made = await makeNetwork(project);
  const { address } = (await project.make("address", {})).state;
  let count = project.world.calls().length;
  const actions = () => {
    const since = project.actionsSince(count);
    count += since.length;
    return since;
  };
  const reads = ["compute.instances.get", "compute.disks.get"];
  const inputs = instanceInputs(made, { ...withAddress(made.subnetwork, address), allowStoppingForUpdate: true });
  const instance = await project.make("instance", inputs);
  expect(actions()).toEqual([
    "compute.zones.get",
    "compute.images.getFromFamily",
    "compute.subnetworks.use",
    "compute.subnetworks.useExternalIp",
    "compute.addresses.use",
    "compute.disks.create",
    "compute.instances.setMetadata",
    "compute.instances.setLabels",
    "compute.instances.setServiceAccount",
    "iam.serviceAccounts.actAs",
    "compute.instances.create",
    "compute.zoneOperations.get",
    ...reads,
  ]);
  const changed = await project.update("instance", instance, { ...inputs, machineType: "e2-small", metadata: { a: "b" } });
  expect(changed.state.metadataFingerprint).not.toBe(instance.state.metadataFingerprint);
  expect(actions()).toEqual([
    "compute.instances.setMetadata",
    "compute.zoneOperations.get",
    "compute.instances.stop",
    "compute.zoneOperations.get",
    "compute.instances.setMachineType",
    "compute.zoneOperations.get",
    "compute.instances.start",
    "compute.zoneOperations.get",
    ...reads,
  ]);
  await project.remove("instance", changed);
  expect(actions()).toEqual(["compute.instances.delete", "compute.zoneOperations.get"]);
});

test("calls that are throttled are made again; one that is refused is not", async () => {
  await project.world.addFault({ action: "compute.addresses.create", kind: "throttle", times: 2 });
  await project.make("address", {});
  const outcomes = project.world.calls().flatMap(({ action, outcome }) => (action === "compute.addresses.create" ? [outcome] : []));
  expect(outcomes).toEqual(["rateLimitExceeded", "rateLimitExceeded", "ok"]);
  await project.world.addFault({ action: "compute.addresses.create", kind: "fail" });
  await expect(project.make("address", {})).rejects.toThrow(
    "Error creating Address: googleapi: Error 403: Required 'compute.addresses.create' permission, forbidden",
  );
});
