import { getSubnetOutput } from "@pulumi/azure-native/network/getSubnet.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import * as pulumi from "@pulumi/pulumi";
import { isSameArmId, parseArmId } from "../core/azure/arm-id.ts";
import { AZURE_DEFAULTS } from "../core/azure/azure-defaults.ts";
import { transformed } from "../shared/transform.ts";
import type { AzureScope } from "./azure-scope.ts";
import { createVirtualNetwork, type NetworkName, networkNameOf } from "./virtual-network.ts";

/** Lets the subnet reach Key Vault without a way to the internet. */
const KEY_VAULT = "Microsoft.KeyVault";

/** The id of the subnet that was asked for, or of one of the bastion's own. */
export function createNetwork(scope: AzureScope): pulumi.Input<string> {
  const { subnetId, virtualNetworkId } = scope.spec;
  if (subnetId !== undefined) return existingSubnet(scope, subnetId);
  return ownSubnet(scope, virtualNetworkId === undefined ? createVirtualNetwork(scope, blockOf(scope)) : networkNameOf(virtualNetworkId));
}

/** A subnet of the caller's is not ours to change: it is looked at, and what it lacks is said. */
function existingSubnet({ spec, parent }: AzureScope, subnetId: string): pulumi.Input<string> {
  const wanted = serviceNames(spec.serviceEndpoints ?? []);
  if (wanted.length === 0) return subnetId;
  const { resourceGroup, names } = parseArmId(subnetId);
  const [virtualNetworkName = "", subnetName = ""] = names;
  const found = getSubnetOutput({ resourceGroupName: resourceGroup, virtualNetworkName, subnetName }, { parent });
  return pulumi.all([found.id, found.serviceEndpoints]).apply(([id, endpoints]) => {
    const refuse = (path: string, reason: string): never => {
      throw new pulumi.ResourceError(`${path}: ${reason}`, parent, true);
    };
    if (id !== undefined && !isSameArmId(id, subnetId))
      return refuse("subnetId", `is of another subscription than this deployment's, where its service endpoints cannot be looked at`);
    const present = new Set((endpoints ?? []).map(({ service }) => service?.toLowerCase()));
    const missing = wanted.filter((service) => !present.has(service.toLowerCase()));
    if (missing.length === 0) return subnetId;
    const all = [...new Set([...(endpoints ?? []).flatMap(({ service }) => service ?? []), ...missing])].sort().join(" ");
    const command = `az network vnet subnet update --ids ${subnetId} --service-endpoints ${all}`;
    return refuse("serviceEndpoints", `the subnet lacks ${missing.join(" and ")}; have its owner add what is missing: ${command}`);
  });
}

function blockOf({ spec }: AzureScope): string {
  return spec.networkCidr ?? AZURE_DEFAULTS.networkCidr;
}

function ownSubnet(scope: AzureScope, network: NetworkName): pulumi.Output<string> {
  const { name, spec, transforms, parent } = scope;
  const services = serviceNames([...(spec.serviceEndpoints ?? []), KEY_VAULT]);
  const subnet = new Subnet(
    `${name}-subnet`,
    ...transformed(
      transforms.subnet,
      {
        ...network,
        addressPrefix: blockOf(scope),
        serviceEndpoints: services.map((service) => ({ service })),
      },
      // Other addresses may overlap with the former ones.
      { parent, replaceOnChanges: ["addressPrefix"], deleteBeforeReplace: true },
    ),
  );
  return subnet.id;
}

/** Each once, in an order that does not depend on the author's. */
function serviceNames(services: readonly string[]): string[] {
  return [...new Map(services.map((service) => [service.toLowerCase(), service])).values()].sort();
}
