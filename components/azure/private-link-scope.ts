import type { ResourceGroupArgs } from "@pulumi/azure-native/resources/resourceGroup.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { OWN_TAG } from "../core/azure/azure-tags.ts";
import { type Transform, transformed } from "../shared/transform.ts";

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
  const { name, location, transforms, parent } = args;
  const tags = { ...args.tags, [OWN_TAG]: `${pulumi.getProject()}/${pulumi.getStack()}/${name}` };
  const createGroup = () =>
    new ResourceGroup(`${name}-resource-group`, ...transformed(transforms.resourceGroup, { location, tags }, { parent })).name;
  return { ...args, tags, resourceGroup: args.resourceGroup ?? createGroup() };
}
