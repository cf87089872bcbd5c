import { randomBytes } from "node:crypto";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { AwsContext } from "../account.ts";
import { checkPolicy } from "../policy-document.ts";
import { seedsOf } from "../seeds.ts";
import { tagsOf, tagsProperty } from "../tags.ts";
import { TYPE } from "../types.ts";

const LONGEST_NAME = 64;
/** Of all characters but white space, over the inline policies of a role. */
const LONGEST_INLINE_POLICIES = 10_240;
const LONGEST_POLICY_NAME = 128;

/** Why a text cannot name something of IAM. */
export function checkIamName(longest: number): (name: string) => string | undefined {
  return (name) =>
    name.length > longest || !/^[\w+=,.@-]+$/.test(name)
      ? `invalid value for name (must have 1 to ${longest} alphanumeric characters or _+=,.@-), got "${name}"`
      : undefined;
}

/** An id as IAM gives them, such as `AROA…`. */
export function uniqueId(prefix: string): string {
  return `${prefix}${randomBytes(11)
    .toString("base64url")
    .toUpperCase()
    .replaceAll(/[^A-Z2-7]/g, "Q")
    .padEnd(17, "Q")
    .slice(0, 17)}`;
}

/** A role of IAM. */
export const roleKind: ResourceKind<AwsContext> = {
  properties: {
    ...tagsProperty("role"),
    assumeRolePolicy: { type: "json", required: true, changedBy: ["iam:UpdateAssumeRolePolicy"], check: checkPolicy },
    description: { type: "string", changedBy: ["iam:UpdateRole"] },
    forceDetachPolicies: { type: "boolean" },
    managedPolicyArns: { type: { set: "string" }, computed: true, changedBy: ["iam:AttachRolePolicy"] },
    maxSessionDuration: { type: "number", default: 3600, changedBy: ["iam:UpdateRole"] },
    name: { type: "string", computed: true, replaces: true, conflictsWith: ["namePrefix"], check: checkIamName(LONGEST_NAME) },
    namePrefix: { type: "string", replaces: true },
    path: { type: "string", default: "/", replaces: true },
    permissionsBoundary: { type: "string", changedBy: ["iam:PutRolePermissionsBoundary"] },
  },
  outputs: ["arn", "createDate", "inlinePolicies", "uniqueId"],
  autoName: { property: "name", unlessGiven: "namePrefix", longest: LONGEST_NAME },
  reads: ["iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"],

  async create(api, inputs) {
    if (Object.keys((inputs.tags ?? {}) as object).length > 0) await api.look("iam:TagRole");
    await api.create("iam:CreateRole", (state) => {
      const path = String(inputs.path ?? "/");
      const id = uniqueId("AROA");
      const name = String(inputs.name ?? `${String(inputs.namePrefix)}${id}`);
      if (state.records[TYPE.role]?.[name] !== undefined)
        throw new ApiError("EntityAlreadyExists", `Role with name ${name} already exists.`);
      refuseBadPolicy(inputs.assumeRolePolicy);
      return {
        id: name,
        record: {
          ...inputs,
          ...tagsOf(inputs, "ValidationError"),
          arn: `arn:aws:iam::${seedsOf(state).accountId}:role${path}${name}`,
          createDate: new Date().toISOString(),
          inlinePolicies: [],
          managedPolicyArns: inputs.managedPolicyArns ?? [],
          maxSessionDuration: inputs.maxSessionDuration ?? 3600,
          name,
          path,
          uniqueId: id,
        },
      };
    });
    for (const _ of (inputs.managedPolicyArns ?? []) as string[]) await api.look("iam:AttachRolePolicy");
  },

  async delete(api, record) {
    await api.call("iam:ListInstanceProfilesForRole", () => {});
    const { id = "" } = api;
    for (const [name, profile] of recordsOf(api.world.read(), TYPE.instanceProfile))
      if (profile.role === id)
        await api.call("iam:RemoveRoleFromInstanceProfile", (state) =>
          Object.assign(state.records[TYPE.instanceProfile]?.[name] ?? {}, { role: "" }),
        );
    for (const _ of (record.managedPolicyArns ?? []) as string[]) await api.look("iam:DetachRolePolicy");
    await api.patiently(["DeleteConflict"], () =>
      api.remove("iam:DeleteRole", (_record, state) => {
        if (recordsOf(state, TYPE.rolePolicy).some(([, policy]) => policy.role === id))
          throw new ApiError("DeleteConflict", "Cannot delete entity, must delete policies first.");
      }),
    );
  },
};

/** An inline policy of a role. */
export const rolePolicyKind: ResourceKind<AwsContext> = {
  properties: {
    name: { type: "string", computed: true, replaces: true, conflictsWith: ["namePrefix"], check: checkIamName(LONGEST_POLICY_NAME) },
    namePrefix: { type: "string", replaces: true },
    policy: { type: "json", required: true, changedBy: ["iam:PutRolePolicy"], check: checkPolicy },
    role: { type: "string", required: true, replaces: true },
  },
  outputs: [],
  autoName: { property: "name", unlessGiven: "namePrefix", longest: LONGEST_POLICY_NAME },
  reads: ["iam:GetRolePolicy"],
  validate: (record) => refuseBadPolicy(record.policy),

  async create(api, inputs) {
    await api.create("iam:PutRolePolicy", (state) => {
      const role = String(inputs.role);
      if (state.records[TYPE.role]?.[role] === undefined) throw new ApiError("NoSuchEntity", `The role with name ${role} cannot be found.`);
      refuseBadPolicy(inputs.policy);
      const others = recordsOf(state, TYPE.rolePolicy).filter(([, one]) => one.role === role);
      const length = [inputs, ...others.map(([, one]) => one)].reduce(
        (sum, one) => sum + String(one.policy).replaceAll(/\s/g, "").length,
        0,
      );
      if (length > LONGEST_INLINE_POLICIES)
        throw new ApiError("LimitExceeded", `Maximum policy size of ${LONGEST_INLINE_POLICIES} bytes exceeded for role ${role}`);
      return { id: `${role}:${String(inputs.name)}`, record: { ...inputs } };
    });
  },

  async delete(api) {
    await api.remove("iam:DeleteRolePolicy");
  },
};

function refuseBadPolicy(policy: unknown): void {
  if (checkPolicy(String(policy)) !== undefined) throw new ApiError("MalformedPolicyDocument", "This policy contains invalid Json");
  const { Statement } = JSON.parse(String(policy)) as { Statement?: unknown };
  const statements = [Statement].flat() as Record<string, unknown>[];
  if (statements.some((one) => !["Allow", "Deny"].includes(String(one?.Effect)) || (one.Action ?? one.NotAction) === undefined))
    throw new ApiError("MalformedPolicyDocument", "Syntax errors in policy.");
}
