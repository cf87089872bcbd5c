import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import type * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform.ts";
import type { AzureScope } from "./azure-scope.ts";

/** The name of the resource group that was asked for, or of one of the bastion's own. */
export function createResourceGroup({ name, spec, tags, transforms, parent }: Omit<AzureScope, "resourceGroup">): pulumi.Input<string> {
  if (spec.resourceGroup !== undefined) return spec.resourceGroup;
  const group = new ResourceGroup(
    `${name}-resource-group`,
    ...transformed(transforms.resourceGroup, { location: spec.location, tags }, { parent }),
  );
  return group.name;
}
