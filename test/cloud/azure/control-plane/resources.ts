import type { ArmResource } from "./arm-resource.ts";
import { loadBalancer } from "./kinds/load-balancer.ts";
import { networkInterface } from "./kinds/network-interface.ts";
import { networkSecurityGroup } from "./kinds/network-security-group.ts";
import { privateEndpoint } from "./kinds/private-endpoint.ts";
import { privateLinkService } from "./kinds/private-link-service.ts";
import { publicIPAddress } from "./kinds/public-ip-address.ts";
import { privateRecordSet, recordSet } from "./kinds/record-set.ts";
import { resourceGroup } from "./kinds/resource-group.ts";
import { secret } from "./kinds/secret.ts";
import { subnet } from "./kinds/subnet.ts";
import { userAssignedIdentity } from "./kinds/user-assigned-identity.ts";
import { vault } from "./kinds/vault.ts";
import { virtualMachine } from "./kinds/virtual-machine.ts";
import { virtualNetwork } from "./kinds/virtual-network.ts";

/** Every kind of resource there is. */
export const RESOURCES: readonly ArmResource[] = [
  resourceGroup,
  virtualNetwork,
  subnet,
  publicIPAddress,
  networkSecurityGroup,
  networkInterface,
  loadBalancer,
  privateLinkService,
  privateEndpoint,
  userAssignedIdentity,
  vault,
  secret,
  virtualMachine,
  recordSet,
  privateRecordSet,
];
