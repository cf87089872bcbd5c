import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../plugin/values.ts";
import { seedsOf } from "../seeds.ts";
import { makeNetwork, type TestNetwork, TestProject } from "../test-project.ts";
import { TYPE } from "../types.ts";

let project: TestProject;
let made: TestNetwork;

beforeEach(async () => {
  project = new TestProject({ vaultsOfOthers: ["theirs"] });
  made = await makeNetwork(project);
});

afterEach(() => project.dispose());

const seeds = () => seedsOf(project.world.read());
const policy = (objectId: string, secrets: readonly string[]) => ({ objectId, tenantId: seeds().tenantId, permissions: { secrets } });
const vaultInputs = (vaultName: string, properties: Properties = {}) => ({
  ...made.inGroup,
  vaultName,
  properties: { tenantId: seeds().tenantId, sku: { family: "A", name: "standard" }, softDeleteRetentionInDays: 7, ...properties },
});
const makeVault = (vaultName = "rb-acme", properties: Properties = {}) => project.make("vault", vaultInputs(vaultName, properties));
const makeSecret = (parts: Properties = {}, vaultName = "rb-acme") =>
  project.make("secret", { ...made.inGroup, vaultName, properties: { value: "v" }, ...parts }, "host-keys");

describe("Azure refuses of a vault", () => {
  test.each<[string, string, string, Properties]>([
    ["a digit at the start of its name", "VaultNameNotValid", "1vault", {}],
    ["a hyphen at its end", "VaultNameNotValid", "vault-", {}],
    ["two hyphens", "VaultNameNotValid", "rb--acme", {}],
    ["a name that somebody else has", "VaultAlreadyExists", "Theirs", {}],
    ["another tenant", "BadRequest", "rb-acme", { tenantId: "00000000-0000-4000-8000-000000000001" }],
    ["a policy for what has no GUID", "BadRequest", "rb-acme", { accessPolicies: [{ objectId: "me", tenantId: "", permissions: {} }] }],
    ["names that are kept for 6 days", "BadRequest", "rb-acme", { softDeleteRetentionInDays: 6 }],
    ["no protection from a purge, said aloud", "BadRequest", "rb-acme", { enablePurgeProtection: false }],
    ["a SKU there is not", "BadRequest", "rb-acme", { sku: { family: "A", name: "free" } }],
    [
      "a subnet without an endpoint",
      "VirtualNetworkNotValid",
      "rb-acme",
      { networkAcls: { defaultAction: "Deny", virtualNetworkRules: [{ id: "/absent" }] } },
    ],
  ])("%s", async (_what, code, name, properties) => {
    const policies = properties.accessPolicies as Properties[] | undefined;
    const ofTenant = policies && { accessPolicies: policies.map((one) => ({ ...one, tenantId: seeds().tenantId })) };
    expect(await project.refusal(() => makeVault(name, { ...properties, ...ofTenant }))).toBe(code);
  });

  test("its name as long as it is deleted and not purged", async () => {
    const vault = await makeVault();
    await makeSecret();
    await project.remove("vault", vault);
    expect(project.world.records(TYPE.secret)).toEqual({});
    expect(seeds().deletedVaults).toMatchObject([{ name: "rb-acme", location: "westeurope" }]);
    expect(await project.refusal(() => makeVault("RB-acme"))).toBe("ConflictError");
    await project.world.change((state) => Object.assign(seedsOf(state), { deletedVaults: [] }));
    expect(await project.refusal(() => makeVault())).toBe("not refused");
  });

  test("its name, too, when it went with its group; days that were set", async () => {
    const vault = await makeVault();
    const more = vaultInputs("rb-acme", { softDeleteRetentionInDays: 9 });
    expect(await project.refusal(() => project.update("vault", vault, more))).toBe("BadRequest");
    await project.remove("resourceGroup", made.group);
    made = await makeNetwork(project);
    expect(await project.refusal(() => makeVault())).toBe("ConflictError");
  });
});

