import type * as pulumi from "@pulumi/pulumi";
import type { AwsSpec } from "../core/aws/aws-spec.ts";
import type { Bastion } from "../core/bastion.ts";
import type { AwsTransforms } from "./aws-transforms.ts";

/** What the parts of one bastion on EC2 have in common. */
export interface AwsScope {
  /** The bastion's name; children are named `${name}-role`. */
  readonly name: string;
  readonly bastion: Bastion;
  readonly spec: AwsSpec;
  readonly tags: Readonly<Record<string, string>>;
  readonly transforms: AwsTransforms;
  readonly parent: pulumi.Resource;
}
