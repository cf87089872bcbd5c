import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import { object, objects, recordsOf } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { findById, isSameId } from "../arm-id.ts";
import type { ArmResource } from "../arm-resource.ts";
import { matching } from "../check-inputs.ts";
import { rememberDeletedVault } from "../deleted-vaults.ts";
import { seedsOf } from "../seeds.ts";
import { TYPE } from "../types.ts";

const ARM_TYPE = "Microsoft.KeyVault/vaults";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAME = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/;
const SHORTEST_RETENTION_DAYS = 7;
const LONGEST_RETENTION_DAYS = 90;

const accessPolicy: PropertySchema = {
  applicationId: { type: "string" },
  objectId: { type: "string", required: true },
  permissions: {
    type: {
      object: Object.fromEntries(["certificates", "keys", "secrets", "storage"].map((name) => [name, { type: { list: "string" } }])),
    },
    required: true,
  },
  tenantId: { type: "string", required: true, check: matching("tenantId", GUID) },
};

const networkAcls: PropertySchema = {
  bypass: { type: "string" },
  defaultAction: { type: "string" },
  ipRules: { type: { list: { object: { value: { type: "string", required: true } } } } },
  virtualNetworkRules: {
    type: { list: { object: { id: { type: "string", required: true }, ignoreMissingVnetServiceEndpoint: { type: "boolean" } } } },
  },
};

const vaultProperties: PropertySchema = {
  accessPolicies: { type: { list: { object: accessPolicy } } },
  enablePurgeProtection: { type: "boolean" },
  enableRbacAuthorization: { type: "boolean" },
  enableSoftDelete: { type: "boolean" },
  enabledForDeployment: { type: "boolean" },
  enabledForDiskEncryption: { type: "boolean" },
  enabledForTemplateDeployment: { type: "boolean" },
  networkAcls: { type: { object: networkAcls } },
  publicNetworkAccess: { type: "string" },
  sku: { type: { object: { family: { type: "string", required: true }, name: { type: "string", required: true } } }, required: true },
  softDeleteRetentionInDays: { type: "number" },
  tenantId: { type: "string", required: true, check: matching("properties.tenantId", GUID) },
};

/** A vault of secrets. */
export const vault: ArmResource = {
  token: TYPE.vault,
  type: ARM_TYPE,
  apiVersion: "2024-11-01",
  names: ["vaultName"],
  nameChecks: { vaultName: matching("vaultName", /^[a-zA-Z0-9-]{3,24}$/) },
  path: ({ vaultName }) => `/providers/${ARM_TYPE}/${String(vaultName)}`,
  location: "stays",
  hasTags: true,
  properties: { properties: { type: { object: vaultProperties }, required: true } },
  outputs: ["systemData"],
  linked: ({ properties }) =>
    objects(object(properties as WorldRecord, "networkAcls"), "virtualNetworkRules").length > 0
      ? ["Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action"]
      : [],

  put(state, { id, name, body, former }) {
    const properties = body.properties as WorldRecord;
    if (former === undefined) refuseName(state, id, name);
    refuseProperties(state, name, properties, former?.properties as WorldRecord | undefined);
    return {
      ...body,
      properties: {
        accessPolicies: [],
        enableRbacAuthorization: false,
        enableSoftDelete: true,
        enabledForDeployment: false,
        publicNetworkAccess: "Enabled",
        softDeleteRetentionInDays: LONGEST_RETENTION_DAYS,
        ...properties,
        provisioningState: "Succeeded",
        vaultUri: `https://${name.toLowerCase()}.vault.azure.net/`,
      },
    };
  },

  removed: rememberDeletedVault,
};

function refuseName(state: WorldState, id: string, name: string): void {
  if (!NAME.test(name))
    throw new ApiError(
      "VaultNameNotValid",
      `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`,
    );
  const { deletedVaults, vaultsOfOthers } = seedsOf(state);
  if (deletedVaults.some((deleted) => isSameId(deleted.name, name)))
    throw new ApiError(
      "ConflictError",
      "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
    );
  const isTaken = recordsOf(state, TYPE.vault).some(([other, one]) => other !== id && isSameId(one.name, name));
  if (isTaken || vaultsOfOthers.some((other) => isSameId(other, name)))
    throw new ApiError(
      "VaultAlreadyExists",
      `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information on VaultAlreadyExists, follow this link https://go.microsoft.com/fwlink/?linkid=2147741`,
    );
}

function refuseProperties(state: WorldState, name: string, properties: WorldRecord, former: WorldRecord | undefined): void {
  const refuse = (message: string): never => {
    throw new ApiError("BadRequest", message);
  };
  const { tenantId } = seedsOf(state);
  const policies = objects(properties, "accessPolicies");
  const foreign = [properties, ...policies].find((one) => !isSameId(one.tenantId, tenantId));
  if (foreign !== undefined)
    refuse(`An invalid value was provided for 'tenantId'. The tenant '${String(foreign.tenantId)}' is not the tenant of the subscription.`);
  for (const { objectId } of policies)
    if (!GUID.test(String(objectId)))
      refuse(`An invalid value was provided for 'accessPolicies'. The object id '${String(objectId)}' is no GUID.`);
  const days = Number(properties.softDeleteRetentionInDays ?? LONGEST_RETENTION_DAYS);
  if (days < SHORTEST_RETENTION_DAYS || days > LONGEST_RETENTION_DAYS)
    refuse(
      `An invalid value was provided for 'softDeleteRetentionInDays'. The value must be between ${SHORTEST_RETENTION_DAYS} and ${LONGEST_RETENTION_DAYS} days.`,
    );
  if (former !== undefined && Number(former.softDeleteRetentionInDays) !== days)
    refuse('The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.');
  if (properties.enablePurgeProtection === false)
    refuse(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  if (former?.enablePurgeProtection === true && properties.enablePurgeProtection !== true)
    refuse(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  if (properties.enableSoftDelete === false)
    refuse(
      "The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft delete' functionality is an irreversible action.",
    );
  const sku = object(properties, "sku");
  if (sku?.family !== "A" || !["standard", "premium"].includes(String(sku.name).toLowerCase()))
    refuse(`An invalid value was provided for 'sku' of vault '${name}'.`);
  for (const rule of objects(object(properties, "networkAcls"), "virtualNetworkRules")) refuseWithoutEndpoint(state, rule);
}

function refuseWithoutEndpoint(state: WorldState, { id, ignoreMissingVnetServiceEndpoint }: WorldRecord): void {
  if (ignoreMissingVnetServiceEndpoint === true) return;
  const subnet = findById(state, TYPE.subnet, id)?.[1];
  if (!objects(subnet, "serviceEndpoints").some(({ service }) => service === "Microsoft.KeyVault"))
    throw new ApiError(
      "VirtualNetworkNotValid",
      `Subnets ${String(id)} of virtual network do not have ServiceEndpoints for Microsoft.KeyVault resources configured. Add Microsoft.KeyVault to subnet's ServiceEndpoints collection before trying to ACL Microsoft.KeyVault resources to these subnets.`,
    );
}
