import type { VirtualNetworkArgs } from "@pulumi/azure-native/network/virtualNetwork.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import * as pulumi from "@pulumi/pulumi";
import { parseArmId } from "../core/azure/arm-id.ts";
import { type Transform, transformed } from "../shared/transform.ts";

/** A virtual network, as a subnet of it names it. */
export interface NetworkName {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly virtualNetworkName: pulumi.Input<string>;
}

/** Takes the id of a virtual network apart. */
export function networkNameOf(virtualNetworkId: pulumi.Input<string>): NetworkName {
  const id = pulumi.output(virtualNetworkId).apply(parseArmId);
  return { resourceGroupName: id.resourceGroup, virtualNetworkName: id.apply(({ names }) => names[0] as string) };
}

/** What a component needs for a virtual network of its own. */
export interface VirtualNetworkOwner {
  readonly name: string;
  readonly location: string;
  readonly resourceGroup: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly transforms: { readonly virtualNetwork?: Transform<VirtualNetworkArgs> | undefined };
  readonly parent: pulumi.Resource;
}

/** Makes a virtual network with one block of addresses, and no subnet. */
export function createVirtualNetwork(
  { name, location, resourceGroup, tags, transforms, parent }: VirtualNetworkOwner,
  networkCidr: string,
): NetworkName {
  const network = new VirtualNetwork(
    `${name}-virtual-network`,
    ...transformed(
      transforms.virtualNetwork,
      { resourceGroupName: resourceGroup, location, addressSpace: { addressPrefixes: [networkCidr] }, tags },
      // A network whose subnet is in use keeps its addresses.
      { parent, replaceOnChanges: ["addressSpace"] },
    ),
  );
  return { resourceGroupName: resourceGroup, virtualNetworkName: network.name };
}
