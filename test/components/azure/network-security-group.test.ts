import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { AzureBastionArgs } from "../../../components/azure/azure-bastion.ts";
import { PLACE, TAGS, up } from "../../support/azure-bastion.ts";
import { ADMIN, azureOutputs } from "../../support/azure-engine.ts";
import type { EngineOptions } from "../../support/engine.ts";
import { resourceIn } from "../../support/registered.ts";

type Rule = Readonly<Record<string, unknown>>;

/** The rules, in the order of the group. */
const rulesOf = async (args: Partial<AzureBastionArgs> = {}, engine: EngineOptions = {}) => {
  const { registered, error } = await up(args, engine);
  expect(error).toBeUndefined();
  return resourceIn(registered, "acme-network-security-group").inputs.securityRules as readonly Rule[];
};

const ruleOf = async (name: string, args: Partial<AzureBastionArgs> = {}, engine: EngineOptions = {}) =>
  (await rulesOf(args, engine)).find((rule) => rule.name === name);

const rule = (name: string, priority: number, description: string, rest: object) => ({
  name,
  priority,
  description,
  direction: "Inbound",
  sourcePortRange: "*",
  destinationAddressPrefix: "*",
  ...rest,
});
const ALLOW = { access: "Allow", protocol: "Tcp" };
const SSH = { ...ALLOW, sourceAddressPrefix: "198.51.100.0/24", destinationPortRange: "2222" };
const TUNNELS = { ...ALLOW, sourceAddressPrefix: "10.20.0.0/16", destinationPortRanges: ["15000-15001"] };
const DENY = { access: "Deny", protocol: "*", sourceAddressPrefix: "*", destinationPortRange: "*" };

test("inwards: logins from clientCidrs, bind ports from consumerCidrs but for loopback, and nobody else, not even from inside", async () => {
  expect(await rulesOf()).toEqual([
    rule("allow-ssh", 100, "Clients to sshd", SSH),
    rule("allow-tunnels", 110, "Consumers to tunnels", TUNNELS),
    rule("deny-rest", 4096, "Nobody else to the bastion", DENY),
  ]);
  expect(resourceIn((await up()).registered, "acme-network-security-group").inputs).toMatchObject({ ...PLACE, tags: TAGS });
});

test("port 22 is open to an admin only", async () => {
  expect(JSON.stringify(await rulesOf())).not.toContain('"22"');
  expect(await ruleOf("allow-admin", { admin: ADMIN })).toEqual(
    rule("allow-admin", 120, "Admin", { ...ALLOW, sourceAddressPrefix: "192.0.2.0/24", destinationPortRange: "22" }),
  );
});

test("every rule has a number of its own, and what is refused comes after all that is allowed", async () => {
  const rules = await rulesOf({ admin: ADMIN });
  const numbers = rules.map(({ priority }) => priority as number);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers);
  expect(rules.map(({ access }) => access)).toEqual(["Allow", "Allow", "Allow", "Deny"]);
});

test("without consumers outside, or without tunnels for them, no bind port is opened", async () => {
  const flow = [{ name: "flow", bindAddress: "loopback" }];
  for (const args of [{ tunnels: flow, consumerCidrs: [] }, { tunnels: flow }, { tunnels: [], clients: [], consumers: [] }])
    expect(await ruleOf("allow-tunnels", { clients: [], consumers: [], ...args })).toBeUndefined();
});

test("the ports are those that were allocated, in ranges", async () => {
  const bindPorts = { orders: 15123, billing: 15000, flow: 8080 };
  const outputsOf: EngineOptions["outputsOf"] = (resource) =>
    resource.type.endsWith("BindPorts") ? { bindPorts } : azureOutputs(resource);
  expect((await ruleOf("allow-tunnels", {}, { outputsOf }))?.destinationPortRanges).toEqual(["15000", "15123"]);
});

test("ports that a preview does not know yet are unknown in the rule, and the rule is shown", async () => {
  expect(await ruleOf("allow-tunnels", {}, { preview: true, outputsOf: () => ({}) })).toEqual(
    rule("allow-tunnels", 110, "Consumers to tunnels", { ...TUNNELS, destinationPortRanges: pulumi.runtime.unknownValue }),
  );
});

test.each([
  [["198.51.100.0/24"], { sourceAddressPrefix: "198.51.100.0/24" }],
  [["203.0.113.0/24", "198.51.100.0/24", "203.0.113.0/24"], { sourceAddressPrefixes: ["198.51.100.0/24", "203.0.113.0/24"] }],
  // Azure refuses a rule whose blocks overlap.
  [["203.0.113.7/32", "198.51.100.0/24", "203.0.113.0/24"], { sourceAddressPrefixes: ["198.51.100.0/24", "203.0.113.0/24"] }],
  [["203.0.113.7/32", "0.0.0.0/0"], { sourceAddressPrefix: "0.0.0.0/0" }],
])("the blocks %j are these in the rule, whatever the author's order: %j", async (clientCidrs, sources) => {
  const { sourceAddressPrefix: _one, ...rest } = SSH;
  expect(await ruleOf("allow-ssh", { clientCidrs, sshPort: 2200 })).toEqual(
    rule("allow-ssh", 100, "Clients to sshd", { ...rest, destinationPortRange: "2200", ...sources }),
  );
});

test("the description of each rule ends with the note, and has room for the longest", async () => {
  const note = "n".repeat(100);
  const descriptions = (await rulesOf({ firewallNote: note, admin: ADMIN })).map(({ description }) => description as string);
  expect(descriptions).toEqual([
    `Clients to sshd: ${note}`,
    `Consumers to tunnels: ${note}`,
    `Admin: ${note}`,
    `Nobody else to the bastion: ${note}`,
  ]);
  for (const description of descriptions) expect(description.length).toBeLessThanOrEqual(140);
});
