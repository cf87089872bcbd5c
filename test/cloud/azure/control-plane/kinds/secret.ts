import { type Api, ApiError } from "../../../world/provider/api.ts";
import { object, objects, texts } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { findById, isSameId } from "../arm-id.ts";
import type { ArmResource } from "../arm-resource.ts";
import { matching } from "../check-inputs.ts";
import { rememberDeletedSecret } from "../deleted-vaults.ts";
import { seedsOf } from "../seeds.ts";
import { newGuid } from "../subscription.ts";
import { TYPE } from "../types.ts";

const LARGEST_VALUE_BYTES = 25_600;

/** A secret of a vault. Its value goes in by ARM, and never comes out again. */
export const secret: ArmResource = {
  token: TYPE.secret,
  type: "Microsoft.KeyVault/vaults/secrets",
  apiVersion: "2024-11-01",
  names: ["vaultName", "secretName"],
  nameChecks: { secretName: matching("secretName", /^[a-zA-Z0-9-]{1,127}$/) },
  path: ({ vaultName, secretName }) => `/providers/Microsoft.KeyVault/vaults/${String(vaultName)}/secrets/${String(secretName)}`,
  hasTags: true,
  properties: {
    properties: {
      type: {
        object: {
          attributes: { type: { object: { enabled: { type: "boolean" }, expires: { type: "number" }, notBefore: { type: "number" } } } },
          contentType: { type: "string" },
          value: { type: "string" },
        },
      },
      required: true,
    },
  },
  outputs: ["location"],
  writeOnly: ["properties.value"],

  put(state, { id, name, body, former }) {
    const vault = findById(state, TYPE.vault, vaultIdOf(id))?.[1];
    if (vault === undefined)
      throw new ApiError(
        "ParentResourceNotFound",
        `Failed to perform 'write' on resource(s) of type 'vaults/secrets', because the parent resource '${vaultIdOf(id)}' could not be found.`,
      );
    if (seedsOf(state).deletedSecrets.some((deleted) => isSameId(deleted, id)))
      throw new ApiError(
        "Conflict",
        `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      );
    const properties = body.properties as WorldRecord;
    const value = properties.value as string | undefined;
    if (value === undefined && former === undefined)
      throw new ApiError("BadParameter", "The request body is missing the property 'value' of the secret.");
    if (value !== undefined && Buffer.byteLength(value) > LARGEST_VALUE_BYTES)
      throw new ApiError("BadParameter", `The value of secret ${name} is too large: a secret's value is limited to 25k bytes.`);
    const before = object(former, "properties");
    const now = Math.floor(Date.now() / 1000);
    const uri = `${String(object(vault, "properties")?.vaultUri)}secrets/${name}`;
    return {
      ...body,
      location: vault.location,
      properties: {
        ...properties,
        value: value ?? before?.value,
        attributes: {
          enabled: true,
          created: object(before, "attributes")?.created ?? now,
          updated: now,
          ...object(properties, "attributes"),
        },
        secretUri: uri,
        // Every PUT is another version in the vault.
        secretUriWithVersion: `${uri}/${newGuid().replaceAll("-", "")}`,
      },
    };
  },

  /** ARM cannot remove a secret, so azure-native asks the vault itself to, where access policies decide. */
  async remove(api: Api) {
    const id = api.id ?? "";
    await api.call("https://vault.azure.net/secrets/delete", (state) => {
      const vault = findById(state, TYPE.vault, vaultIdOf(id))?.[1];
      if (vault === undefined || state.records[TYPE.secret]?.[id] === undefined) return;
      refuseStranger(state, vault);
      delete state.records[TYPE.secret]?.[id];
      rememberDeletedSecret(state, id);
    });
  },
};

function vaultIdOf(id: string): string {
  return id.replace(/\/secrets\/[^/]+$/, "");
}

function refuseStranger(state: WorldState, vault: WorldRecord): void {
  const { clientId, objectId, tenantId } = seedsOf(state);
  const properties = object(vault, "properties");
  const isAllowed = objects(properties, "accessPolicies").some(
    (policy) =>
      isSameId(policy.objectId, objectId) &&
      texts(object(policy, "permissions"), "secrets").some((permission) => ["delete", "all"].includes(permission.toLowerCase())),
  );
  if (!isAllowed)
    throw new ApiError(
      "Forbidden",
      `The user, group or application 'appid=${clientId};oid=${objectId};iss=https://sts.windows.net/${tenantId}/' does not have secrets delete permission on key vault '${String(vault.name)};location=${String(vault.location)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
    );
}
