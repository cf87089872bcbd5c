import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import { type AwsContext, arnOf, existing, newId, regionOf } from "../account.ts";
import { takePublicAddress } from "../addresses.ts";
import { associate, disassociate, publicDnsName } from "../public-address.ts";
import { seedsOf } from "../seeds.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

/** An elastic address. It is pointed at something by an association of its own. */
export const eipKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ec2"),
    domain: { type: "string", computed: true, replaces: true, allowed: ["vpc", "standard"] },
    networkBorderGroup: { type: "string", computed: true, replaces: true },
    publicIpv4Pool: { type: "string", computed: true, replaces: true },
    region: { type: "string", computed: true, replaces: true },
  },
  outputs: [
    "allocationId",
    "arn",
    "associationId",
    "carrierIp",
    "customerOwnedIp",
    "instance",
    "networkInterface",
    "privateDns",
    "privateIp",
    "ptrRecord",
    "publicDns",
    "publicIp",
  ],
  reads: ["ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"],

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await tagOnCreate(api, inputs);
    await api.create("ec2:AllocateAddress", (state) => {
      const held = recordsOf(state, TYPE.eip).filter(([, one]) => one.region === region);
      if (held.length >= seedsOf(state).quotas.addresses)
        throw new ApiError("AddressLimitExceeded", "The maximum number of addresses has been reached.");
      const id = newId("eipalloc");
      const publicIp = takePublicAddress(state);
      return {
        id,
        record: {
          ...tagsOf(inputs),
          allocationId: id,
          arn: arnOf(state, "ec2", region, `elastic-ip/${id}`),
          associationId: "",
          carrierIp: "",
          customerOwnedIp: "",
          domain: "vpc",
          instance: "",
          networkBorderGroup: region,
          networkInterface: "",
          privateDns: "",
          privateIp: "",
          ptrRecord: "",
          publicDns: publicDnsName(publicIp, region),
          publicIp,
          publicIpv4Pool: "amazon",
          region,
        },
      };
    });
  },

  async delete(api) {
    await api.patiently(["InvalidIPAddress.InUse"], () =>
      api.remove("ec2:ReleaseAddress", (record) => {
        if (record.associationId !== "") throw new ApiError("InvalidIPAddress.InUse", `Address ${String(record.publicIp)} is in use.`);
      }),
    );
  },
};

/** What an elastic address points at. */
export const eipAssociationKind: ResourceKind<AwsContext> = {
  properties: {
    allocationId: { type: "string", computed: true, replaces: true },
    allowReassociation: { type: "boolean", default: true, replaces: true },
    instanceId: { type: "string", computed: true, replaces: true },
    networkInterfaceId: { type: "string", computed: true, replaces: true },
    privateIpAddress: { type: "string", computed: true, replaces: true },
    region: { type: "string", computed: true, replaces: true },
  },
  outputs: ["publicIp"],
  reads: ["ec2:DescribeAddresses"],

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await api.patiently(["InvalidInstanceID", "IncorrectInstanceState"], () =>
      api.create("ec2:AssociateAddress", (state) => {
        const networkInterfaceId = String(inputs.networkInterfaceId ?? primaryInterface(state.records[TYPE.instance], inputs.instanceId));
        const allocationId = String(inputs.allocationId);
        const { associationId } = existing(state, TYPE.eip, allocationId, region, "InvalidAllocationID.NotFound", "allocation ID");
        if (inputs.allowReassociation === false && associationId !== "")
          throw new ApiError(
            "Resource.AlreadyAssociated",
            `resource ${allocationId} is already associated with associate-id ${String(associationId)}`,
          );
        const id = newId("eipassoc");
        const { instance, privateIp, publicIp } = associate(state, allocationId, id, networkInterfaceId, region);
        return {
          id,
          record: {
            allocationId,
            allowReassociation: inputs.allowReassociation ?? true,
            instanceId: instance,
            networkInterfaceId,
            privateIpAddress: privateIp,
            publicIp,
            region,
          },
        };
      }),
    );
  },

  async delete(api) {
    await api.call("ec2:DisassociateAddress", (state) => {
      const address = recordsOf(state, TYPE.eip).find(([, one]) => one.associationId === api.id)?.[1];
      if (address !== undefined) disassociate(state, address);
      delete state.records[TYPE.eipAssociation]?.[api.id ?? ""];
    });
  },
};

function primaryInterface(instances: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined, id: unknown): string {
  const instance = instances?.[String(id)];
  if (instance === undefined) throw new ApiError("InvalidInstanceID.NotFound", `The instance ID '${String(id)}' does not exist`);
  if (!["running", "stopped"].includes(String(instance.instanceState)))
    throw new ApiError(
      "IncorrectInstanceState",
      `The pending-instance-creation instance '${String(id)}' is not in a valid state for this operation.`,
    );
  return String(instance.primaryNetworkInterfaceId);
}
