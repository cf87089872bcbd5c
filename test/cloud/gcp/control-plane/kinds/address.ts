import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { takeInternalAddress, takePublicAddress } from "../addresses.ts";
import { labelsProperty, refuseLabels } from "../labels.ts";
import { autoName, nameProperty, placeProperty } from "../names.ts";
import {
  COMPUTE,
  fingerprint,
  type GcpContext,
  idOf,
  isSameReference,
  now,
  projectOf,
  referenced,
  refuseTwin,
  refuseUse,
  regionOf,
} from "../project.ts";
import { TYPE } from "../types.ts";

/** A reserved address of a region: an external one, or one of a subnetwork. */
export const addressKind: ResourceKind<GcpContext> = {
  properties: {
    ...labelsProperty("compute.addresses.setLabels"),
    address: { type: "string", computed: true, replaces: true },
    addressType: { type: "string", default: "EXTERNAL", allowed: ["EXTERNAL", "INTERNAL"], replaces: true },
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
    description: { type: "string", replaces: true },
    name: nameProperty,
    networkTier: { type: "string", computed: true, allowed: ["PREMIUM", "STANDARD"], replaces: true },
    project: placeProperty,
    purpose: { type: "string", computed: true, replaces: true },
    region: { ...placeProperty, same: isSameReference },
    subnetwork: { type: "string", computed: true, replaces: true, same: isSameReference },
  },
  outputs: ["creationTimestamp", "effectiveLabels", "labelFingerprint", "prefixLength", "pulumiLabels", "selfLink", "users"],
  autoName,
  reads: ["compute.addresses.get"],
  validate: ({ labels }) => refuseLabels(labels),

  async create(api, inputs, context) {
    const isInternal = inputs.addressType === "INTERNAL";
    if (isInternal) await api.look("compute.addresses.createInternal", "compute.subnetworks.use");
    await api.create("compute.addresses.create", (state) => {
      const project = projectOf(state, inputs, context);
      const region = regionOf(inputs, context);
      const id = `projects/${project}/regions/${region}/addresses/${String(inputs.name)}`;
      refuseTwin(state, TYPE.address, id);
      refuseLabels(inputs.labels);
      if (isInternal && inputs.networkTier !== undefined)
        throw new ApiError(
          "invalid",
          `Invalid value for field 'resource.networkTier': '${String(inputs.networkTier)}'. Network tier cannot be specified for an internal address.`,
        );
      if (!isInternal && inputs.subnetwork !== undefined)
        throw new ApiError(
          "invalid",
          `Invalid value for field 'resource.subnetwork': '${String(inputs.subnetwork)}'. Subnetwork can only be specified for an internal address.`,
        );
      const subnetworkId = idOf(inputs.subnetwork ?? "default", project, `regions/${region}/subnetworks`);
      const asked = inputs.address === undefined ? undefined : String(inputs.address);
      if (isInternal) {
        const subnetwork = referenced(state, TYPE.subnetwork, subnetworkId, "resource.subnetwork");
        if (subnetwork.region !== region)
          throw new ApiError(
            "invalid",
            `Invalid value for field 'resource.subnetwork': '${subnetworkId}'. The subnetwork is not in region '${region}'.`,
          );
      } else if (asked !== undefined)
        throw new ApiError(
          "invalid",
          `Invalid value for field 'resource.address': '${asked}'. The specified address is not one of the project's.`,
        );
      return {
        id,
        record: {
          deletionPolicy: "DELETE",
          ...inputs,
          address: isInternal ? takeInternalAddress(state, subnetworkId, asked) : takePublicAddress(state),
          addressType: inputs.addressType ?? "EXTERNAL",
          creationTimestamp: now(),
          labelFingerprint: fingerprint(inputs.labels ?? {}),
          networkTier: isInternal ? "" : (inputs.networkTier ?? "PREMIUM"),
          prefixLength: 0,
          project,
          purpose: inputs.purpose ?? (isInternal ? "GCE_ENDPOINT" : ""),
          region,
          selfLink: COMPUTE + id,
          subnetwork: isInternal ? COMPUTE + subnetworkId : "",
          users: [],
        },
      };
    });
    await api.look("compute.regionOperations.get");
    // The provider labels it in a call of its own.
    await api.look("compute.addresses.setLabels", "compute.regionOperations.get");
  },

  async delete(api) {
    await api.patiently(["resourceInUseByAnotherResource"], () =>
      api.remove(
        isOfSubnetwork(api.world.find(TYPE.address, api.id ?? "")) ? "compute.addresses.deleteInternal" : "compute.addresses.delete",
        ({ users }) => {
          const [user] = users as string[];
          if (user !== undefined) refuseUse("address", api.id ?? "", user.replace(COMPUTE, ""));
        },
      ),
    );
    await api.look("compute.regionOperations.get");
  },
};

function isOfSubnetwork(record: Readonly<Record<string, unknown>> | undefined): boolean {
  return record?.addressType === "INTERNAL";
}
