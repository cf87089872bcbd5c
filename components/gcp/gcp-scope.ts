import type * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import type { GcpSpec } from "../core/gcp/gcp-spec.ts";
import type { GcpTransforms } from "./gcp-transforms.ts";

/** What the parts of one bastion on Compute Engine have in common. */
export interface GcpScope {
  /**
   * The bastion's name; children are named `${name}-instance`. Where GCP takes its name from that, the role has at most
   * 13 characters: 63 are allowed, of which a bastion's name takes 40 and Pulumi 8.
   */
  readonly name: string;
  /** Tells this bastion from all others in the project, in ids that are not made unique by Pulumi. */
  readonly suffix: string;
  readonly bastion: Bastion;
  readonly spec: GcpSpec;
  readonly region: string;
  /** `project`, where the author chose one. */
  readonly inProject: { readonly project?: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly transforms: GcpTransforms;
  readonly parent: pulumi.Resource;
}
