import { ApiError } from "../../../world/provider/api.ts";
import type { ArmResource } from "../arm-resource.ts";
import { seedsOf } from "../seeds.ts";
import { newGuid } from "../subscription.ts";
import { TYPE } from "../types.ts";

const ARM_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities";

/** An identity that machines can be given. */
export const userAssignedIdentity: ArmResource = {
  token: TYPE.userAssignedIdentity,
  type: ARM_TYPE,
  apiVersion: "2023-01-31",
  names: ["resourceName"],
  path: ({ resourceName }) => `/providers/${ARM_TYPE}/${String(resourceName)}`,
  location: "replaces",
  hasTags: true,
  properties: {},
  outputs: ["clientId", "principalId", "tenantId"],

  put(state, { name, body, former }) {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$/.test(name))
      throw new ApiError(
        "BadRequest",
        `Invalid resource name '${name}'. The name must be between 3 and 128 characters, begin with a letter or a number, and hold letters, numbers, hyphens and underscores only.`,
      );
    return {
      ...body,
      clientId: former?.clientId ?? newGuid(),
      principalId: former?.principalId ?? newGuid(),
      tenantId: seedsOf(state).tenantId,
    };
  },
};
