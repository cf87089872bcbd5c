import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldState } from "../../../world/world.ts";
import { placeProperty } from "../names.ts";
import { fingerprint, type GcpContext, idOf, isSameReference, projectOf } from "../project.ts";
import { TYPE } from "../types.ts";

const POLICY = ["secretmanager.secrets.getIamPolicy", "secretmanager.secrets.setIamPolicy"] as const;
const ROLE = /^(roles\/[a-zA-Z0-9.]+|(projects|organizations)\/[^/]+\/roles\/[a-zA-Z0-9_.]+)$/;
const MEMBER = /^(allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|principal|principalSet):.+)$/;

/** Somebody's role on one secret. */
export const secretIamMemberKind: ResourceKind<GcpContext> = {
  properties: {
    member: {
      type: "string",
      required: true,
      replaces: true,
      check: (member: string) => (MEMBER.test(member) ? undefined : `invalid value for member (IAM member format): ${member}`),
    },
    project: placeProperty,
    role: { type: "string", required: true, replaces: true },
    secretId: { type: "string", required: true, replaces: true, same: isSameReference },
  },
  outputs: ["etag"],
  reads: ["secretmanager.secrets.getIamPolicy"],

  async create(api, inputs, context) {
    await api.look(POLICY[0]);
    await api.create(POLICY[1], (state) => {
      const project = projectOf(state, inputs, context);
      const secretId = idOf(inputs.secretId, project, "secrets");
      if (state.records[TYPE.secret]?.[secretId] === undefined) throw new ApiError("NOT_FOUND", `Secret [${secretId}] not found.`);
      const [role, member] = [String(inputs.role), String(inputs.member)];
      if (!ROLE.test(role)) throw new ApiError("INVALID_ARGUMENT", `Role ${role} is not supported for this resource.`);
      refuseUnknownAccount(state, member);
      return { id: `${secretId}/${role}/${member}`, record: { ...inputs, etag: fingerprint([secretId, role, member]), project, secretId } };
    });
  },

  async delete(api) {
    await api.look(POLICY[0]);
    await api.remove(POLICY[1]);
  },
};

function refuseUnknownAccount(state: WorldState, member: string): void {
  const [, email] = /^serviceAccount:(.+)$/.exec(member) ?? [];
  if (email !== undefined && !recordsOf(state, TYPE.serviceAccount).some(([, account]) => account.email === email))
    throw new ApiError("INVALID_ARGUMENT", `Service account ${email} does not exist.`);
}
