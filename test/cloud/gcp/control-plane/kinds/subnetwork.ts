import { contains, overlap } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldState } from "../../../world/world.ts";
import { autoName, isIpv4Block, nameProperty, placeProperty } from "../names.ts";
import {
  COMPUTE,
  fingerprint,
  type GcpContext,
  idOf,
  isSameReference,
  nameIn,
  newNumber,
  now,
  projectOf,
  referenced,
  refuseTwin,
  refuseUse,
  refuseUsers,
  regionOf,
} from "../project.ts";
import { TYPE } from "../types.ts";

const PATCH = ["compute.subnetworks.update", "compute.regionOperations.get"];
const SMALLEST_PREFIX_LENGTH = 29;

/** A range of a network in one region. */
export const subnetworkKind: ResourceKind<GcpContext> = {
  properties: {
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
    description: { type: "string", replaces: true },
    ipCidrRange: { type: "string", computed: true, changedBy: ["compute.subnetworks.expandIpCidrRange", "compute.regionOperations.get"] },
    name: nameProperty,
    network: { type: "string", required: true, replaces: true, same: isSameReference },
    privateIpGoogleAccess: {
      type: "boolean",
      computed: true,
      changedBy: ["compute.subnetworks.setPrivateIpGoogleAccess", "compute.regionOperations.get"],
    },
    project: placeProperty,
    purpose: { type: "string", computed: true, replaces: true },
    region: { ...placeProperty, same: isSameReference },
    stackType: { type: "string", computed: true, allowed: ["IPV4_ONLY", "IPV4_IPV6", "IPV6_ONLY"], changedBy: PATCH },
  },
  outputs: ["creationTimestamp", "fingerprint", "gatewayAddress", "selfLink", "subnetworkId", "state"],
  autoName,
  reads: ["compute.subnetworks.get"],
  // A range may grow in place; any other change of it is another subnetwork.
  replaces: (_changed, actual, asked) =>
    isIpv4Block(String(asked.ipCidrRange)) && contains(String(asked.ipCidrRange), String(actual.ipCidrRange)) ? [] : ["ipCidrRange"],

  async create(api, inputs, context) {
    await api.look("compute.networks.updatePolicy");
    await api.create("compute.subnetworks.create", (state) => {
      const project = projectOf(state, inputs, context);
      const region = regionOf(inputs, context);
      const id = `projects/${project}/regions/${region}/subnetworks/${String(inputs.name)}`;
      refuseTwin(state, TYPE.subnetwork, id);
      const networkId = idOf(inputs.network, project, "global/networks");
      referenced(state, TYPE.network, networkId, "resource.network");
      const ipCidrRange = String(inputs.ipCidrRange);
      refuseRange(state, networkId, ipCidrRange);
      return {
        id,
        record: {
          deletionPolicy: "DELETE",
          ...inputs,
          creationTimestamp: now(),
          fingerprint: fingerprint(inputs),
          gatewayAddress: ipCidrRange.split("/")[0]?.replace(/\d+$/, (last) => `${Number(last) + 1}`),
          network: COMPUTE + networkId,
          privateIpGoogleAccess: inputs.privateIpGoogleAccess ?? false,
          project,
          purpose: inputs.purpose ?? "PRIVATE",
          region,
          secondaryIpRanges: [],
          selfLink: COMPUTE + id,
          stackType: inputs.stackType ?? "IPV4_ONLY",
          state: "READY",
          subnetworkId: Number(newNumber()),
        },
      };
    });
    await api.look("compute.regionOperations.get");
  },

  async delete(api) {
    await api.patiently(["resourceInUseByAnotherResource"], () =>
      api.remove("compute.subnetworks.delete", (_record, state) => {
        const id = api.id ?? "";
        refuseUsers(state, "subnetwork", id, [[TYPE.address, "subnetwork"]]);
        for (const [user, { networkInterfaces }] of recordsOf(state, TYPE.instance))
          if ((networkInterfaces as { subnetwork: string }[]).some(({ subnetwork }) => subnetwork.endsWith(`/${id}`)))
            refuseUse("subnetwork", id, user);
      }),
    );
    await api.look("compute.regionOperations.get");
  },
};

function refuseRange(state: WorldState, networkId: string, range: string): void {
  if (!isIpv4Block(range) || Number(range.split("/")[1]) > SMALLEST_PREFIX_LENGTH)
    throw new ApiError("invalid", `Invalid value for field 'resource.ipCidrRange': '${range}'. Invalid IPCidrRange: ${range}.`);
  for (const [, other] of recordsOf(state, TYPE.subnetwork))
    if (String(other.network).endsWith(`/${networkId}`) && overlap(String(other.ipCidrRange), range))
      throw new ApiError(
        "badRequest",
        `Invalid IPCidrRange: ${range} conflicts with existing subnetwork '${nameIn(other.name)}' in region '${String(other.region)}'.`,
      );
}
