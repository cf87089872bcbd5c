import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import { labelsProperty, refuseLabels } from "../labels.ts";
import { placeProperty } from "../names.ts";
import { type GcpContext, now, projectOf } from "../project.ts";
import { seedsOf } from "../seeds.ts";
import { TYPE } from "../types.ts";

const ID = /^[a-zA-Z0-9_-]{1,255}$/;
const UPDATE = "secretmanager.secrets.update";
const encryption: PropertySchema = { kmsKeyName: { type: "string", required: true, replaces: true } };

/** A secret, without its value. */
export const secretKind: ResourceKind<GcpContext> = {
  properties: {
    ...labelsProperty(UPDATE),
    annotations: { type: { map: "string" }, changedBy: [UPDATE] },
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
    deletionProtection: { type: "boolean" },
    project: placeProperty,
    replication: {
      type: {
        object: {
          auto: { type: { object: { customerManagedEncryption: { type: { object: encryption }, changedBy: [UPDATE] } } }, replaces: true },
          userManaged: {
            type: {
              object: {
                replicas: {
                  type: {
                    list: {
                      object: { location: { type: "string", required: true }, customerManagedEncryption: { type: { object: encryption } } },
                    },
                  },
                  required: true,
                },
              },
            },
            replaces: true,
          },
        },
      },
      required: true,
      replaces: true,
    },
    secretId: { type: "string", replaces: true },
  },
  outputs: ["createTime", "effectiveAnnotations", "effectiveLabels", "name", "pulumiLabels"],
  autoName: { property: "secretId", longest: 255 },
  reads: ["secretmanager.secrets.get"],
  validate: ({ labels }) => refuseLabels(labels),

  async create(api, inputs, context) {
    await api.create("secretmanager.secrets.create", (state) => {
      const project = projectOf(state, inputs, context);
      const secretId = String(inputs.secretId);
      if (!ID.test(secretId))
        throw new ApiError("INVALID_ARGUMENT", `The provided Secret ID [${secretId}] does not match the expected format [[a-zA-Z_0-9]+].`);
      const { auto, userManaged } = inputs.replication as { auto?: unknown; userManaged?: unknown };
      if ((auto === undefined) === (userManaged === undefined))
        throw new ApiError("INVALID_ARGUMENT", "Secret.replication must be either automatic or user managed.");
      refuseLabels(inputs.labels);
      const id = `projects/${project}/secrets/${secretId}`;
      const name = `projects/${seedsOf(state).projectNumber}/secrets/${secretId}`;
      if (state.records[TYPE.secret]?.[id] !== undefined) throw new ApiError("ALREADY_EXISTS", `Secret [${name}] already exists.`);
      return {
        id,
        record: {
          deletionPolicy: "DELETE",
          ...inputs,
          createTime: now(),
          effectiveAnnotations: inputs.annotations ?? {},
          lastVersion: 0,
          name,
          project,
        },
      };
    });
  },

  async delete(api) {
    await api.remove("secretmanager.secrets.delete", ({ deletionProtection, name, secretId }, state) => {
      if (deletionProtection === true)
        throw new ApiError(
          "",
          `cannot destroy secret ${String(secretId)} without setting deletion_protection=false and running \`pulumi up\``,
        );
      // What is in it goes with it.
      for (const [id, version] of recordsOf(state, TYPE.secretVersion))
        if (String(version.name).startsWith(`${String(name)}/`)) delete state.records[TYPE.secretVersion]?.[id];
      for (const [id, member] of recordsOf(state, TYPE.secretIamMember))
        if (member.secretId === api.id) delete state.records[TYPE.secretIamMember]?.[id];
    });
  },
};
