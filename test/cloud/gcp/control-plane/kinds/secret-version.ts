import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { type GcpContext, idOf, isSameReference, now, projectOf } from "../project.ts";
import { TYPE } from "../types.ts";

const LARGEST_PAYLOAD_BYTES = 65_536;

/** A value of a secret. The newest one is the latest, whatever has become of it. */
export const secretVersionKind: ResourceKind<GcpContext> = {
  properties: {
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "DISABLE", "ABANDON"] },
    enabled: {
      type: "boolean",
      default: true,
      changedBy: (_actual, asked) => [asked === false ? "secretmanager.versions.disable" : "secretmanager.versions.enable"],
    },
    isSecretDataBase64: { type: "boolean", replaces: true },
    secret: { type: "string", required: true, replaces: true, same: isSameReference },
    secretData: { type: "string", replaces: true },
  },
  outputs: ["createTime", "destroyTime", "name", "version"],
  secretOutputs: ["secretData"],
  reads: ["secretmanager.versions.get", "secretmanager.versions.access"],

  async create(api, inputs, context) {
    await api.create("secretmanager.versions.add", (state) => {
      const secretId = idOf(inputs.secret, projectOf(state, {}, context), "secrets");
      const secret = state.records[TYPE.secret]?.[secretId];
      if (secret === undefined) throw new ApiError("NOT_FOUND", `Secret [${secretId}] not found.`);
      const data = Buffer.from(String(inputs.secretData ?? ""), inputs.isSecretDataBase64 === true ? "base64" : "utf8");
      if (data.length === 0) throw new ApiError("INVALID_ARGUMENT", "Secret Payload cannot be empty.");
      if (data.length > LARGEST_PAYLOAD_BYTES)
        throw new ApiError(
          "INVALID_ARGUMENT",
          `The payload is ${data.length} bytes, larger than the limit of ${LARGEST_PAYLOAD_BYTES} bytes.`,
        );
      const version = Number(secret.lastVersion) + 1;
      secret.lastVersion = version;
      const name = `${String(secret.name)}/versions/${version}`;
      return {
        id: name,
        record: {
          deletionPolicy: "DELETE",
          ...inputs,
          createTime: now(),
          destroyTime: "",
          enabled: inputs.enabled ?? true,
          name,
          secret: secretId,
          version: String(version),
        },
      };
    });
    if (inputs.enabled === false) await api.look("secretmanager.versions.disable");
  },

  async delete(api, { deletionPolicy }) {
    if (deletionPolicy === "ABANDON") return api.note((_record, state) => void delete state.records[TYPE.secretVersion]?.[api.id ?? ""]);
    await api.remove(deletionPolicy === "DISABLE" ? "secretmanager.versions.disable" : "secretmanager.versions.destroy");
  },
};
