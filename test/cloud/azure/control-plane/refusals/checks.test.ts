import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../test-project.ts";

let project: TestProject;

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => project.dispose());

const vault = {
  resourceGroupName: "g",
  properties: { tenantId: "72f98800-0000-4000-8000-0000000000aa", sku: { family: "A", name: "standard" } },
};

describe("a check, in a preview too, refuses", () => {
  test.each([
    ["a missing argument", "subnet", { resourceGroupName: "g" }, "missing required property 'virtualNetworkName'"],
    [
      "a missing part",
      "virtualMachine",
      { resourceGroupName: "g", storageProfile: { osDisk: {} } },
      "missing required property 'storageProfile.osDisk.createOption'",
    ],
    ["a part nobody knows", "subnet", { cidr: "x" }, "the stand-in does not know the property 'cidr'"],
    [
      "a text as a number",
      "publicIPAddress",
      { idleTimeoutInMinutes: "30" },
      "'idleTimeoutInMinutes' should be of type 'number' but got a string",
    ],
    ["a list as a text", "subnet", { addressPrefix: ["10.0.0.0/24"] }, "'addressPrefix' should be of type 'string' but got an array"],
    [
      "a vault's name of 25 characters",
      "vault",
      { ...vault, vaultName: "v".repeat(25) },
      "'vaultName' does not match expression '^[a-zA-Z0-9-]{3,24}$'",
    ],
    [
      "a secret's name with an underscore",
      "secret",
      { secretName: "a_b" },
      "'secretName' does not match expression '^[a-zA-Z0-9-]{1,127}$'",
    ],
    [
      "a tenant that is no GUID",
      "vault",
      { ...vault, properties: { ...vault.properties, tenantId: "acme" } },
      "'properties.tenantId' does not match",
    ],
  ] as const)("%s", (_what, kind, inputs, reason) => {
    const { problems } = project.provider.check(project.urn(kind, "it"), {}, inputs, new Uint8Array([1]));
    expect(problems).toContainEqual({ property: "", reason: expect.stringContaining(reason) });
    expect(project.world.calls()).toEqual([]);
  });

  test("a region that nobody says", () => {
    project.provider.configure({});
    const { problems } = project.provider.check(project.urn("resourceGroup", "it"), {}, {}, new Uint8Array([1]));
    expect(problems).toEqual([
      {
        property: "",
        reason:
          "missing required property 'location'. Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'.",
      },
    ]);
  });
});
