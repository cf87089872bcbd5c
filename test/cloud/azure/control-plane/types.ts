/** Pulumi's tokens of the resource types this control plane knows. */
export const TYPE = {
  resourceGroup: "azure-native:resources:ResourceGroup",
  virtualNetwork: "azure-native:network:VirtualNetwork",
  subnet: "azure-native:network:Subnet",
  publicIPAddress: "azure-native:network:PublicIPAddress",
  networkSecurityGroup: "azure-native:network:NetworkSecurityGroup",
  networkInterface: "azure-native:network:NetworkInterface",
  loadBalancer: "azure-native:network:LoadBalancer",
  privateLinkService: "azure-native:network:PrivateLinkService",
  privateEndpoint: "azure-native:network:PrivateEndpoint",
  userAssignedIdentity: "azure-native:managedidentity:UserAssignedIdentity",
  vault: "azure-native:keyvault:Vault",
  secret: "azure-native:keyvault:Secret",
  disk: "azure-native:compute:Disk",
  virtualMachine: "azure-native:compute:VirtualMachine",
  recordSet: "azure-native:dns:RecordSet",
  privateRecordSet: "azure-native:privatedns:PrivateRecordSet",
} as const;