describe("Azure refuses of a secret", () => {
  test.each<[string, string, Properties]>([
    ["no value", "BadParameter", { properties: {} }],
    ["a value of more than 25 KiB", "BadParameter", { properties: { value: "v".repeat(25_601) } }],
  ])("%s", async (_what, code, parts) => {
    await makeVault();
    expect(await project.refusal(() => makeSecret(parts))).toBe(code);
  });

  test("a vault there is not", async () => {
    expect(await project.refusal(() => makeSecret({}, "absent"))).toBe("ParentResourceNotFound");
  });

  test("to remove it, unless the vault's policies let the deployer; its name as long as the vault stays", async () => {
    const vault = await makeVault("rb-acme", { accessPolicies: [policy(String(made.identity.state.principalId), ["delete"])] });
    const secret = await makeSecret();
    const remove = () => project.remove("secret", secret);
    await expect(remove()).rejects.toThrow(
      'Status=403 Code="Forbidden" Message="The user, group or application \'appid=c11e0000-0000-4000-8000-0000000000d0;oid=0b1ec700-0000-4000-8000-0000000000d0;',
    );
    await project.update("vault", vault, vaultInputs("rb-acme", { accessPolicies: [policy(seeds().objectId, ["Delete"])] }));
    await remove();
    expect(project.world.records(TYPE.secret)).toEqual({});
    expect(await project.refusal(() => makeSecret())).toBe("Conflict");
    expect(await project.refusal(() => makeSecret({ secretName: "other" }))).toBe("not refused");
  });
});

describe("Azure refuses of a record", () => {
  const record = (parts: Properties) =>
    project.make("recordSet", {
      resourceGroupName: "platform",
      zoneName: "ssh.example.com",
      relativeRecordSetName: "acme",
      recordType: "A",
      ttl: 60,
      aRecords: [{ ipv4Address: "192.0.2.129" }],
      ...parts,
    });
  const alias = { recordType: "CNAME", aRecords: undefined, cnameRecord: { cname: "a.example.com" } };

  test.each<[string, string, Properties]>([
    ["a zone there is not", "ParentResourceNotFound", { zoneName: "example.org" }],
    ["a zone of another group", "ParentResourceNotFound", { resourceGroupName: "group" }],
    ["a private zone as a public one", "ParentResourceNotFound", { zoneName: "ssh.internal.example.com" }],
    ["a name with a dot at its end", "BadRequest", { relativeRecordSetName: "acme." }],
    ["a label of 64 characters", "BadRequest", { relativeRecordSetName: "a".repeat(64) }],
    ["a time to live of 0", "BadRequest", { ttl: 0 }],
    ["no values", "BadRequest", { aRecords: [] }],
    ["an IPv6 address as an IPv4 one", "BadRequest", { aRecords: [{ ipv4Address: "2001:db8::1" }] }],
    ["values of another type", "BadRequest", { aRecords: undefined, aaaaRecords: [{ ipv6Address: "2001:db8::1" }] }],
    ["an alias of the zone itself", "Conflict", { ...alias, relativeRecordSetName: "@" }],
  ])("%s", async (_what, code, parts) => {
    const ofGroup = parts.resourceGroupName === "group" ? { resourceGroupName: made.group.state.name } : {};
    expect(await project.refusal(() => record({ ...parts, ...ofGroup }))).toBe(code);
  });

  test("an alias beside others of its name", async () => {
    await record({});
    expect(await project.refusal(() => record(alias))).toBe("Conflict");
  });

  test("one that is there already", async () => {
    await record({});
    await expect(record({})).rejects.toThrow(
      /^cannot create already existing resource '\/subscriptions\/.*\/dnszones\/ssh.example.com\/A\/acme'$/,
    );
  });
});

test("an identity's name of two characters", async () => {
  expect(await project.refusal(() => project.make("userAssignedIdentity", { ...made.inGroup, resourceName: "ab" }))).toBe("BadRequest");
});
