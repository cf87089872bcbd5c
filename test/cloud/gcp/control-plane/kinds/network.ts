import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import { autoName, nameProperty, placeProperty } from "../names.ts";
import { COMPUTE, type GcpContext, newNumber, projectOf, refuseTwin, refuseUse, refuseUsers } from "../project.ts";
import { TYPE } from "../types.ts";

const PATCH = ["compute.networks.update", "compute.globalOperations.get"];

/** A VPC network with subnetworks of one's own. */
export const networkKind: ResourceKind<GcpContext> = {
  properties: {
    autoCreateSubnetworks: { type: "boolean", default: true, replaces: true },
    deleteDefaultRoutesOnCreate: { type: "boolean", replaces: true },
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
    description: { type: "string", replaces: true },
    mtu: { type: "number", computed: true, replaces: true },
    name: nameProperty,
    project: placeProperty,
    routingMode: { type: "string", computed: true, allowed: ["REGIONAL", "GLOBAL"], changedBy: PATCH },
  },
  outputs: ["gatewayIpv4", "networkId", "numericId", "selfLink"],
  autoName,
  reads: ["compute.networks.get"],

  async create(api, inputs, context) {
    await api.create("compute.networks.create", (state) => {
      const project = projectOf(state, inputs, context);
      const id = `projects/${project}/global/networks/${String(inputs.name)}`;
      refuseTwin(state, TYPE.network, id);
      if (inputs.autoCreateSubnetworks !== false)
        throw new ApiError("", "the stand-in has networks of custom mode only: set autoCreateSubnetworks to false");
      const numericId = newNumber();
      return {
        id,
        record: {
          deletionPolicy: "DELETE",
          ...inputs,
          gatewayIpv4: "",
          mtu: inputs.mtu ?? 1460,
          networkFirewallPolicyEnforcementOrder: "AFTER_CLASSIC_FIREWALL",
          networkId: Number(numericId),
          numericId,
          project,
          routingMode: inputs.routingMode ?? "REGIONAL",
          selfLink: COMPUTE + id,
        },
      };
    });
    await api.look("compute.globalOperations.get");
  },

  async delete(api) {
    await api.patiently(["resourceInUseByAnotherResource"], () =>
      api.remove("compute.networks.delete", (_record, state) => {
        const id = api.id ?? "";
        refuseUsers(state, "network", id, [
          [TYPE.subnetwork, "network"],
          [TYPE.firewall, "network"],
        ]);
        for (const [user, { networkInterfaces }] of recordsOf(state, TYPE.instance))
          if ((networkInterfaces as { network: string }[]).some(({ network }) => network.endsWith(`/${id}`)))
            refuseUse("network", id, user);
      }),
    );
    await api.look("compute.globalOperations.get");
  },
};
