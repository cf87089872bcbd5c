import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import { objects } from "../../../world/records.ts";
import type { WorldRecord } from "../../../world/world.ts";
import type { ArmResource } from "../arm-resource.ts";
import { refuseNetworkName } from "../names.ts";
import { refuseRules } from "../security-rule.ts";
import { etagOf, newGuid } from "../subscription.ts";
import { TYPE } from "../types.ts";

const ARM_TYPE = "Microsoft.Network/networkSecurityGroups";
const EVERYTHING = { sourceAddressPrefix: "*", destinationAddressPrefix: "*" };
const WITHIN = { sourceAddressPrefix: "VirtualNetwork", destinationAddressPrefix: "VirtualNetwork" };

const DEFAULT_RULES: readonly WorldRecord[] = [
  { name: "AllowVnetInBound", priority: 65_000, direction: "Inbound", access: "Allow", ...WITHIN },
  {
    name: "AllowAzureLoadBalancerInBound",
    priority: 65_001,
    direction: "Inbound",
    access: "Allow",
    ...EVERYTHING,
    sourceAddressPrefix: "AzureLoadBalancer",
  },
  { name: "DenyAllInBound", priority: 65_500, direction: "Inbound", access: "Deny", ...EVERYTHING },
  { name: "AllowVnetOutBound", priority: 65_000, direction: "Outbound", access: "Allow", ...WITHIN },
  {
    name: "AllowInternetOutBound",
    priority: 65_001,
    direction: "Outbound",
    access: "Allow",
    ...EVERYTHING,
    destinationAddressPrefix: "Internet",
  },
  { name: "DenyAllOutBound", priority: 65_500, direction: "Outbound", access: "Deny", ...EVERYTHING },
];

const rule: PropertySchema = {
  access: { type: "string", required: true },
  description: { type: "string" },
  destinationAddressPrefix: { type: "string" },
  destinationAddressPrefixes: { type: { list: "string" } },
  destinationPortRange: { type: "string" },
  destinationPortRanges: { type: { list: "string" } },
  direction: { type: "string", required: true },
  id: { type: "string" },
  name: { type: "string" },
  priority: { type: "number" },
  protocol: { type: "string", required: true },
  sourceAddressPrefix: { type: "string" },
  sourceAddressPrefixes: { type: { list: "string" } },
  sourcePortRange: { type: "string" },
  sourcePortRanges: { type: { list: "string" } },
};

/** A network security group with the rules it was given. */
export const networkSecurityGroup: ArmResource = {
  token: TYPE.networkSecurityGroup,
  type: ARM_TYPE,
  apiVersion: "2024-05-01",
  names: ["networkSecurityGroupName"],
  path: ({ networkSecurityGroupName }) => `/providers/${ARM_TYPE}/${String(networkSecurityGroupName)}`,
  location: "stays",
  hasTags: true,
  properties: {
    flushConnection: { type: "boolean" },
    securityRules: { type: { list: { object: rule } } },
  },
  outputs: ["defaultSecurityRules", "etag", "networkInterfaces", "provisioningState", "resourceGuid", "subnets"],

  put(_state, { id, name, body, former }) {
    refuseNetworkName(name);
    const rules = objects(body, "securityRules");
    refuseRules(id, rules);
    return {
      ...body,
      defaultSecurityRules: DEFAULT_RULES.map((one) => ({
        ...one,
        destinationPortRange: "*",
        id: `${id}/defaultSecurityRules/${String(one.name)}`,
        protocol: "*",
        sourcePortRange: "*",
      })),
      etag: etagOf(body),
      provisioningState: "Succeeded",
      resourceGuid: former?.resourceGuid ?? newGuid(),
      securityRules: rules.map((one) => ({
        destinationAddressPrefixes: [],
        destinationPortRanges: [],
        sourceAddressPrefixes: [],
        sourcePortRanges: [],
        ...one,
        etag: etagOf(one),
        id: `${id}/securityRules/${String(one.name)}`,
        provisioningState: "Succeeded",
        type: `${ARM_TYPE}/securityRules`,
      })),
    };
  },

  refuseRemoval(_state, id, record) {
    const [user] = [...objects(record, "networkInterfaces"), ...objects(record, "subnets")];
    if (user !== undefined)
      throw new ApiError(
        "InUseNetworkSecurityGroupCannotBeDeleted",
        `Network security group ${id} cannot be deleted because it is in use by the following resources: ${String(user.id)}. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.`,
      );
  },
};
