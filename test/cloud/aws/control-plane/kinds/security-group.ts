import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema, PropertyType } from "../../../world/provider/property.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import { type AwsContext, ec2Identity, existing, newId, refuseDependents, regionOf } from "../account.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

/** What EC2 allows in names and descriptions of security groups and their rules. */
const TEXT = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/;
const LONGEST_TEXT = 255;

const RULES: PropertyType = {
  set: {
    object: {
      cidrBlocks: { type: { list: "string" } },
      description: { type: "string" },
      fromPort: { type: "number", required: true },
      ipv6CidrBlocks: { type: { list: "string" } },
      prefixListIds: { type: { list: "string" } },
      protocol: { type: "string", required: true },
      securityGroups: { type: { set: "string" } },
      self: { type: "boolean" },
      toPort: { type: "number", required: true },
    },
  },
};

const properties: PropertySchema = {
  ...tagsProperty("ec2"),
  description: { type: "string", default: "Managed by Pulumi", replaces: true, check: checkDescription },
  egress: { type: RULES, computed: true, changedBy: ["ec2:RevokeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupEgress"] },
  ingress: { type: RULES, computed: true, changedBy: ["ec2:RevokeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress"] },
  name: { type: "string", computed: true, replaces: true, conflictsWith: ["namePrefix"], check: checkName },
  namePrefix: { type: "string", replaces: true },
  region: { type: "string", computed: true, replaces: true },
  revokeRulesOnDelete: { type: "boolean" },
  vpcId: { type: "string", computed: true, replaces: true },
};

/** A security group. Its `ingress` and `egress` are the rules given with it; those of their own are records of their own. */
export const securityGroupKind: ResourceKind<AwsContext> = {
  properties,
  outputs: ["arn", "ownerId"],
  autoName: { property: "name", unlessGiven: "namePrefix", longest: LONGEST_TEXT },
  reads: ["ec2:DescribeSecurityGroups"],

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    const description = String(inputs.description ?? properties.description?.default);
    await tagOnCreate(api, inputs);
    await api.create("ec2:CreateSecurityGroup", (state) => {
      const vpcId = inputs.vpcId ?? recordsOf(state, TYPE.vpc).find(([, vpc]) => vpc.default === true && vpc.region === region)?.[0];
      if (vpcId === undefined) throw new ApiError("VPCIdNotSpecified", "No default VPC for this user");
      existing(state, TYPE.vpc, vpcId, region, "InvalidVpcID.NotFound", "vpc ID");
      const id = newId("sg");
      const name = String(inputs.name ?? `${String(inputs.namePrefix)}${id.slice(3)}`);
      for (const [what, problem] of [
        ["groupName", checkName(name)],
        ["groupDescription", checkDescription(description)],
      ])
        if (problem !== undefined) throw new ApiError("InvalidParameterValue", `Value for parameter ${what} is invalid. ${problem}`);
      if (recordsOf(state, TYPE.securityGroup).some(([, one]) => one.vpcId === vpcId && one.name === name))
        throw new ApiError("InvalidGroup.Duplicate", `The security group '${name}' already exists for VPC '${String(vpcId)}'`);
      const identity = ec2Identity(state, region, `security-group/${id}`);
      return { id, record: { ...inputs, ...identity, ...tagsOf(inputs), name, description, vpcId, ingress: [], egress: [] } };
    });
    // The provider takes the rule away that lets everything out, in IPv4 and in IPv6.
    await api.look("ec2:DescribeSecurityGroups", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress");
    for (const [direction, action] of [
      ["ingress", "ec2:AuthorizeSecurityGroupIngress"],
      ["egress", "ec2:AuthorizeSecurityGroupEgress"],
    ] as const)
      if (inputs[direction] !== undefined)
        await api.change(action, (record) => {
          record[direction] = inputs[direction];
        });
  },

  async delete(api, { revokeRulesOnDelete }) {
    await api.look("ec2:DescribeNetworkInterfaces");
    if (revokeRulesOnDelete === true) await api.look("ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress");
    await api.patiently(["DependencyViolation"], () =>
      api.remove("ec2:DeleteSecurityGroup", (record, state) => {
        const id = api.id ?? "";
        if (record.name === "default")
          throw new ApiError("CannotDelete", `the specified group: "${id}" name: "default" cannot be deleted by a user`);
        const rules = [TYPE.securityGroupIngressRule, TYPE.securityGroupEgressRule] as const;
        refuseDependents(state, "resource", [[TYPE.networkInterface, "securityGroups"]], id);
        for (const type of rules)
          for (const [ruleId, rule] of recordsOf(state, type)) {
            // Its own rules go with it; one of another group that refers to it holds it back.
            if (rule.securityGroupId === id) delete state.records[type]?.[ruleId];
            else if (rule.referencedSecurityGroupId === id)
              throw new ApiError("DependencyViolation", `resource ${id} has a dependent object`);
          }
      }),
    );
    await api.look("ec2:DescribeSecurityGroups");
  },
};

/** Why a text cannot describe a group or a rule. */
export function checkDescription(description: string): string | undefined {
  if (description.length > LONGEST_TEXT)
    return `description (${description.length} characters) cannot be longer than ${LONGEST_TEXT} characters`;
  if (!TEXT.test(description))
    return `description doesn't comply with restrictions: "${description}" may hold a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*`;
  return undefined;
}

function checkName(name: string): string | undefined {
  if (name === "" || name.length > LONGEST_TEXT) return `name must have 1 to ${LONGEST_TEXT} characters`;
  if (name.startsWith("sg-")) return `name "${name}" cannot start with sg-`;
  return TEXT.test(name) ? undefined : `name "${name}" may hold a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*`;
}
