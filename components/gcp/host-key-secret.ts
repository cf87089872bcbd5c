import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { HostKeys } from "../shared/host-keys.ts";
import { transformed } from "../shared/transform.ts";
import type { GcpScope } from "./gcp-scope.ts";

/** The host keys where the machine reads them. */
export interface HostKeySecret {
  readonly project: pulumi.Output<string>;
  readonly secretId: pulumi.Output<string>;
  /** What has to be there before the machine can read it. */
  readonly parts: readonly pulumi.Resource[];
}

/** Puts the host keys of a bastion into Secret Manager, for the eyes of its machine. */
export function createHostKeySecret(scope: GcpScope, hostKeys: HostKeys, serviceAccount: gcp.serviceaccount.Account): HostKeySecret {
  const { name, suffix, spec, region, inProject, labels, transforms, parent } = scope;
  const encryption = spec.kmsKeyName === undefined ? {} : { customerManagedEncryption: { kmsKeyName: spec.kmsKeyName } };
  const secret = new gcp.secretmanager.Secret(
    `${name}-host-keys`,
    ...transformed(
      transforms.secret,
      {
        secretId: `reverse-bastion-${name}-${suffix}`,
        // In the machine's own region: many an organization allows no others, and the disk's key is one of that region.
        replication: { userManaged: { replicas: [{ location: region, ...encryption }] } },
        labels,
        ...inProject,
      },
      // The id is the same in another region.
      { parent, deleteBeforeReplace: true },
    ),
  );
  const version = new gcp.secretmanager.SecretVersion(
    `${name}-host-keys-version`,
    ...transformed(transforms.secretVersion, { secret: secret.id, secretData: hostKeys.document }, { parent }),
  );
  const access = new gcp.secretmanager.SecretIamMember(
    `${name}-host-keys-reader`,
    ...transformed(
      transforms.secretIamMember,
      {
        secretId: secret.id,
        role: "roles/secretmanager.secretAccessor",
        member: pulumi.interpolate`serviceAccount:${serviceAccount.email}`,
      },
      { parent },
    ),
  );
  return { project: secret.project, secretId: secret.secretId, parts: [version, access] };
}
