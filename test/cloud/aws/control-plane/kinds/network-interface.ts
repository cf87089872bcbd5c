import { randomBytes } from "node:crypto";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { type AwsContext, ec2Identity, existing, newId, regionOf } from "../account.ts";
import { takeIpv6Address, takePrivateAddress } from "../addresses.ts";
import { instanceOf } from "../public-address.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

const MODIFY = ["ec2:ModifyNetworkInterfaceAttribute"];

/** A network interface that outlives the instances it is attached to. */
export const networkInterfaceKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ec2"),
    description: { type: "string", changedBy: MODIFY },
    enablePrimaryIpv6: { type: "boolean", computed: true, changedBy: MODIFY },
    interfaceType: { type: "string", computed: true, replaces: true, allowed: ["efa", "efa-only", "branch", "trunk"] },
    ipv6AddressCount: { type: "number", computed: true, conflictsWith: ["ipv6Addresses"], changedBy: ["ec2:AssignIpv6Addresses"] },
    ipv6Addresses: { type: { set: "string" }, computed: true, changedBy: ["ec2:AssignIpv6Addresses"] },
    privateIp: { type: "string", computed: true },
    privateIps: { type: { set: "string" }, computed: true, changedBy: ["ec2:AssignPrivateIpAddresses"] },
    privateIpsCount: { type: "number", computed: true, changedBy: ["ec2:AssignPrivateIpAddresses"] },
    region: { type: "string", computed: true, replaces: true },
    securityGroups: { type: { set: "string" }, computed: true, changedBy: MODIFY },
    sourceDestCheck: { type: "boolean", default: true, changedBy: MODIFY },
    subnetId: { type: "string", required: true, replaces: true },
  },
  outputs: ["arn", "attachments", "macAddress", "outpostArn", "ownerId", "privateDnsName"],
  reads: ["ec2:DescribeNetworkInterfaces"],
  validate: (record, state) => checkGroups(state, record.securityGroups, String(record.subnetId), String(record.region)),

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await tagOnCreate(api, inputs);
    await api.create("ec2:CreateNetworkInterface", (state) => {
      const id = newId("eni");
      return { id, record: { ...networkInterface(state, id, region, inputs), ...tagsOf(inputs), privateIpListEnabled: false } };
    });
    if (inputs.sourceDestCheck === false) await api.look(...MODIFY);
  },

  async update(api, { changed, inputs, record }, apply) {
    await apply();
    // An instance has the groups of its primary interface.
    const attached = instanceOf(record);
    if (changed.has("securityGroups"))
      await api.note((_record, state) =>
        Object.assign(state.records[TYPE.instance]?.[attached] ?? {}, { vpcSecurityGroupIds: inputs.securityGroups }),
      );
  },

  async delete(api) {
    await api.patiently(["InvalidParameterValue"], () =>
      api.remove("ec2:DeleteNetworkInterface", (record) => {
        if ((record.attachments as unknown[]).length > 0)
          throw new ApiError("InvalidParameterValue", `Network interface '${api.id}' is currently in use.`);
      }),
    );
    await api.look("ec2:DescribeNetworkInterfaces");
  },
};

/** A new network interface in a subnet, made by itself or along with an instance. */
export function networkInterface(state: WorldState, id: string, region: string, asked: Readonly<Record<string, unknown>>): WorldRecord {
  const subnetId = String(asked.subnetId);
  const subnet = existing(state, TYPE.subnet, subnetId, region, "InvalidSubnetID.NotFound", "subnet ID");
  const vpc = existing(state, TYPE.vpc, subnet.vpcId, region, "InvalidVpcID.NotFound", "vpc ID");
  const securityGroups = (asked.securityGroups as string[] | undefined) ?? [String(vpc.defaultSecurityGroupId)];
  checkGroups(state, securityGroups, subnetId, region);
  const asksFor = (asked.privateIps as string[] | undefined)?.[0] ?? (asked.privateIp as string | undefined);
  const privateIp = takePrivateAddress(state, subnetId, String(subnet.cidrBlock), asksFor);
  const ipv6Addresses = ipv6AddressesOf(state, subnetId, subnet, asked);
  return {
    ...ec2Identity(state, region, `network-interface/${id}`),
    attachments: [],
    description: asked.description ?? "",
    enablePrimaryIpv6: asked.enablePrimaryIpv6 ?? false,
    interfaceType: "interface",
    ipv6AddressCount: ipv6Addresses.length,
    ipv6Addresses,
    macAddress: `02:${randomBytes(5).toString("hex").match(/../g)?.join(":")}`,
    outpostArn: "",
    privateDnsName: `ip-${privateIp.replaceAll(".", "-")}.${region}.compute.internal`,
    privateIp,
    privateIps: [privateIp],
    privateIpsCount: 0,
    securityGroups,
    sourceDestCheck: asked.sourceDestCheck ?? true,
    subnetId,
    tagsAll: {},
  };
}

/** Refuses groups that are not of the network of a subnet. */
export function checkGroups(state: WorldState, groups: unknown, subnetId: string, region: string): void {
  const { vpcId } = existing(state, TYPE.subnet, subnetId, region, "InvalidSubnetID.NotFound", "subnet ID");
  for (const group of groups as string[]) {
    const found = existing(state, TYPE.securityGroup, group, region, "InvalidGroup.NotFound", "security group");
    if (found.vpcId !== vpcId)
      throw new ApiError("InvalidParameter", `Security group ${group} and subnet ${subnetId} belong to different networks.`);
  }
}

function ipv6AddressesOf(state: WorldState, subnetId: string, subnet: WorldRecord, asked: Readonly<Record<string, unknown>>): string[] {
  const given = asked.ipv6Addresses as string[] | undefined;
  const count = given?.length ?? (asked.ipv6AddressCount as number | undefined) ?? (subnet.assignIpv6AddressOnCreation === true ? 1 : 0);
  if (count === 0) return [];
  if (subnet.ipv6CidrBlock === "")
    throw new ApiError("InvalidParameterValue", `The subnet '${subnetId}' does not have an associated IPv6 CIDR block`);
  if (count > 1 && given === undefined)
    throw new ApiError("InvalidParameterValue", "the stand-in gives one IPv6 address per network interface");
  return given ?? [takeIpv6Address(state, subnetId, String(subnet.ipv6CidrBlock))];
}
