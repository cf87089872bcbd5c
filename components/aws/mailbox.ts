import type * as pulumi from "@pulumi/pulumi";
import { AWS_DEFAULTS } from "../core/aws/aws-defaults.ts";
import type { BastionParts } from "../shared/bastion-parts.ts";
import { documentsOf, planMailbox } from "../shared/mailbox-plan.ts";
import { placeOf } from "../shared/place.ts";
import type { AwsScope } from "./aws-scope.ts";
import { createDocument, createParameter } from "./parameters.ts";

/** The parameters that a bastion's machine reads: its files, its host keys, and who may log in. */
export interface AwsMailbox {
  /** Path that the names of all parameters begin with. */
  readonly prefix: string;
  readonly region: pulumi.Output<string>;
  /** All of the bastion's parameters, as a policy names them. */
  readonly parameterArns: pulumi.Output<string>;
  readonly parameters: readonly pulumi.Resource[];
}

/** Puts into SSM Parameter Store what the machine of a bastion reads. Nothing of it is in user data. */
export function createMailbox(scope: AwsScope, parts: BastionParts): AwsMailbox {
  const { name, bastion, spec } = scope;
  const prefix = `/reverse-bastion/${placeOf(name)}`;
  const plan = planMailbox(bastion, {
    image: spec.image ?? AWS_DEFAULTS.image,
    adminSshd: spec.admin !== undefined,
    ipv6: spec.ipv6 ?? false,
  });
  const { hostFiles, keySet } = documentsOf(bastion, parts, plan);

  const hostKeys = createParameter(scope, "host-keys", {
    name: `${prefix}/host-keys`,
    type: "SecureString",
    ...(spec.kmsKeyArn === undefined ? {} : { keyId: spec.kmsKeyArn }),
    value: parts.hostKeys.document,
    description: "Host keys of a bastion",
  });
  // By it the machine learns of new ones: what it describes has to be there by then.
  const hostKeysManifest = createParameter(
    scope,
    "host-keys-manifest",
    { name: `${prefix}/host-keys/manifest`, type: "String", value: parts.hostKeys.manifest, description: "Which host keys a bastion has" },
    [hostKeys],
  );
  const programs = createDocument(scope, prefix, hostFiles, "Programs and configuration of a bastion");
  const keys = createDocument(scope, prefix, keySet, "Who may log in to a bastion");
  return {
    prefix,
    region: hostKeys.arn.apply((arn) => arn.split(":")[3] ?? ""),
    parameterArns: hostKeys.arn.apply((arn) => arn.replace(/\/host-keys$/, "/*")),
    parameters: [hostKeys, hostKeysManifest, ...programs, ...keys],
  };
}
