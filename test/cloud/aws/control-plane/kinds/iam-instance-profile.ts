import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import type { recordsOf } from "../../../world/records.ts";
import type { AwsContext } from "../account.ts";
import { seedsOf } from "../seeds.ts";
import { tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";
import { checkIamName, uniqueId } from "./iam-role.ts";

const LONGEST_NAME = 128;

/** What an instance is given its role by. */
export const instanceProfileKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("instanceProfile"),
    name: { type: "string", computed: true, replaces: true, conflictsWith: ["namePrefix"], check: checkIamName(LONGEST_NAME) },
    namePrefix: { type: "string", replaces: true },
    path: { type: "string", default: "/", replaces: true },
    role: { type: "string", changedBy: ["iam:RemoveRoleFromInstanceProfile", "iam:AddRoleToInstanceProfile", "iam:PassRole"] },
  },
  outputs: ["arn", "createDate", "uniqueId"],
  autoName: { property: "name", unlessGiven: "namePrefix", longest: LONGEST_NAME },
  reads: ["iam:GetInstanceProfile"],
  validate: (record, state) => {
    if (record.role !== undefined && record.role !== "" && state.records[TYPE.role]?.[String(record.role)] === undefined)
      throw new ApiError("NoSuchEntity", `The role with name ${String(record.role)} cannot be found.`);
  },

  async create(api, inputs) {
    if (Object.keys((inputs.tags ?? {}) as object).length > 0) await api.look("iam:TagInstanceProfile");
    await api.create("iam:CreateInstanceProfile", (state) => {
      const path = String(inputs.path ?? "/");
      const id = uniqueId("AIPA");
      const name = String(inputs.name ?? `${String(inputs.namePrefix)}${id}`);
      if (state.records[TYPE.instanceProfile]?.[name] !== undefined)
        throw new ApiError("EntityAlreadyExists", `Instance Profile ${name} already exists.`);
      const arn = `arn:aws:iam::${seedsOf(state).accountId}:instance-profile${path}${name}`;
      const createDate = new Date().toISOString();
      return { id: name, record: { ...inputs, ...tagsOf(inputs, "ValidationError"), arn, createDate, name, path, role: "", uniqueId: id } };
    });
    if (inputs.role === undefined) return;
    await api.look("iam:PassRole");
    await api.change("iam:AddRoleToInstanceProfile", (record, state) => {
      instanceProfileKind.validate?.({ ...record, role: inputs.role }, state, api.id ?? "");
      record.role = inputs.role;
    });
  },

  async delete(api, { role }) {
    if (role !== undefined && role !== "")
      await api.change("iam:RemoveRoleFromInstanceProfile", (record) => {
        record.role = "";
      });
    await api.remove("iam:DeleteInstanceProfile");
  },
};

/** The profile of a name, with its role: what an instance can be given. */
export function usableProfile(state: Parameters<typeof recordsOf>[0], name: unknown) {
  const profile = state.records[TYPE.instanceProfile]?.[String(name)];
  if (profile === undefined)
    throw new ApiError(
      "InvalidParameterValue",
      `Value (${String(name)}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    );
  if (profile.role === "")
    throw new ApiError("InvalidParameterValue", `IAM Instance Profile "${String(profile.arn)}" has no associated IAM Roles`);
  return profile;
}
