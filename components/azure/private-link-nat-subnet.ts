import { getSubnet } from "@pulumi/azure-native/network/getSubnet.js";
import type { SubnetArgs } from "@pulumi/azure-native/network/subnet.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import * as pulumi from "@pulumi/pulumi";
import { parseArmId } from "../core/azure/arm-id.ts";
import { type Transform, transformed } from "../shared/transform.ts";
import type { PrivateLinkScope } from "./private-link-scope.ts";
import { networkNameOf } from "./virtual-network.ts";

/** Azure takes addresses for a service from subnets only whose network policies do not concern it. */
const NO_POLICIES = "Disabled";

/** Makes the subnet from which consumers' connections come. */
export function createNatSubnet(
  { name, transforms, parent }: PrivateLinkScope<{ readonly subnet?: Transform<SubnetArgs> | undefined }>,
  virtualNetworkId: pulumi.Output<string>,
  natNetworkCidr: string,
): pulumi.Output<string> {
  const subnet = new Subnet(
    `${name}-subnet`,
    ...transformed(
      transforms.subnet,
      {
        ...networkNameOf(virtualNetworkId),
        addressPrefix: natNetworkCidr,
        // Nothing in it dials out.
        defaultOutboundAccess: false,
        privateLinkServiceNetworkPolicies: NO_POLICIES,
      },
      // Other addresses may overlap with the former ones.
      { parent, replaceOnChanges: ["addressPrefix"], deleteBeforeReplace: true },
    ),
  );
  return subnet.id;
}

/** A subnet of the caller's is not ours to change: it is looked at, and what it lacks is said. */
export function existingNatSubnet(natSubnetId: pulumi.Output<string>, parent: pulumi.Resource): pulumi.Output<string> {
  return natSubnetId.apply(async (id) => {
    const { resourceGroup, names } = parseArmId(id);
    const [virtualNetworkName = "", subnetName = ""] = names;
    const found = await getSubnet({ resourceGroupName: resourceGroup, virtualNetworkName, subnetName }, { parent });
    if (found.privateLinkServiceNetworkPolicies === NO_POLICIES) return id;
    const command = `az network vnet subnet update --ids '${id}' --private-link-service-network-policies ${NO_POLICIES}`;
    const reason = `network policies for Private Link Services are enabled in the subnet; have its owner disable them: ${command}`;
    throw new pulumi.ResourceError(`natSubnetId: ${reason}`, parent, true);
  });
}
