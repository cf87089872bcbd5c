import { afterEach, beforeEach, expect, test } from "vitest";
import type { Properties } from "../../../plugin/values.ts";
import { makeNetwork, type TestNetwork, TestProject } from "../test-project.ts";

let project: TestProject;
let made: TestNetwork;

beforeEach(async () => {
  project = new TestProject();
  made = await makeNetwork(project);
});

afterEach(() => project.dispose());

const RULE = {
  name: "ssh",
  access: "Allow",
  direction: "Inbound",
  priority: 100,
  protocol: "Tcp",
  sourceAddressPrefix: "198.51.100.0/24",
  sourcePortRange: "*",
  destinationAddressPrefix: "*",
  destinationPortRange: "2222",
};
const sources = (...sourceAddressPrefixes: string[]) => ({ sourceAddressPrefix: undefined, sourceAddressPrefixes });

test.each<[string, string, Properties]>([
  ["priority 99", "SecurityRuleInvalidPriority", { priority: 99 }],
  ["priority 4097", "SecurityRuleInvalidPriority", { priority: 4097 }],
  ["no priority", "SecurityRuleInvalidPriority", { priority: undefined }],
  ["a description of 141 characters", "SecurityRuleDescriptionTooLong", { description: "d".repeat(141) }],
  ["a name with a space", "InvalidResourceName", { name: "ssh in" }],
  ["a protocol of nobody's", "SecurityRuleInvalidProtocol", { protocol: "Sctp" }],
  ["no sources", "SecurityRuleParameterNotSpecified", { sourceAddressPrefix: undefined }],
  ["one source and several", "SecurityRuleParameterMustBeEmpty", { sourceAddressPrefixes: ["203.0.113.0/24"] }],
  ["everybody among several sources", "SecurityRuleParameterContainsUnsupportedValue", sources("203.0.113.0/24", "*")],
  ["a tag among several sources", "SecurityRuleParameterContainsUnsupportedValue", sources("Internet")],
  ["what is no address", "SecurityRuleInvalidAddressPrefix", { sourceAddressPrefix: "any" }],
  ["a prefix of /33", "SecurityRuleInvalidAddressPrefix", sources("10.0.0.0/33")],
  ["the same source twice", "OverlappingSubnetsNotPermittedInSecurityRule", sources("203.0.113.1", "203.0.113.1/32")],
  ["a source within another", "OverlappingSubnetsNotPermittedInSecurityRule", sources("203.0.113.0/24", "203.0.113.7/28")],
  ["both families", "ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies", sources("203.0.113.0/24", "2001:db8::/32")],
  ["no ports", "SecurityRuleParameterNotSpecified", { destinationPortRange: undefined }],
  ["one range of ports and several", "SecurityRuleParameterMustBeEmpty", { destinationPortRanges: ["15000"] }],
  ["port 65536", "SecurityRuleInvalidPortRange", { destinationPortRange: "65536" }],
  ["a range upside down", "SecurityRuleInvalidPortRange", { destinationPortRange: "23-22" }],
  ["two ranges in one text", "SecurityRuleInvalidPortRange", { destinationPortRange: "22,23" }],
])("a rule with %s", async (_what, code, parts) => {
  const group = await project.make("networkSecurityGroup", { ...made.inGroup, securityRules: [RULE] });
  const inputs = { ...made.inGroup, securityRules: [{ ...RULE, ...parts }] };
  expect(await project.refusal(() => project.make("networkSecurityGroup", inputs))).toBe(code);
  expect(await project.refusal(() => project.update("networkSecurityGroup", group, inputs))).toBe(code);
});

test("two rules of one priority and direction, and two of one name; directions are apart", async () => {
  const rules = (parts: Properties) =>
    project.refusal(() => project.make("networkSecurityGroup", { ...made.inGroup, securityRules: [RULE, { ...RULE, ...parts }] }));
  expect(await rules({ name: "other" })).toBe("SecurityRuleConflict");
  expect(await rules({ priority: 110 })).toBe("InvalidRequestFormat");
  expect(await rules({ name: "other", direction: "Outbound" })).toBe("not refused");
});

test("what is right is taken as it is: single tags, addresses, several ranges", async () => {
  const securityRules = [
    { ...RULE, sourceAddressPrefix: "AzureLoadBalancer", name: "a" },
    { ...RULE, ...sources("203.0.113.1", "198.51.100.0/24"), priority: 101, name: "b" },
    { ...RULE, destinationPortRange: undefined, destinationPortRanges: ["2222", "15000-15999"], priority: 4096, name: "c" },
  ];
  const { id, state } = await project.make("networkSecurityGroup", { ...made.inGroup, securityRules });
  expect(state.securityRules).toMatchObject([
    { id: `${id}/securityRules/a`, sourceAddressPrefix: "AzureLoadBalancer" },
    { sourceAddressPrefixes: ["203.0.113.1", "198.51.100.0/24"] },
    { destinationPortRanges: ["2222", "15000-15999"], priority: 4096 },
  ]);
});
