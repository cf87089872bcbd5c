import { isIPv4, isIPv6 } from "node:net";
import { overlap } from "../../world/cidr-blocks.ts";
import { ApiError } from "../../world/provider/api.ts";
import { text, texts } from "../../world/records.ts";
import type { WorldRecord } from "../../world/world.ts";
import { normalBlock } from "./address-block.ts";

const LOWEST_PRIORITY = 100;
const HIGHEST_PRIORITY = 4096;
const LONGEST_DESCRIPTION = 140;
const LARGEST_PORT = 65_535;
const PROTOCOLS = ["*", "tcp", "udp", "icmp", "esp", "ah"];
const TAGS = ["VirtualNetwork", "AzureLoadBalancer", "Internet", "AzureCloud", "AzureKeyVault", "Storage", "Sql", "AzureActiveDirectory"];

/** Refuses rules that Microsoft.Network refuses of a group. */
export function refuseRules(groupId: string, rules: readonly WorldRecord[]): void {
  const seen = new Map<string, string>();
  for (const rule of rules) {
    const id = `${groupId}/securityRules/${String(rule.name)}`;
    refuseRule(id, rule);
    const place = `${String(rule.direction)} ${String(rule.priority)}`;
    const other = seen.get(place);
    if (other !== undefined)
      throw new ApiError(
        "SecurityRuleConflict",
        `Security rule ${String(rule.name)} conflicts with rule ${other}. Rules cannot have the same Priority and Direction. To learn more about security rules, see aka.ms/nsgrules.`,
      );
    seen.set(place, String(rule.name));
    if (rules.some((one) => one !== rule && one.name === rule.name))
      throw new ApiError("InvalidRequestFormat", `Cannot parse the request: Resource ${id} is given more than once.`);
  }
}

function refuseRule(id: string, rule: WorldRecord): void {
  const name = text(rule, "name");
  if (name === undefined) throw new ApiError("InvalidRequestFormat", "Cannot parse the request: a security rule has no name.");
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$/.test(name))
    throw new ApiError("InvalidResourceName", `Resource name ${name} is invalid.`);
  const priority = Number(rule.priority);
  if (!Number.isInteger(priority) || priority < LOWEST_PRIORITY || priority > HIGHEST_PRIORITY)
    throw new ApiError(
      "SecurityRuleInvalidPriority",
      `Security rule ${name} has invalid priority. Value provided: ${String(rule.priority)}. Allowed range ${LOWEST_PRIORITY}-${HIGHEST_PRIORITY}.`,
    );
  const description = text(rule, "description") ?? "";
  if (description.length > LONGEST_DESCRIPTION)
    throw new ApiError(
      "SecurityRuleDescriptionTooLong",
      `Security rule ${id} has description of length ${description.length}. The maximum length is ${LONGEST_DESCRIPTION}.`,
    );
  if (!PROTOCOLS.includes(String(rule.protocol).toLowerCase()))
    throw new ApiError("SecurityRuleInvalidProtocol", `Security rule has invalid Protocol. Value provided: ${String(rule.protocol)}.`);
  for (const [property, allowed] of [
    ["direction", ["Inbound", "Outbound"]],
    ["access", ["Allow", "Deny"]],
  ] as const)
    if (!(allowed as readonly string[]).includes(String(rule[property])))
      throw new ApiError(
        "InvalidRequestFormat",
        `Cannot parse the request: ${property} '${String(rule[property])}' is none of ${allowed.join()}.`,
      );
  for (const end of ["source", "destination"] as const) {
    refuseAddresses(id, rule, end);
    refusePorts(id, rule, end);
  }
}

function refuseAddresses(id: string, rule: WorldRecord, end: "source" | "destination"): void {
  const property = `${end}AddressPrefix`;
  const label = `${end === "source" ? "Source" : "Destination"}AddressPrefix`;
  const one = text(rule, property);
  const several = texts(rule, `${property}es`);
  const groups = (rule[`${end}ApplicationSecurityGroups`] ?? []) as readonly unknown[];
  if (one !== undefined && several.length > 0)
    throw new ApiError(
      "SecurityRuleParameterMustBeEmpty",
      `Security rule parameter ${label} for rule with Id ${id} must be empty, because ${label}es is given.`,
    );
  if (one === undefined && several.length === 0 && groups.length === 0)
    throw new ApiError("SecurityRuleParameterNotSpecified", `Security rule parameter ${label} for rule with Id ${id} is not specified.`);
  if (one !== undefined && !(one === "*" || isTag(one) || isPrefix(one))) refusePrefix(one);
  for (const [index, prefix] of several.entries()) {
    if (prefix === "*" || isTag(prefix))
      throw new ApiError(
        "SecurityRuleParameterContainsUnsupportedValue",
        `Security rule parameter ${label} for rule with Id ${id} cannot specify existing VIRTUALNETWORK, INTERNET, AZURELOADBALANCER, '*' or system tags. Unsupported value used: ${prefix}.`,
      );
    if (!isPrefix(prefix)) refusePrefix(prefix);
    const other = several
      .slice(0, index)
      .find((former) => isSameFamily(former, prefix) && overlap(normalBlock(former), normalBlock(prefix)));
    if (other !== undefined)
      throw new ApiError(
        "OverlappingSubnetsNotPermittedInSecurityRule",
        `Security rule parameter ${label} for rule with Id ${id} cannot have overlapping subnets/IPs. Overlapping subnets/IPs used: ${[other, prefix].join(",")}.`,
      );
  }
  if (several.some((prefix) => !isSameFamily(prefix, several[0] ?? "")))
    throw new ApiError(
      "ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies",
      `${id} contains IP addresses or prefixes that belong to different address families. All IP addresses or prefixes in the resource should belong to the same address family.`,
    );
}

function refusePorts(id: string, rule: WorldRecord, end: "source" | "destination"): void {
  const one = text(rule, `${end}PortRange`);
  const several = texts(rule, `${end}PortRanges`);
  const label = `${end === "source" ? "Source" : "Destination"}PortRange`;
  if (one !== undefined && several.length > 0)
    throw new ApiError(
      "SecurityRuleParameterMustBeEmpty",
      `Security rule parameter ${label} for rule with Id ${id} must be empty, because ${label}s is given.`,
    );
  if (one === undefined && several.length === 0)
    throw new ApiError("SecurityRuleParameterNotSpecified", `Security rule parameter ${label} for rule with Id ${id} is not specified.`);
  for (const range of [...(one === undefined ? [] : [one]), ...several]) {
    if (range === "*" && several.length === 0) continue;
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (from === undefined || Number(from) > Number(to) || Number(to) > LARGEST_PORT)
      throw new ApiError(
        "SecurityRuleInvalidPortRange",
        `Security rule has invalid Port range. Value provided: ${range}. Value should be an integer OR integer range with '-' delimiter. Valid range 0-${LARGEST_PORT}.`,
      );
  }
}

/** A service tag, or one of a region of it. */
function isTag(text: string): boolean {
  return TAGS.some((tag) => tag.toLowerCase() === text.split(".")[0]?.toLowerCase());
}

/** Azure takes bits of a host: it does not look at them. */
function isPrefix(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/");
  if (rest.length > 0) return false;
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return length === undefined ? longest > 0 : /^\d{1,3}$/.test(length) && Number(length) <= longest;
}

function isSameFamily(left: string, right: string): boolean {
  return left.includes(":") === right.includes(":");
}

function refusePrefix(prefix: string): never {
  throw new ApiError("SecurityRuleInvalidAddressPrefix", `Security rule has invalid Address prefix. Value provided: ${prefix}.`);
}
