import type { SubnetArgs } from "@pulumi/azure-native/network/subnet.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import type { VirtualNetworkArgs } from "@pulumi/azure-native/network/virtualNetwork.js";
import type * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../shared/transform.ts";
import type { PrivateLinkScope } from "./private-link-scope.ts";
import { createVirtualNetwork, networkNameOf } from "./virtual-network.ts";

/** A way to what the settings of the network do not offer. */
interface NetworkTransforms {
  readonly virtualNetwork?: Transform<VirtualNetworkArgs> | undefined;
  readonly subnet?: Transform<SubnetArgs> | undefined;
}

/** Makes the subnet of an endpoint in a virtual network, or in one of the endpoint's own. */
export function createEndpointSubnet(
  scope: PrivateLinkScope<NetworkTransforms>,
  networkCidr: string,
  virtualNetworkId: pulumi.Output<string> | undefined,
): pulumi.Output<string> {
  const { name, transforms, parent } = scope;
  const network = virtualNetworkId === undefined ? createVirtualNetwork(scope, networkCidr) : networkNameOf(virtualNetworkId);
  const subnet = new Subnet(
    `${name}-subnet`,
    ...transformed(
      transforms.subnet,
      {
        ...network,
        addressPrefix: networkCidr,
        // Nothing in it dials out.
        defaultOutboundAccess: false,
        privateEndpointNetworkPolicies: "Disabled",
      },
      // Other addresses may overlap with the former ones.
      { parent, replaceOnChanges: ["addressPrefix"], deleteBeforeReplace: true },
    ),
  );
  return subnet.id;
}
