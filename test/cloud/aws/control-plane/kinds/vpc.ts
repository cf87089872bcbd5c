import { canonical, subBlock } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldState } from "../../../world/world.ts";
import { type AwsContext, arnOf, ec2Identity, newId, refuseDependents, regionOf } from "../account.ts";
import { checkNetworkAddress } from "../addresses.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

const IPV6_RANGE = "2001:db8::/32";
const MODIFY = ["ec2:ModifyVpcAttribute"];

/** A VPC, with the security group and the route table that every one has. */
export const vpcKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ec2"),
    assignGeneratedIpv6CidrBlock: { type: "boolean", changedBy: ["ec2:AssociateVpcCidrBlock"] },
    cidrBlock: { type: "string", computed: true, replaces: true, check: checkBlock },
    enableDnsHostnames: { type: "boolean", computed: true, changedBy: MODIFY },
    enableDnsSupport: { type: "boolean", default: true, changedBy: MODIFY },
    instanceTenancy: { type: "string", default: "default", allowed: ["default", "dedicated"], replaces: true },
    region: { type: "string", computed: true, replaces: true },
  },
  outputs: [
    "arn",
    "defaultNetworkAclId",
    "defaultRouteTableId",
    "defaultSecurityGroupId",
    "dhcpOptionsId",
    "ipv6AssociationId",
    "ipv6CidrBlock",
    "mainRouteTableId",
    "ownerId",
  ],
  reads: [
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
  ],

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    const wantsIpv6 = inputs.assignGeneratedIpv6CidrBlock === true;
    await tagOnCreate(api, inputs);
    await api.create("ec2:CreateVpc", (state) => {
      if (typeof inputs.cidrBlock !== "string")
        throw new ApiError("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
      const id = newId("vpc");
      const own = makeOwn(state, id, region);
      return {
        id,
        record: {
          ...ec2Identity(state, region, `vpc/${id}`),
          ...tagsOf(inputs),
          ...own,
          assignGeneratedIpv6CidrBlock: wantsIpv6,
          cidrBlock: canonical(inputs.cidrBlock),
          defaultNetworkAclId: newId("acl"),
          dhcpOptionsId: newId("dopt"),
          enableDnsHostnames: inputs.enableDnsHostnames ?? false,
          enableDnsSupport: inputs.enableDnsSupport ?? true,
          enableNetworkAddressUsageMetrics: false,
          instanceTenancy: inputs.instanceTenancy ?? "default",
          ipv6AssociationId: wantsIpv6 ? newId("vpc-cidr-assoc") : "",
          ipv6CidrBlock: wantsIpv6 ? freeIpv6Block(state) : "",
          ipv6CidrBlockNetworkBorderGroup: wantsIpv6 ? region : "",
        },
      };
    });
    if (inputs.enableDnsHostnames !== undefined || inputs.enableDnsSupport !== undefined) await api.look(...MODIFY);
  },

  async delete(api) {
    await api.patiently(["DependencyViolation"], () =>
      api.remove("ec2:DeleteVpc", (record, state) => {
        refuseDependents(
          state,
          "vpc",
          [
            [TYPE.subnet, "vpcId"],
            [TYPE.internetGateway, "vpcId"],
          ],
          api.id ?? "",
        );
        removeOwn(state, api.id ?? "", record);
      }),
    );
    await api.look("ec2:DescribeVpcs");
  },
};

function checkBlock(block: string): string | undefined {
  const problem = checkNetworkAddress(4)(block);
  if (problem !== undefined) return problem;
  const length = Number(block.split("/")[1]);
  return length < 16 || length > 28 ? `expected "${block}" to contain a network CIDR with between 16 and 28 significant bits` : undefined;
}

function makeOwn(state: WorldState, vpcId: string, region: string) {
  const securityGroupId = newId("sg");
  const routeTableId = newId("rtb");
  const group = {
    ...ec2Identity(state, region, `security-group/${securityGroupId}`),
    name: "default",
    description: "default VPC security group",
    vpcId,
    tagsAll: {},
    ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, self: true }],
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
  };
  const table = {
    arn: arnOf(state, "ec2", region, `route-table/${routeTableId}`),
    region,
    vpcId,
    tagsAll: {},
    routes: [],
    propagatingVgws: [],
  };
  state.records[TYPE.securityGroup] = { ...state.records[TYPE.securityGroup], [securityGroupId]: group };
  state.records[TYPE.routeTable] = { ...state.records[TYPE.routeTable], [routeTableId]: table };
  return { defaultSecurityGroupId: securityGroupId, defaultRouteTableId: routeTableId, mainRouteTableId: routeTableId };
}

function removeOwn(state: WorldState, vpcId: string, vpc: Readonly<Record<string, unknown>>): void {
  const own = [vpc.defaultSecurityGroupId, vpc.mainRouteTableId];
  for (const type of [TYPE.securityGroup, TYPE.routeTable])
    for (const [id, record] of recordsOf(state, type)) {
      if (record.vpcId !== vpcId) continue;
      if (!own.includes(id)) throw new ApiError("DependencyViolation", `The vpc '${vpcId}' has dependencies and cannot be deleted.`);
    }
  delete state.records[TYPE.securityGroup]?.[own[0] as string];
  delete state.records[TYPE.routeTable]?.[own[1] as string];
}

function freeIpv6Block(state: WorldState): string {
  const taken = recordsOf(state, TYPE.vpc).map(([, vpc]) => vpc.ipv6CidrBlock);
  for (let index = 0; ; index += 1) {
    const block = subBlock(IPV6_RANGE, 56, index);
    if (!taken.includes(block)) return block;
  }
}
