import type { ResourceGroupArgs } from "@pulumi/azure-native/resources/resourceGroup.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import type * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../shared/transform.ts";

/** What a component needs for a resource group of its own. */
export interface ResourceGroupOwner {
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transforms: { readonly resourceGroup?: Transform<ResourceGroupArgs> | undefined };
  readonly parent: pulumi.Resource;
}

/** Makes a resource group; gives its name. */
export function createResourceGroup({ name, location, tags, transforms, parent }: ResourceGroupOwner): pulumi.Output<string> {
  return new ResourceGroup(`${name}-resource-group`, ...transformed(transforms.resourceGroup, { location, tags }, { parent })).name;
}
