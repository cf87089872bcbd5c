import type * as pulumi from "@pulumi/pulumi";
import { parseArmId } from "../core/azure/arm-id.ts";

/** A virtual network, as a subnet of it names it. */
export interface NetworkName {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly virtualNetworkName: pulumi.Input<string>;
}

/** Takes the id of a virtual network apart. */
export function networkNameOf(virtualNetworkId: pulumi.Output<string>): NetworkName {
  const id = virtualNetworkId.apply(parseArmId);
  return { resourceGroupName: id.resourceGroup, virtualNetworkName: id.apply(({ names }) => names[0] as string) };
}
