import type { ResourceGroupArgs } from "@pulumi/azure-native/resources/resourceGroup.js";
import type * as pulumi from "@pulumi/pulumi";
import { OWN_TAG } from "../core/azure/azure-tags.ts";
import { placeOf } from "../shared/place.ts";
import type { Transform } from "../shared/transform.ts";
import { createResourceGroup } from "./resource-group.ts";

/** What the parts of one end of a private link have in common. */
export interface PrivateLinkScope<Transforms> {
  /** Name of the component; children are named `${name}-subnet`. */
  readonly name: string;
  readonly location: string;
  /** Name of the resource group of everything. */
  readonly resourceGroup: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly transforms: Transforms;
  readonly parent: pulumi.Resource;
}

/** What a scope is made of. */
export interface PrivateLinkScopeArgs<Transforms> extends Omit<PrivateLinkScope<Transforms>, "resourceGroup"> {
  /** The group that was asked for; without one, one is made. */
  readonly resourceGroup: pulumi.Input<string> | undefined;
}

/** The scope of a component, with a resource group of its own unless there is one. */
export function createScope<Transforms extends { readonly resourceGroup?: Transform<ResourceGroupArgs> | undefined }>(
  args: PrivateLinkScopeArgs<Transforms>,
): PrivateLinkScope<Transforms> {
  const owner = { ...args, tags: { ...args.tags, [OWN_TAG]: placeOf(args.name) } };
  return { ...owner, resourceGroup: args.resourceGroup ?? createResourceGroup(owner) };
}
