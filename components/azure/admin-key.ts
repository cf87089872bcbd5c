import type * as pulumi from "@pulumi/pulumi";
import { adminUserOf } from "../core/azure/azure-admin.ts";
import { type PublicKey, parsePublicKey, renderPublicKey } from "../core/public-key.ts";
import { KeyAlgorithm, SshKeyPair } from "../shared/ssh-key-pair.ts";
import type { AzureScope } from "./azure-scope.ts";

/** Whom Azure is told to let in: no machine is made without anybody. */
export interface AdminLogin {
  readonly user: string;
  readonly publicKey: pulumi.Input<string>;
  /** A key that only this bastion has, whoever its admin is. */
  readonly ownKey: pulumi.Output<string>;
}

/** Makes a key pair whose private half nobody uses, to be named where there is no admin. */
export function createAdminLogin({ name, spec, parent }: Pick<AzureScope, "name" | "spec" | "parent">): AdminLogin {
  const pair = new SshKeyPair(`${name}-admin-key`, { algorithm: KeyAlgorithm.Ed25519, comment: `${name} used by nobody` }, { parent });
  const given: PublicKey | undefined = spec.admin === undefined ? undefined : parsePublicKey(spec.admin.publicKey);
  return {
    user: adminUserOf(spec.admin),
    publicKey: given === undefined ? pair.publicKey : renderPublicKey(given),
    ownKey: pair.publicKey,
  };
}
