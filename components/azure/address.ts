import { NetworkInterface } from "@pulumi/azure-native/network/networkInterface.js";
import type { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform.ts";
import type { AzureScope } from "./azure-scope.ts";

/** The most there is, in minutes. sshd asks its clients far more often; consumers may not. */
const IDLE_TIMEOUT_MINUTES = 30;

/** The addresses of a bastion. They belong to a network interface, so that they outlive its machine. */
export interface BastionAddress {
  readonly networkInterfaceId: pulumi.Output<string>;
  readonly privateIp: pulumi.Output<string>;
  /** None where the bastion is private only. */
  readonly publicIp: pulumi.Output<string> | undefined;
}

/** Makes the network interface of a bastion and, unless it is private only, its public address. */
export function createAddress(scope: AzureScope, subnetId: pulumi.Input<string>, firewall: NetworkSecurityGroup): BastionAddress {
  const { name, spec, resourceGroup, tags, transforms, parent } = scope;
  const publicAddress = spec.privateOnly === true ? undefined : createPublicAddress(scope);
  const card = new NetworkInterface(
    `${name}-network-interface`,
    ...transformed(
      transforms.networkInterface,
      {
        resourceGroupName: resourceGroup,
        location: spec.location,
        networkSecurityGroup: { id: firewall.id },
        ipConfigurations: [
          {
            name: "primary",
            subnet: { id: subnetId },
            ...(spec.privateAddress === undefined
              ? { privateIPAllocationMethod: "Dynamic" }
              : { privateIPAllocationMethod: "Static", privateIPAddress: spec.privateAddress }),
            ...(publicAddress === undefined ? {} : { publicIPAddress: { id: publicAddress.id } }),
          },
        ],
        tags,
      },
      // An interface does not leave its virtual network, and an address is one interface's at a time.
      { parent, replaceOnChanges: ["location", "ipConfigurations"], deleteBeforeReplace: true },
    ),
  );
  return {
    networkInterfaceId: card.id,
    privateIp:
      spec.privateAddress === undefined
        ? card.ipConfigurations.apply((configurations) => configurations?.[0]?.privateIPAddress ?? "")
        : pulumi.output(spec.privateAddress),
    publicIp: publicAddress?.ipAddress.apply((address) => address ?? ""),
  };
}

function createPublicAddress({ name, spec, resourceGroup, tags, transforms, parent }: AzureScope): PublicIPAddress {
  return new PublicIPAddress(
    `${name}-public-ip`,
    ...transformed(
      transforms.publicIp,
      {
        resourceGroupName: resourceGroup,
        location: spec.location,
        sku: { name: "Standard" },
        publicIPAllocationMethod: "Static",
        publicIPAddressVersion: "IPv4",
        idleTimeoutInMinutes: IDLE_TIMEOUT_MINUTES,
        tags,
      },
      { parent, protect: spec.protectAddress ?? false },
    ),
  );
}
