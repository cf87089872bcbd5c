import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import { transformed } from "../shared/transform.ts";
import type { AzureScope } from "./azure-scope.ts";

/** Who the machine is to Azure: an identity with no role anywhere. The bastion's vault knows the machine by it. */
export function createIdentity({ name, spec, resourceGroup, tags, transforms, parent }: AzureScope): UserAssignedIdentity {
  return new UserAssignedIdentity(
    `${name}-identity`,
    ...transformed(
      transforms.identity,
      { resourceGroupName: resourceGroup, location: spec.location, tags },
      // While other tags are being previewed, the identity's client id is unknown: it would look as if the machine were replaced.
      { parent, replaceOnChanges: ["location"], ignoreChanges: ["tags"] },
    ),
  );
}
