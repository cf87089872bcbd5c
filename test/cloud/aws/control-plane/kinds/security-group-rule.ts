import type { Properties } from "../../../plugin/values.ts";
import { canonical } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { type AwsContext, arnOf, existing, newId, regionOf } from "../account.ts";
import { checkNetworkAddress } from "../addresses.ts";
import { seedsOf } from "../seeds.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";
import { checkDescription } from "./security-group.ts";

const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"] as const;
const PROTOCOLS = ["tcp", "udp", "icmp", "icmpv6", "-1"];
const MODIFY = ["ec2:ModifySecurityGroupRules"];
const HIGHEST_PORT = 65535;

/** A rule that lets something in. */
export const securityGroupIngressRuleKind = ruleKind(TYPE.securityGroupIngressRule, "Ingress");

/** A rule that lets something out. */
export const securityGroupEgressRuleKind = ruleKind(TYPE.securityGroupEgressRule, "Egress");

function ruleKind(type: string, direction: "Ingress" | "Egress"): ResourceKind<AwsContext> {
  return {
    properties: {
      ...tagsProperty("ec2"),
      cidrIpv4: { type: "string", changedBy: MODIFY, check: checkNetworkAddress(4) },
      cidrIpv6: { type: "string", changedBy: MODIFY, check: checkNetworkAddress(6) },
      description: { type: "string", changedBy: MODIFY },
      fromPort: { type: "number", changedBy: MODIFY },
      ipProtocol: { type: "string", required: true, changedBy: MODIFY },
      prefixListId: { type: "string", changedBy: MODIFY },
      referencedSecurityGroupId: { type: "string", changedBy: MODIFY },
      region: { type: "string", computed: true, replaces: true },
      securityGroupId: { type: "string", required: true, replaces: true },
      toPort: { type: "number", changedBy: MODIFY },
    },
    outputs: ["arn", "securityGroupRuleId"],
    reads: ["ec2:DescribeSecurityGroupRules"],
    check: checkRule,
    validate: (record, state, id) => refuseRule(state, type, record, id),

    async create(api, inputs, context) {
      const region = regionOf(inputs, context);
      await tagOnCreate(api, inputs);
      await api.create(`ec2:AuthorizeSecurityGroup${direction}`, (state) => {
        existing(state, TYPE.securityGroup, inputs.securityGroupId, region, "InvalidGroup.NotFound", "security group");
        const id = newId("sgr");
        const record: WorldRecord = {
          ...inputs,
          ...tagsOf(inputs),
          ...(inputs.cidrIpv6 === undefined ? {} : { cidrIpv6: canonical(String(inputs.cidrIpv6)) }),
          arn: arnOf(state, "ec2", region, `security-group-rule/${id}`),
          region,
          securityGroupRuleId: id,
        };
        refuseRule(state, type, record, id);
        const family = familyOf(record);
        const others = recordsOf(state, type).filter(
          ([, one]) => one.securityGroupId === inputs.securityGroupId && familyOf(one) === family,
        );
        if (others.length >= seedsOf(state).quotas.rulesPerSecurityGroup)
          throw new ApiError("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.");
        return { id, record };
      });
    },

    async delete(api) {
      await api.remove(`ec2:RevokeSecurityGroup${direction}`);
    },
  };
}

function checkRule(inputs: Properties) {
  const given = SOURCES.filter((name) => inputs[name] !== undefined);
  const problems =
    given.length === 1
      ? []
      : [
          {
            property: "cidrIpv4",
            reason: `Invalid Attribute Combination. Exactly one of ${SOURCES.join(", ")} must be given, got ${given.length}`,
          },
        ];
  if (inputs.ipProtocol === "-1" && (inputs.fromPort !== undefined || inputs.toPort !== undefined))
    problems.push({ property: "fromPort", reason: "Invalid Attribute Combination. Ports cannot be given with the protocol -1" });
  return problems;
}

function refuseRule(state: WorldState, type: string, rule: WorldRecord, id: string): void {
  const problem = checkDescription(String(rule.description ?? ""));
  if (problem !== undefined) throw new ApiError("InvalidParameterValue", `Invalid rule description. ${problem}`);
  refusePorts(String(rule.ipProtocol), rule.fromPort as number | undefined, rule.toPort as number | undefined);
  if (rule.referencedSecurityGroupId !== undefined)
    existing(state, TYPE.securityGroup, rule.referencedSecurityGroupId, String(rule.region), "InvalidGroup.NotFound", "security group");
  const twin = recordsOf(state, type).find(([other, one]) => other !== id && identityOf(one) === identityOf(rule));
  if (twin !== undefined) throw new ApiError("InvalidPermission.Duplicate", `the specified rule "${identityOf(rule)}" already exists`);
}

function refusePorts(protocol: string, from: number | undefined, to: number | undefined): void {
  if (!PROTOCOLS.includes(protocol) && !(/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255))
    throw new ApiError("InvalidParameterValue", `Invalid value '${protocol}' for IP protocol. Unknown protocol.`);
  if (protocol !== "tcp" && protocol !== "udp") return;
  if (from === undefined || to === undefined)
    throw new ApiError("InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
  for (const port of [from, to])
    if (!Number.isInteger(port) || port < 0 || port > HIGHEST_PORT)
      throw new ApiError("InvalidParameterValue", `Invalid value '${port}' for portRange. Must be between 0 and ${HIGHEST_PORT}.`);
  if (from > to) throw new ApiError("InvalidParameterValue", `Invalid ${protocol.toUpperCase()} range (${from}-${to}).`);
}

/** What two rules may not share; a description makes none of them another. */
function identityOf(rule: WorldRecord): string {
  const { securityGroupId, ipProtocol, fromPort, toPort } = rule;
  return [securityGroupId, ipProtocol, fromPort, toPort, ...SOURCES.map((name) => rule[name])].join(" ");
}

function familyOf(rule: WorldRecord): 4 | 6 {
  return rule.cidrIpv6 === undefined ? 4 : 6;
}
