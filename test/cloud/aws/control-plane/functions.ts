import type { Properties } from "../../plugin/values.ts";
import { type Api, ApiError } from "../../world/provider/api.ts";
import type { PropertySchema } from "../../world/provider/property.ts";
import type { CloudFunction } from "../../world/provider/resource-kind.ts";
import { recordsOf } from "../../world/records.ts";
import type { WorldRecord } from "../../world/world.ts";
import { type AwsContext, regionOf } from "./account.ts";
import { findImage } from "./find-image.ts";
import { seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

const FILTERS: PropertySchema = {
  filters: {
    type: { list: { object: { name: { type: "string", required: true }, values: { type: { list: "string" }, required: true } } } },
  },
  region: { type: "string" },
  tags: { type: { map: "string" } },
};

/** The look-ups a program can make. */
export const FUNCTIONS: Readonly<Record<string, CloudFunction<AwsContext>>> = {
  "aws:ec2/getAmi:getAmi": {
    properties: {
      ...FILTERS,
      allowUnsafeFilter: { type: "boolean" },
      executableUsers: { type: { list: "string" } },
      includeDeprecated: { type: "boolean" },
      mostRecent: { type: "boolean" },
      nameRegex: { type: "string" },
      owners: { type: { list: "string" } },
    },
    async call(api, inputs, context) {
      await api.look("ec2:DescribeImages");
      return { ...inputs, ...findImage(seedsOf(api.world.read()).images, inputs), region: regionOf(inputs, context) };
    },
  },

  "aws:ec2/getVpc:getVpc": {
    properties: {
      ...FILTERS,
      cidrBlock: { type: "string" },
      default: { type: "boolean" },
      id: { type: "string" },
      state: { type: "string" },
    },
    async call(api, inputs, context) {
      await api.look("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeRouteTables");
      const [id, vpc] = onlyOne(api, TYPE.vpc, "EC2 VPC", inputs, context);
      return {
        default: false,
        tags: vpc.tagsAll,
        ...vpc,
        cidrBlockAssociations: [],
        id,
        ipv6CidrBlockAssociations: [],
        state: "available",
      };
    },
  },

  "aws:ec2/getSubnet:getSubnet": {
    properties: {
      ...FILTERS,
      availabilityZone: { type: "string" },
      cidrBlock: { type: "string" },
      defaultForAz: { type: "boolean" },
      id: { type: "string" },
      vpcId: { type: "string" },
    },
    async call(api, inputs, context) {
      await api.look("ec2:DescribeSubnets");
      const [id, subnet] = onlyOne(api, TYPE.subnet, "EC2 Subnet", inputs, context);
      return { defaultForAz: false, tags: subnet.tagsAll, ...subnet, availableIpAddressCount: 200, id, state: "available" };
    },
  },

  "aws:route53/getZone:getZone": {
    properties: { name: { type: "string" }, privateZone: { type: "boolean" }, vpcId: { type: "string" }, zoneId: { type: "string" } },
    async call(api, inputs) {
      await api.look("route53:ListHostedZones", "route53:GetHostedZone", "route53:ListTagsForResource");
      const name = typeof inputs.name === "string" ? inputs.name.replace(/\.$/, "") : undefined;
      if ((name === undefined) === (inputs.zoneId === undefined)) throw new ApiError("", "one of `zone_id,name` must be specified");
      const found = seedsOf(api.world.read()).zones.filter((zone) =>
        name === undefined ? zone.zoneId === inputs.zoneId : zone.name === name && zone.privateZone === (inputs.privateZone ?? false),
      );
      const [zone] = found;
      if (zone === undefined || found.length > 1)
        throw new ApiError("", `${found.length === 0 ? "no" : "multiple"} matching Route 53 Hosted Zone found`);
      const nameServers = [1, 2, 3, 4].map((number) => `ns-${number}.awsdns-0${number}.example`);
      return {
        ...zone,
        arn: `arn:aws:route53:::hostedzone/${zone.zoneId}`,
        callerReference: "",
        comment: "",
        id: zone.zoneId,
        nameServers,
        primaryNameServer: nameServers[0],
        resourceRecordSetCount: 2,
        tags: {},
      };
    },
  },

  "aws:index/getCallerIdentity:getCallerIdentity": {
    properties: { id: { type: "string" } },
    async call(api) {
      await api.look("sts:GetCallerIdentity");
      const { accountId } = seedsOf(api.world.read());
      return { accountId, arn: `arn:aws:iam::${accountId}:user/deployer`, id: accountId, userId: "AIDAQQQQQQQQQQQQQQQQQ" };
    },
  },

  "aws:index/getRegion:getRegion": {
    properties: { endpoint: { type: "string" }, id: { type: "string" }, name: { type: "string" }, region: { type: "string" } },
    async call(_api, inputs, context) {
      const region = String(inputs.name ?? regionOf(inputs, context));
      return { description: region, endpoint: `ec2.${region}.amazonaws.com`, id: region, name: region, region };
    },
  },

  "aws:index/getPartition:getPartition": {
    properties: { id: { type: "string" } },
    call: async () => ({ dnsSuffix: "amazonaws.com", id: "aws", partition: "aws", reverseDnsPrefix: "com.amazonaws" }),
  },
};

/** The one record that meets what is asked. */
function onlyOne(api: Api, type: string, what: string, asked: Properties, context: AwsContext): [id: string, record: WorldRecord] {
  const { filters = [], tags = {}, region: _, id, state: __, ...properties } = asked;
  if ((filters as unknown[]).length > 0) throw new ApiError("", `the stand-in finds an ${what} by its properties, not by filters`);
  const found = recordsOf(api.world.read(), type).filter(
    ([found, record]) =>
      record.region === regionOf(asked, context) &&
      (id === undefined || id === found) &&
      Object.entries(properties).every(([name, value]) => (record[name] ?? false) === value) &&
      Object.entries(tags as object).every(([key, value]) => (record.tagsAll as Properties)[key] === value),
  );
  const [one] = found;
  if (one === undefined) throw new ApiError("", `no matching ${what} found`);
  if (found.length > 1)
    throw new ApiError("", `multiple ${what}s matched; use additional constraints to reduce matches to a single ${what}`);
  return one;
}
