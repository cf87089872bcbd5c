import { canonical, contains, overlap } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import { type AwsContext, ec2Identity, existing, newId, refuseDependents, regionOf } from "../account.ts";
import { checkNetworkAddress } from "../addresses.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

const MODIFY = ["ec2:ModifySubnetAttribute"];
/** Each region of this account has three. */
const ZONES = ["a", "b", "c"];

/** A subnet of a VPC, in one availability zone. */
export const subnetKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ec2"),
    assignIpv6AddressOnCreation: { type: "boolean", changedBy: MODIFY },
    availabilityZone: { type: "string", computed: true, replaces: true },
    cidrBlock: { type: "string", replaces: true, check: checkNetworkAddress(4) },
    enableResourceNameDnsARecordOnLaunch: { type: "boolean", changedBy: MODIFY },
    enableResourceNameDnsAaaaRecordOnLaunch: { type: "boolean", changedBy: MODIFY },
    ipv6CidrBlock: { type: "string", computed: true, changedBy: ["ec2:AssociateSubnetCidrBlock"], check: checkNetworkAddress(6) },
    mapPublicIpOnLaunch: { type: "boolean", changedBy: MODIFY },
    region: { type: "string", computed: true, replaces: true },
    vpcId: { type: "string", required: true, replaces: true },
  },
  outputs: ["arn", "availabilityZoneId", "ipv6CidrBlockAssociationId", "ownerId", "privateDnsHostnameTypeOnLaunch"],
  reads: ["ec2:DescribeSubnets"],

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await tagOnCreate(api, inputs);
    await api.create("ec2:CreateSubnet", (state) => {
      const vpc = existing(state, TYPE.vpc, inputs.vpcId, region, "InvalidVpcID.NotFound", "vpc ID");
      const cidrBlock = canonical(String(inputs.cidrBlock));
      const length = Number(cidrBlock.split("/")[1]);
      if (length < 16 || length > 28 || !contains(String(vpc.cidrBlock), cidrBlock))
        throw new ApiError("InvalidSubnet.Range", `The CIDR '${cidrBlock}' is invalid.`);
      if (recordsOf(state, TYPE.subnet).some(([, one]) => one.vpcId === inputs.vpcId && overlap(String(one.cidrBlock), cidrBlock)))
        throw new ApiError("InvalidSubnet.Conflict", `The CIDR '${cidrBlock}' conflicts with another subnet`);
      const ipv6 = inputs.ipv6CidrBlock as string | undefined;
      if (ipv6 !== undefined && (vpc.ipv6CidrBlock === "" || !ipv6.endsWith("/64") || !contains(String(vpc.ipv6CidrBlock), ipv6)))
        throw new ApiError("InvalidSubnet.Range", `The CIDR '${ipv6}' is invalid.`);
      const zone = inputs.availabilityZone ?? `${region}a`;
      if (!ZONES.some((letter) => zone === region + letter))
        throw new ApiError(
          "InvalidParameterValue",
          `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${ZONES.map((letter) => region + letter).join(", ")}.`,
        );
      const id = newId("subnet");
      return {
        id,
        record: {
          ...ec2Identity(state, region, `subnet/${id}`),
          ...tagsOf(inputs),
          assignIpv6AddressOnCreation: inputs.assignIpv6AddressOnCreation ?? false,
          availabilityZone: zone,
          availabilityZoneId: `${region.replaceAll(/[^a-z0-9]|(?<=[a-z])[a-z]+/g, "")}-az${ZONES.indexOf(String(zone).slice(-1)) + 1}`,
          cidrBlock,
          enableDns64: false,
          enableResourceNameDnsARecordOnLaunch: inputs.enableResourceNameDnsARecordOnLaunch ?? false,
          enableResourceNameDnsAaaaRecordOnLaunch: inputs.enableResourceNameDnsAaaaRecordOnLaunch ?? false,
          ipv6CidrBlock: ipv6 === undefined ? "" : canonical(ipv6),
          ipv6CidrBlockAssociationId: ipv6 === undefined ? "" : newId("subnet-cidr-assoc"),
          ipv6Native: false,
          mapPublicIpOnLaunch: inputs.mapPublicIpOnLaunch ?? false,
          outpostArn: "",
          privateDnsHostnameTypeOnLaunch: "ip-name",
          vpcId: inputs.vpcId,
        },
      };
    });
    if (inputs.mapPublicIpOnLaunch === true || inputs.assignIpv6AddressOnCreation === true) await api.look(...MODIFY);
  },

  async delete(api) {
    await api.look("ec2:DescribeNetworkInterfaces");
    await api.patiently(["DependencyViolation"], () =>
      api.remove("ec2:DeleteSubnet", (_record, state) =>
        refuseDependents(state, "subnet", [[TYPE.networkInterface, "subnetId"]], api.id ?? ""),
      ),
    );
    await api.look("ec2:DescribeSubnets");
  },
};
