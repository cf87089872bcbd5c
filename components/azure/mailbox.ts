import { Secret } from "@pulumi/azure-native/keyvault/secret.js";
import type { Vault } from "@pulumi/azure-native/keyvault/vault.js";
import * as pulumi from "@pulumi/pulumi";
import { AZURE_DEFAULTS } from "../core/azure/azure-defaults.ts";
import type { BastionParts } from "../shared/bastion-parts.ts";
import { planParts } from "../shared/mailbox-parts.ts";
import { documentsOf, planMailbox } from "../shared/mailbox-plan.ts";
import { transformed } from "../shared/transform.ts";
import type { AzureScope } from "./azure-scope.ts";

/** A secret may have 25 KB. */
const SECRET_BYTES = 25_000;

const HOST_KEYS = "host-keys";

/**
 * How long a document may become before it needs more secrets. One that is no longer needed stays in the vault, and would
 * be in the way of the next of its name: so there are 1, 2, 4, …, and hardly any come and go.
 */
function roomFor(packedBytes: number): number {
  return SECRET_BYTES * 2 ** Math.max(0, Math.ceil(Math.log2(packedBytes / SECRET_BYTES)));
}

/** What the machine of a bastion reads: its files, its host keys, and who may log in. */
export interface AzureMailbox {
  /** What is current, as the machine's user data: it changes in place, and no secret is in it. */
  readonly userData: pulumi.Output<string>;
  /** The rest, which has to be there by then. */
  readonly secrets: readonly pulumi.Resource[];
}

/** Puts into the vault of a bastion what its machine reads, and says in its user data what of it is current. */
export function createMailbox(scope: AzureScope, parts: BastionParts, vault: Vault): AzureMailbox {
  const { bastion, spec, parent } = scope;
  const plan = planMailbox(bastion, {
    image: spec.image ?? AZURE_DEFAULTS.image,
    adminSshd: spec.admin !== undefined,
    ipv6: false,
  });
  const documents = Object.values(documentsOf(bastion, parts, plan)).map((document) => {
    const packedBytes = roomFor(document.packedBytes);
    return { role: document.role, ...planParts({ ...document, packedBytes }, SECRET_BYTES, parent) };
  });
  return {
    userData: pulumi
      .all(
        Object.fromEntries(
          [...documents, { role: HOST_KEYS, manifest: parts.hostKeys.manifest }].map(({ role, manifest }) => [
            `${role}/manifest`,
            manifest,
          ]),
        ),
      )
      .apply((manifests) => Buffer.from(JSON.stringify(manifests)).toString("base64")),
    secrets: [
      createSecret(scope, vault, HOST_KEYS, parts.hostKeys.document),
      ...documents.flatMap(({ role, parts: values }) => values.map((value, i) => createSecret(scope, vault, `${role}-${i + 1}`, value))),
    ],
  };
}

function createSecret(
  { name, resourceGroup, transforms, parent }: AzureScope,
  vault: Vault,
  role: string,
  value: pulumi.Input<string>,
): Secret {
  return new Secret(
    `${name}-${role}`,
    ...transformed(
      transforms.secret,
      { resourceGroupName: resourceGroup, vaultName: vault.name, secretName: role, properties: { value } },
      // It goes with its vault. By itself, only those could remove it whom the vault lets in, which is the machine alone.
      { parent, retainOnDelete: true },
    ),
  );
}
