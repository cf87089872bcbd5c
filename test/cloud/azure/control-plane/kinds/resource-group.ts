import { askMachineHost } from "../../../world/machine-host.ts";
import { recordsOf } from "../../../world/records.ts";
import { isWithin } from "../arm-id.ts";
import type { ArmResource } from "../arm-resource.ts";
import { matching } from "../check-inputs.ts";
import { rememberDeletedVault } from "../deleted-vaults.ts";
import { TYPE } from "../types.ts";

/** A resource group. What is in it goes with it. */
export const resourceGroup: ArmResource = {
  token: TYPE.resourceGroup,
  type: "Microsoft.Resources/subscriptions/resourceGroups",
  apiVersion: "2024-03-01",
  names: ["resourceGroupName"],
  nameChecks: { resourceGroupName: matching("resourceGroupName", /^(?=.{1,90}$)[-\w._()]*[-\w_()]$/) },
  path: () => "",
  location: "replaces",
  hasTags: true,
  properties: { managedBy: { type: "string" } },
  outputs: ["properties"],

  put: (_state, { body }) => ({ ...body, properties: { provisioningState: "Succeeded" } }),

  async beforeRemoval(api) {
    const machines = recordsOf(api.world.read(), TYPE.virtualMachine).filter(([id]) => isWithin(id, api.id ?? ""));
    for (const [, { vmId }] of machines) await askMachineHost(api.world, { do: "terminate", instance: String(vmId) });
  },

  removed(state, id) {
    for (const [vaultId, vault] of recordsOf(state, TYPE.vault)) if (isWithin(vaultId, id)) rememberDeletedVault(state, vaultId, vault);
    for (const records of Object.values(state.records))
      for (const inner of Object.keys(records)) if (isWithin(inner, id)) delete records[inner];
  },
};
