import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gcpSeeds } from "../cloud/gcp/control-plane/seeds.ts";
import { TYPE } from "../cloud/gcp/control-plane/types.ts";
import { StandInStack } from "./support/stand-in-stack.ts";

/** A bastion's resources, as a program of somebody who has the real GCP would write them. */
const PROGRAM = `
import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";

const { startupScript, keys, machineType = "e2-micro", accountId = "bastion-acme", createFirst = false } = JSON.parse(readFileSync("options.json"));

const network = new gcp.compute.Network("net", { autoCreateSubnetworks: false });
const subnetwork = new gcp.compute.Subnetwork("net", { network: network.id, ipCidrRange: "10.20.0.0/24", privateIpGoogleAccess: true });
const outside = new gcp.compute.Address("bastion", { labels: { stack: "acme" } });
const inside = new gcp.compute.Address("inside", { addressType: "INTERNAL", subnetwork: subnetwork.id });
const account = new gcp.serviceaccount.Account("bastion", { accountId });
const targets = { network: network.id, targetServiceAccounts: [account.email] };
new gcp.compute.Firewall("ssh", { ...targets, priority: 800, sourceRanges: ["198.51.100.0/24"], allows: [{ protocol: "tcp", ports: ["2222"] }] });
new gcp.compute.Firewall("rest", { ...targets, priority: 900, sourceRanges: ["0.0.0.0/0"], denies: [{ protocol: "all" }] });
const secret = new gcp.secretmanager.Secret("keys", { secretId: "acme-keys", replication: { auto: {} } });
const version = new gcp.secretmanager.SecretVersion("keys", { secret: secret.id, secretData: pulumi.secret("the host key") });
const role = "roles/secretmanager.secretAccessor";
new gcp.secretmanager.SecretIamMember("keys", { secretId: secret.id, role, member: account.member });
const image = gcp.compute.getImageOutput({ project: "debian-cloud", family: "debian-13" });
const instance = new gcp.compute.Instance(
  "bastion",
  {
    machineType,
    bootDisk: { initializeParams: { image: image.selfLink } },
    networkInterfaces: [{ subnetwork: subnetwork.id, networkIp: inside.address, accessConfigs: [{ natIp: outside.address }] }],
    serviceAccount: { email: account.email, scopes: ["cloud-platform"] },
    metadataStartupScript: startupScript,
    metadata: { keys },
    labels: { stack: "acme" },
  },
  { deleteBeforeReplace: !createFirst },
);
const zone = gcp.dns.getManagedZoneOutput({ name: "ssh-example-com" });
const name = pulumi.interpolate\`acme.\${zone.dnsName}\`;
new gcp.dns.RecordSet("bastion", { managedZone: zone.name, name, type: "A", ttl: 60, rrdatas: [outside.address] });

export const address = outside.address;
export const instanceId = instance.instanceId;
export const keyVersion = version.version;
`;

const RESOURCES = 13;

