import { ApiError } from "../../world/provider/api.ts";
import type { Property } from "../../world/provider/property.ts";
import type { CloudFunction } from "../../world/provider/resource-kind.ts";
import { findById } from "./arm-id.ts";
import { type ArmResource, armKind } from "./arm-resource.ts";
import { azureNativeConventions } from "./conventions.ts";
import { loadBalancer } from "./kinds/load-balancer.ts";
import { networkInterface } from "./kinds/network-interface.ts";
import { networkSecurityGroup } from "./kinds/network-security-group.ts";
import { privateEndpoint } from "./kinds/private-endpoint.ts";
import { privateLinkService } from "./kinds/private-link-service.ts";
import { publicIPAddress } from "./kinds/public-ip-address.ts";
import { resourceGroup } from "./kinds/resource-group.ts";
import { secret } from "./kinds/secret.ts";
import { subnet } from "./kinds/subnet.ts";
import { vault } from "./kinds/vault.ts";
import { virtualMachine } from "./kinds/virtual-machine.ts";
import { virtualNetwork } from "./kinds/virtual-network.ts";
import { seedsOf } from "./seeds.ts";
import { type AzureContext, regionOfGroup, resourceGroupId, subscriptionOf } from "./subscription.ts";

/** The look-ups a program can make. */
export const FUNCTIONS: Readonly<Record<string, CloudFunction<AzureContext>>> = {
  ...getterOf(virtualNetwork),
  ...getterOf(subnet),
  ...getterOf(networkInterface),
  ...getterOf(loadBalancer),
  ...getterOf(privateLinkService),
  ...getterOf(privateEndpoint),
  ...getterOf(networkSecurityGroup),
  ...getterOf(publicIPAddress),
  ...getterOf(vault),
  ...getterOf(secret),
  ...getterOf(virtualMachine),
  ...getterOf(resourceGroup),

  "azure-native:authorization:getClientConfig": {
    properties: {},
    // Who one is, the provider knows from its own token.
    async call(api) {
      const { clientId, objectId, subscriptionId, tenantId } = seedsOf(api.world.read());
      return { clientId, objectId, subscriptionId, tenantId };
    },
  },
};

/** The look-up of a resource by its names: `azure-native:network:getSubnet` of `azure-native:network:Subnet`. */
export function getterOf(resource: ArmResource): Readonly<Record<string, CloudFunction<AzureContext>>> {
  const required: Property = { type: "string", required: true };
  const names = [...new Set(["resourceGroupName", ...resource.names])];
  return {
    [resource.token.replace(/:(\w+)$/, ":get$1")]: {
      properties: { ...Object.fromEntries(names.map((name) => [name, required])), expand: { type: "string" } },
      async call(api, inputs, context) {
        const state = api.world.read();
        const id = resourceGroupId(subscriptionOf(state, context), inputs.resourceGroupName) + resource.path(inputs);
        const type = typeof resource.type === "function" ? resource.type(id) : resource.type;
        await api.look(`${type}/read`);
        const group = String(inputs.resourceGroupName);
        const location = regionOfGroup(state, group);
        if (location === undefined) throw new ApiError("ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
        const found = findById(state, resource.token, id);
        if (found !== undefined) return { ...azureNativeConventions.stateOf(armKind(resource), found[1]), id: found[0] };
        if (resource === resourceGroup) return { id, location, name: group, properties: { provisioningState: "Succeeded" }, type };
        throw new ApiError(
          "ResourceNotFound",
          `The Resource '${id.split("/providers/")[1]}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
        );
      },
    },
  };
}
