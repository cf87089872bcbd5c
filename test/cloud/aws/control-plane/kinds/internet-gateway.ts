import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { type AwsContext, ec2Identity, existing, newId, regionOf } from "../account.ts";
import { instanceOf } from "../public-address.ts";
import { tagOnCreate, tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

/** An internet gateway; one VPC has one at most. */
export const internetGatewayKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("ec2"),
    region: { type: "string", computed: true, replaces: true },
    vpcId: { type: "string", computed: true, changedBy: ["ec2:DetachInternetGateway", "ec2:AttachInternetGateway"] },
  },
  outputs: ["arn", "ownerId"],
  reads: ["ec2:DescribeInternetGateways"],
  validate: (record, state, id) => checkAttachment(record, state, id),

  async create(api, inputs, context) {
    const region = regionOf(inputs, context);
    await tagOnCreate(api, inputs);
    await api.create("ec2:CreateInternetGateway", (state) => {
      const id = newId("igw");
      return { id, record: { ...ec2Identity(state, region, `internet-gateway/${id}`), ...tagsOf(inputs), vpcId: "" } };
    });
    if (inputs.vpcId === undefined) return;
    await api.change("ec2:AttachInternetGateway", (record, state) => {
      checkAttachment({ ...record, vpcId: inputs.vpcId }, state, api.id ?? "");
      record.vpcId = inputs.vpcId;
    });
  },

  async delete(api, { vpcId }) {
    if (vpcId !== "")
      await api.patiently(["DependencyViolation"], () =>
        api.change("ec2:DetachInternetGateway", (record, state) => {
          refuseMappedAddresses(state, vpcId);
          record.vpcId = "";
        }),
      );
    await api.remove("ec2:DeleteInternetGateway");
    await api.look("ec2:DescribeInternetGateways");
  },
};

function checkAttachment({ vpcId, region }: WorldRecord, state: WorldState, id: string): void {
  existing(state, TYPE.vpc, vpcId, region as string, "InvalidVpcID.NotFound", "vpc ID");
  if (recordsOf(state, TYPE.internetGateway).some(([other, one]) => other !== id && one.vpcId === vpcId))
    throw new ApiError("Resource.AlreadyAssociated", `resource ${id} is already attached to network ${String(vpcId)}`);
}

/** The gateway cannot go while an address of the internet leads to this network. */
function refuseMappedAddresses(state: WorldState, vpcId: unknown): void {
  for (const [id, network] of recordsOf(state, TYPE.networkInterface)) {
    if (state.records[TYPE.subnet]?.[String(network.subnetId)]?.vpcId !== vpcId) continue;
    const launched = state.records[TYPE.instance]?.[instanceOf(network)]?.publicIp ?? "";
    if (launched !== "" || recordsOf(state, TYPE.eip).some(([, address]) => address.networkInterface === id))
      throw new ApiError(
        "DependencyViolation",
        `Network ${String(vpcId)} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
  }
}
