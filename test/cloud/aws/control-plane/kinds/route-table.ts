import type { Properties } from "../../../plugin/values.ts";
import { canonical } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldState } from "../../../world/world.ts";
import { type AwsContext, ec2Identity, existing, newId, refuseDependents, regionOf } from "../account.ts";
import { checkNetworkAddress } from "../addresses.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

const TARGETS: PropertySchema = {
  gatewayId: { type: "string", changedBy: ["ec2:ReplaceRoute"] },
  natGatewayId: { type: "string", changedBy: ["ec2:ReplaceRoute"] },
  networkInterfaceId: { type: "string", changedBy: ["ec2:ReplaceRoute"] },
  transitGatewayId: { type: "string", changedBy: ["ec2:ReplaceRoute"] },
  vpcPeeringConnectionId: { type: "string", changedBy: ["ec2:ReplaceRoute"] },
};

/** A route table with its inline routes. */
export const routeTableKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ec2"),
    region: { type: "string", computed: true, replaces: true },
    routes: {
      type: {
        set: {
          object: {
            ...TARGETS,
            cidrBlock: { type: "string", check: checkNetworkAddress(4) },
            ipv6CidrBlock: { type: "string", check: checkNetworkAddress(6) },
          },
        },
      },
      computed: true,
      changedBy: ["ec2:DeleteRoute", "ec2:CreateRoute"],
    },
    vpcId: { type: "string", required: true, replaces: true },
  },
  outputs: ["arn", "ownerId", "propagatingVgws"],
  reads: ["ec2:DescribeRouteTables"],
  validate: (record, state) => {
    for (const route of record.routes as Properties[]) checkTarget(state, route, record.vpcId, record.region as string);
  },

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await tagOnCreate(api, inputs);
    await api.create("ec2:CreateRouteTable", (state) => {
      existing(state, TYPE.vpc, inputs.vpcId, region, "InvalidVpcID.NotFound", "vpc ID");
      const id = newId("rtb");
      const identity = ec2Identity(state, region, `route-table/${id}`);
      return { id, record: { ...identity, ...tagsOf(inputs), vpcId: inputs.vpcId, routes: [], propagatingVgws: [] } };
    });
    for (const route of (inputs.routes ?? []) as Properties[])
      await api.change("ec2:CreateRoute", (record, state) => {
        checkTarget(state, route, record.vpcId, region);
        record.routes = [...(record.routes as Properties[]), route];
      });
  },

  async delete(api) {
    await api.patiently(["DependencyViolation"], () =>
      api.remove("ec2:DeleteRouteTable", (_record, state) =>
        refuseDependents(state, "routeTable", [[TYPE.routeTableAssociation, "routeTableId"]], api.id ?? ""),
      ),
    );
    // The routes go with their table.
    await api.call("ec2:DescribeRouteTables", (state) => {
      for (const [id, route] of recordsOf(state, TYPE.route)) if (route.routeTableId === api.id) delete state.records[TYPE.route]?.[id];
    });
  },
};

/** One route of a table. */
export const routeKind: ResourceKind<AwsContext> = {
  properties: {
    ...TARGETS,
    destinationCidrBlock: { type: "string", replaces: true, check: checkNetworkAddress(4), conflictsWith: ["destinationIpv6CidrBlock"] },
    destinationIpv6CidrBlock: { type: "string", replaces: true, check: checkNetworkAddress(6) },
    region: { type: "string", computed: true, replaces: true },
    routeTableId: { type: "string", required: true, replaces: true },
  },
  outputs: ["instanceId", "instanceOwnerId", "origin", "state"],
  reads: ["ec2:DescribeRouteTables"],
  check: (inputs) => {
    const given = Object.keys(TARGETS).filter((name) => inputs[name] !== undefined);
    return given.length === 1
      ? []
      : [
          {
            property: "gatewayId",
            reason: `Invalid combination of arguments. One of ${Object.keys(TARGETS).join(", ")} must be specified, got ${given.length}`,
          },
        ];
  },

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await api.create("ec2:CreateRoute", (state) => {
      const table = existing(state, TYPE.routeTable, inputs.routeTableId, region, "InvalidRouteTableID.NotFound", "routeTable ID");
      const destination = String(inputs.destinationCidrBlock ?? inputs.destinationIpv6CidrBlock ?? "");
      if (destination === "") throw new ApiError("MissingParameter", "The request must contain exactly one destination");
      checkTarget(state, inputs, table.vpcId, region);
      const id = `r-${String(inputs.routeTableId)}${hashOf(canonical(destination))}`;
      if (state.records[TYPE.route]?.[id] !== undefined)
        throw new ApiError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
      return { id, record: { ...inputs, region, instanceId: "", instanceOwnerId: "", origin: "CreateRoute", state: "active" } };
    });
  },

  async delete(api) {
    await api.remove("ec2:DeleteRoute");
    await api.look("ec2:DescribeRouteTables");
  },
};

/** Which table a subnet uses. */
export const routeTableAssociationKind: ResourceKind<AwsContext> = {
  properties: {
    gatewayId: { type: "string", replaces: true, conflictsWith: ["subnetId"] },
    region: { type: "string", computed: true, replaces: true },
    routeTableId: { type: "string", required: true, changedBy: ["ec2:ReplaceRouteTableAssociation"] },
    subnetId: { type: "string", replaces: true },
  },
  outputs: [],
  reads: ["ec2:DescribeRouteTables"],

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await api.create("ec2:AssociateRouteTable", (state) => {
      const table = existing(state, TYPE.routeTable, inputs.routeTableId, region, "InvalidRouteTableID.NotFound", "routeTable ID");
      const subnet = existing(state, TYPE.subnet, inputs.subnetId, region, "InvalidSubnetID.NotFound", "subnet ID");
      if (table.vpcId !== subnet.vpcId)
        throw new ApiError(
          "InvalidParameterValue",
          `Route table ${String(inputs.routeTableId)} and network ${String(subnet.vpcId)} belong to different networks`,
        );
      if (recordsOf(state, TYPE.routeTableAssociation).some(([, one]) => one.subnetId === inputs.subnetId))
        throw new ApiError(
          "Resource.AlreadyAssociated",
          `the specified association for route table ${String(inputs.routeTableId)} conflicts with an existing association`,
        );
      return { id: newId("rtbassoc"), record: { ...inputs, region } };
    });
  },

  async delete(api) {
    await api.remove("ec2:DisassociateRouteTable");
    await api.look("ec2:DescribeRouteTables");
  },
};

function checkTarget(state: WorldState, route: Properties, vpcId: unknown, region: string): void {
  if (route.gatewayId !== undefined && route.gatewayId !== "local") {
    const gateway = existing(
      state,
      TYPE.internetGateway,
      route.gatewayId,
      region,
      "InvalidInternetGatewayID.NotFound",
      "internetGateway ID",
    );
    if (gateway.vpcId !== vpcId)
      throw new ApiError(
        "InvalidParameterValue",
        `route table of ${String(vpcId)} and network gateway ${String(route.gatewayId)} belong to different networks`,
      );
  }
  if (route.networkInterfaceId !== undefined)
    existing(state, TYPE.networkInterface, route.networkInterfaceId, region, "InvalidNetworkInterfaceID.NotFound", "networkInterface ID");
}

/** The number the real provider makes of a destination for a route's id: any will do that differs where that does. */
function hashOf(text: string): number {
  return [...text].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 2 ** 32, 0);
}
