import type * as pulumi from "@pulumi/pulumi";
import type { AzureSpec } from "../core/azure/azure-spec.ts";
import type { Bastion } from "../core/bastion.ts";
import type { AzureTransforms } from "./azure-transforms.ts";

/** What the parts of one bastion on Azure have in common. */
export interface AzureScope {
  /**
   * The bastion's name; children are named `${name}-virtual-machine`. Where Azure takes its name from that, the role has
   * at most 15 characters for machines and networks: 64 are allowed, of which a bastion's name takes 40 and Pulumi 8.
   */
  readonly name: string;
  readonly bastion: Bastion;
  readonly spec: AzureSpec;
  readonly location: string;
  /** Name of the resource group of everything. */
  readonly resourceGroup: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly transforms: AzureTransforms;
  readonly parent: pulumi.Resource;
}