describe("the stand-in GCP under the real engine", () => {
  const stack = new StandInStack({
    program: PROGRAM,
    options: { startupScript: "#!/bin/sh\n", keys: "one" },
    config: { "gcp:project": "acme-platform", "gcp:zone": "europe-west3-a" },
    seeds: gcpSeeds(),
  });

  beforeAll(() => stack.create());

  afterAll(() => stack.remove());

  test("up makes what is declared, and a second one changes nothing", async () => {
    expect(await stack.up()).toContain(`+ ${RESOURCES} created`);
    const [, instance] = stack.only(TYPE.instance);
    expect(await stack.outputs()).toEqual({ address: "192.0.2.129", instanceId: instance.instanceId, keyVersion: "1" });
    expect(instance).toMatchObject({
      currentStatus: "RUNNING",
      name: expect.stringMatching(/^bastion-[0-9a-f]{7}$/),
      networkInterfaces: [{ networkIp: "10.20.0.2", accessConfigs: [{ natIp: "192.0.2.129", networkTier: "PREMIUM" }] }],
    });
    expect(await stack.up()).toContain(`${RESOURCES} unchanged`);
  });

  test("a refresh finds what up has made", async () => {
    expect(await stack.done("refresh", "--yes", "--skip-preview")).toContain(`${RESOURCES} unchanged`);
    expect(await stack.done("preview")).toContain(`${RESOURCES} unchanged`);
  });

  test("no secret is in the open, in state or on the screen", async () => {
    const exported = await stack.done("stack", "export");
    expect(exported).toContain("acme-keys");
    expect(exported).not.toContain("the host key");
  });

  test("metadata changes in place, on the machine as it runs", async () => {
    const { instanceId } = await stack.outputs();
    stack.set({ keys: "two" });
    expect(await stack.up()).toContain("~ 1 updated");
    const [, instance] = stack.only(TYPE.instance);
    expect(instance).toMatchObject({ instanceId, metadata: { keys: "two" } });
    const stops = stack.world.calls().filter(({ action }) => action === "compute.instances.stop");
    expect(stops).toEqual([]);
  });

  test("drift is found by a refresh and repaired by up", async () => {
    const [rule] = Object.keys(stack.world.records(TYPE.firewall)).filter((id) => id.includes("/ssh-"));
    const [member] = stack.only(TYPE.secretIamMember);
    await stack.world.alter(TYPE.firewall, rule ?? "", { sourceRanges: ["0.0.0.0/0"] });
    await stack.world.forget(TYPE.secretIamMember, member);
    expect(await stack.done("refresh", "--yes", "--skip-preview")).toMatch(/~ 1 updated\s+- 1 deleted/);
    expect(await stack.up()).toMatch(/\+ 1 created\s+~ 1 updated/);
    expect(stack.world.find(TYPE.firewall, rule ?? "")).toMatchObject({ sourceRanges: ["198.51.100.0/24"] });
    expect(Object.keys(stack.world.records(TYPE.secretIamMember))).toEqual([member]);
  });

  test("what the real provider refuses in a preview is refused there", async () => {
    stack.set({ keys: "two", accountId: "Bastion_ACME" });
    const { exitCode, printed } = await stack.run("preview");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(`"account_id" ("Bastion_ACME") doesn't match regexp`);
  });

  test("a type of machine that needs a stop nobody allowed fails up, as does a second machine at one address", async () => {
    stack.set({ keys: "two", machineType: "e2-small" });
    expect((await stack.run("preview")).exitCode).toBe(0);
    const stopped = await stack.run("up", "--yes", "--skip-preview");
    expect(stopped.exitCode).not.toBe(0);
    expect(stopped.printed).toContain("allow_stopping_for_update = true");
    stack.set({ keys: "two", startupScript: "#!/bin/sh\n# new\n", createFirst: true });
    const second = await stack.run("up", "--yes", "--skip-preview");
    expect(second.exitCode).not.toBe(0);
    expect(second.printed).toContain("IP '10.20.0.2' is already being used by another resource");
  });

  test("a replaced machine keeps its addresses; throttled calls are made again", async () => {
    const { instanceId: former } = await stack.outputs();
    const before = stack.world.calls().length;
    stack.set({ keys: "two", startupScript: "#!/bin/sh\n# new\n" });
    await stack.world.addFault({ action: "compute.instances.create", kind: "throttle", times: 2 });
    expect(await stack.up()).toContain("1 replaced");
    const [, instance] = stack.only(TYPE.instance);
    expect(instance.instanceId).not.toBe(former);
    expect(instance).toMatchObject({ networkInterfaces: [{ networkIp: "10.20.0.2", accessConfigs: [{ natIp: "192.0.2.129" }] }] });
    const calls = stack.world.calls().slice(before);
    const outcomes = calls.flatMap(({ action, outcome }) => (action === "compute.instances.create" ? [outcome] : []));
    expect(outcomes).toEqual(["rateLimitExceeded", "rateLimitExceeded", "ok"]);
  });

  test("destroy leaves nothing in the world", async () => {
    expect(await stack.done("destroy", "--yes", "--skip-preview")).toContain(`- ${RESOURCES} deleted`);
    expect(stack.world.read().records).toEqual({});
  });

  test("a provider that dies before it acts leaves a stack that the next up completes", async () => {
    await stack.world.addFault({ action: "compute.subnetworks.create", kind: "crash-before" });
    const { exitCode, printed } = await stack.run("up", "--yes", "--skip-preview", "--parallel=1");
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("exited prematurely");
    expect(stack.world.records(TYPE.subnetwork)).toEqual({});
    await stack.up();
    expect(await stack.up()).toContain(`${RESOURCES} unchanged`);
    await stack.done("destroy", "--yes", "--skip-preview");
    expect(stack.world.read().records).toEqual({});
  });
});
