import { createHash } from "node:crypto";
import { Vault } from "@pulumi/azure-native/keyvault/vault.js";
import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { vaultDomainOf } from "../core/azure/azure-location.ts";
import { transformed } from "../shared/transform.ts";
import type { AzureScope } from "./azure-scope.ts";

/** The least there is. Nothing in a vault cannot be made again. */
const SOFT_DELETE_DAYS = 7;

/** Where the machine of a bastion reads. */
export interface BastionVault {
  readonly vault: Vault;
  /** `https://….vault.azure.net`. Known as long as the bastion exists, also while a change of the vault is previewed. */
  readonly url: pulumi.Output<string>;
}

/**
 * Makes the vault of a bastion, which its machine may read and nobody else. An access policy and no role assignment says
 * so: that would need an owner of the subscription, and takes minutes to be in force.
 *
 * @param ownKey a public key that only this bastion has.
 */
export function createVault(scope: AzureScope, identity: UserAssignedIdentity, ownKey: pulumi.Output<string>): BastionVault {
  const { name, spec, resourceGroup, tags, transforms, parent } = scope;
  const vaultName = pulumi.all([ownKey, resourceGroup]).apply(([key, group]) => vaultNameOf(key, group, spec.location));
  const vault = new Vault(
    `${name}-vault`,
    ...transformed(
      transforms.vault,
      {
        resourceGroupName: resourceGroup,
        location: spec.location,
        vaultName,
        properties: {
          tenantId: identity.tenantId,
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: false,
          accessPolicies: [{ tenantId: identity.tenantId, objectId: identity.principalId, permissions: { secrets: ["get"] } }],
          softDeleteRetentionInDays: SOFT_DELETE_DAYS,
        },
        tags,
      },
      { parent, replaceOnChanges: ["location"] },
    ),
  );
  return { vault, url: vaultName.apply((unique) => `https://${unique}.${vaultDomainOf(spec.location)}`) };
}

/** Names are unique in all of Azure, and a vault that was deleted keeps its name for days: no two may ever be the same. */
function vaultNameOf(ownKey: string, resourceGroup: string, location: string): string {
  return `rb-${createHash("sha256").update(`${ownKey} ${resourceGroup} ${location}`).digest("hex").slice(0, 20)}`;
}
