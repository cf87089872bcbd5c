import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../test-project.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

const rule = { network: "net", sourceRanges: ["198.51.100.0/24"], allows: [{ protocol: "tcp", ports: ["2222"] }] };
const instance = {
  machineType: "e2-micro",
  bootDisk: { initializeParams: { image: "debian-cloud/debian-13" } },
  networkInterfaces: [{ network: "net" }],
};

describe("a check, in a preview too, refuses", () => {
  test.each([
    ["a missing argument", "subnetwork", { ipCidrRange: "10.0.0.0/24" }, "network", "Missing required argument"],
    ["an argument nobody knows", "network", { cidr: "x" }, "cidr", "not expected here"],
    ["capital letters in a name", "network", { name: "Acme" }, "name", "doesn't match regexp"],
    ["a name that ends with a hyphen", "address", { name: "acme-" }, "name", "doesn't match regexp"],
    ["a good start of a bad name", "firewall", { ...rule, name: "good_BAD" }, "name", "doesn't match regexp"],
    ["a name of 64 characters", "instance", { ...instance, name: "a".repeat(64) }, "name", "doesn't match regexp"],
    ["an account's id of 5 characters", "serviceAccount", { accountId: "abcde" }, "accountId", "doesn't match regexp"],
    ["an account's id of 31 characters", "serviceAccount", { accountId: "a".repeat(31) }, "accountId", "doesn't match regexp"],
    ["a rule without sources", "firewall", { ...rule, sourceRanges: [] }, "sourceRanges", "one of source_tags, source_ranges"],
    ["a rule that neither allows nor denies", "firewall", { network: "net", sourceRanges: ["::/0"] }, "allows", "one of `allow,deny`"],
    ["a rule that does both", "firewall", { ...rule, denies: [{ protocol: "all" }] }, "allows", "Conflicting"],
    [
      "targets by account and by tag",
      "firewall",
      { ...rule, targetServiceAccounts: ["a@b"], targetTags: ["a"] },
      "targetServiceAccounts",
      "Conflicting",
    ],
    ["a priority of 65536", "firewall", { ...rule, priority: 65_536 }, "priority", "in the range (0 - 65535)"],
    [
      "an instance without a network",
      "instance",
      { ...instance, networkInterfaces: [{}] },
      "networkInterfaces[0]",
      "one of `network,subnetwork`",
    ],
    ["an address of no type", "address", { addressType: "PUBLIC" }, "addressType", "to be one of"],
    [
      "a record's name without the dot",
      "recordSet",
      { managedZone: "z", name: "a.example.com", type: "A" },
      "name",
      "must end with trailing dot",
    ],
    ["a member without a kind", "secretIamMember", { secretId: "s", role: "roles/x", member: "a@b" }, "member", "invalid value for member"],
  ] as const)("%s", (_what, kind, inputs, property, reason) => {
    const { problems } = project.provider.check(project.urn(kind, "it"), {}, inputs, new Uint8Array([1]));
    expect(problems).toContainEqual({ property, reason: expect.stringContaining(reason) });
    expect(project.world.calls()).toEqual([]);
  });

  test.each([
    ["network", "name", `${"a".repeat(56)}`, "plus 7 random chars is longer than maximum length 63"],
    ["serviceAccount", "accountId", `${"a".repeat(23)}`, "plus 7 random chars is longer than maximum length 30"],
    ["firewall", "name", "Acme_Prod", "doesn't match regexp"],
  ] as const)("a logical name that makes no physical one: of a %s", (kind, property, name, reason) => {
    const { problems } = project.provider.check(project.urn(kind, name), {}, kind === "firewall" ? rule : {}, new Uint8Array([1]));
    expect(problems).toContainEqual({ property, reason: expect.stringContaining(reason) });
  });

  test("nothing of a logical name that just fits", () => {
    const { inputs, problems } = project.provider.check(project.urn("network", "a".repeat(55)), {}, {}, new Uint8Array([1]));
    expect(problems).toEqual([]);
    expect(inputs.name).toMatch(/^a{55}-[0-9a-f]{7}$/);
  });
});
