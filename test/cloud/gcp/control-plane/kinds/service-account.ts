import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { placeProperty } from "../names.ts";
import { type GcpContext, newNumber, projectOf } from "../project.ts";
import { TYPE } from "../types.ts";

const ID = /^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/;
const LONGEST_DISPLAY_NAME_BYTES = 100;
const LONGEST_DESCRIPTION_BYTES = 256;
const UPDATE = ["iam.serviceAccounts.update"];

/** Who a machine is to other services. */
export const serviceAccountKind: ResourceKind<GcpContext> = {
  properties: {
    accountId: {
      type: "string",
      replaces: true,
      check: (id: string) => (ID.test(id) ? undefined : `"account_id" ("${id}") doesn't match regexp "${ID.source}"`),
    },
    createIgnoreAlreadyExists: { type: "boolean" },
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
    description: { type: "string", changedBy: UPDATE, check: atMost("description", LONGEST_DESCRIPTION_BYTES) },
    disabled: {
      type: "boolean",
      changedBy: (_actual, asked) => [asked === true ? "iam.serviceAccounts.disable" : "iam.serviceAccounts.enable"],
    },
    displayName: { type: "string", changedBy: UPDATE, check: atMost("displayName", LONGEST_DISPLAY_NAME_BYTES) },
    project: placeProperty,
  },
  outputs: ["email", "member", "name", "uniqueId"],
  autoName: { property: "accountId", longest: 30 },
  reads: ["iam.serviceAccounts.get"],

  async create(api, inputs, context) {
    await api.create("iam.serviceAccounts.create", (state) => {
      const project = projectOf(state, inputs, context);
      const accountId = String(inputs.accountId);
      const email = `${accountId}@${project}.iam.gserviceaccount.com`;
      const id = `projects/${project}/serviceAccounts/${email}`;
      if (state.records[TYPE.serviceAccount]?.[id] !== undefined)
        throw new ApiError("alreadyExists", `Service account ${accountId} already exists within project projects/${project}.`);
      return {
        id,
        record: { deletionPolicy: "DELETE", ...inputs, email, member: `serviceAccount:${email}`, name: id, project, uniqueId: newNumber() },
      };
    });
  },

  async delete(api) {
    await api.remove("iam.serviceAccounts.delete");
  },
};

function atMost(property: string, bytes: number) {
  return (text: string) =>
    Buffer.byteLength(text) <= bytes ? undefined : `expected length of ${property} to be in the range (0 - ${bytes}), got ${text}`;
}
