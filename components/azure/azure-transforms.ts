import type { VirtualMachineArgs } from "@pulumi/azure-native/compute/virtualMachine.js";
import type { RecordSetArgs } from "@pulumi/azure-native/dns/recordSet.js";
import type { SecretArgs } from "@pulumi/azure-native/keyvault/secret.js";
import type { VaultArgs } from "@pulumi/azure-native/keyvault/vault.js";
import type { UserAssignedIdentityArgs } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import type { NetworkInterfaceArgs } from "@pulumi/azure-native/network/networkInterface.js";
import type { NetworkSecurityGroupArgs } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import type { PublicIPAddressArgs } from "@pulumi/azure-native/network/publicIPAddress.js";
import type { SubnetArgs } from "@pulumi/azure-native/network/subnet.js";
import type { VirtualNetworkArgs } from "@pulumi/azure-native/network/virtualNetwork.js";
import type { PrivateRecordSetArgs } from "@pulumi/azure-native/privatedns/privateRecordSet.js";
import type { ResourceGroupArgs } from "@pulumi/azure-native/resources/resourceGroup.js";
import type { Transform } from "../shared/transform.ts";

/**
 * A way to whatever the settings do not offer, one for each kind of child. What is changed here is nobody's
 * promise but yours: the bastion's own settings come first.
 */
export interface AzureTransforms {
  readonly resourceGroup?: Transform<ResourceGroupArgs> | undefined;
  readonly virtualNetwork?: Transform<VirtualNetworkArgs> | undefined;
  readonly subnet?: Transform<SubnetArgs> | undefined;
  readonly publicIp?: Transform<PublicIPAddressArgs> | undefined;
  readonly networkSecurityGroup?: Transform<NetworkSecurityGroupArgs> | undefined;
  readonly networkInterface?: Transform<NetworkInterfaceArgs> | undefined;
  readonly identity?: Transform<UserAssignedIdentityArgs> | undefined;
  readonly vault?: Transform<VaultArgs> | undefined;
  readonly secret?: Transform<SecretArgs> | undefined;
  readonly virtualMachine?: Transform<VirtualMachineArgs> | undefined;
  readonly record?: Transform<RecordSetArgs> | undefined;
  readonly privateRecord?: Transform<PrivateRecordSetArgs> | undefined;
}
