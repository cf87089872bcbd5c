import {
  AzurePrivateEndpoint,
  type AzurePrivateEndpointArgs,
  type AzurePrivateEndpointOptions,
} from "../../components/azure/private-endpoint.ts";
import type { Clock } from "../../components/azure/private-endpoint-approval.ts";
import {
  AzurePrivateLinkService,
  type AzurePrivateLinkServiceArgs,
  type AzurePrivateLinkServiceOptions,
} from "../../components/azure/private-link-service.ts";
import { deploy, type EngineOptions, type RegisteredResource } from "./engine.ts";

const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups`;
const NETWORKS = "providers/Microsoft.Network";

export const LOCATION = "westeurope";
/** A customer's service, by its id and by its alias. */
export const SERVICE_ID = `/subscriptions/99999999-8888-7777-6666-555555555555/resourceGroups/data/${NETWORKS}/privateLinkServices/orders`;
export const SERVICE_ALIAS = "orders.0a1b2c3d-0000-4444-8888-abcdefabcdef.northeurope.azure.privatelinkservice";
/** A virtual network that exists, and subnets of it. */
export const NETWORK_ID = `${GROUP}/hub/${NETWORKS}/virtualNetworks/prod`;
export const SUBNET_ID = `${NETWORK_ID}/subnets/endpoints`;
export const NAT_SUBNET_ID = `${NETWORK_ID}/subnets/private-link`;
export const PRIVATE_IP = "10.255.1.4";
export const NETWORK_INTERFACE_ID = `${GROUP}/rg-1/${NETWORKS}/networkInterfaces/orders.nic.0a1b`;

export const GET_ENDPOINT = "azure-native:network:getPrivateEndpoint";
export const GET_INTERFACE = "azure-native:network:getNetworkInterface";
export const GET_SUBNET = "azure-native:network:getSubnet";

/** What azure-native adds to the inputs of its resources. */
function azureOutputs({ type, name }: RegisteredResource): object {
  switch (type) {
    case "azure-native:network:LoadBalancer":
      return { name, frontendIPConfigurations: [{ name: "frontend", privateIPAddress: "10.0.1.5" }] };
    case "azure-native:network:PrivateLinkService":
      return { name, alias: SERVICE_ALIAS };
    default:
      return { name };
  }
}

/** An answer about a private endpoint whose connection is in a state. */
export function endpointIn(status: string | undefined, description = "", list = "manualPrivateLinkServiceConnections"): object {
  const state = status === undefined ? {} : { privateLinkServiceConnectionState: { status, description } };
  return { name: "acme-private-endpoint", networkInterfaces: [{ id: NETWORK_INTERFACE_ID }], [list]: [{ name: "acme", ...state }] };
}

/** An engine with azure-native behind it, whose answers about the endpoint come one after another; the last one stays. */
export function azureEngine(answers: readonly (object | Error)[] = [endpointIn("Approved")]): EngineOptions {
  let asked = 0;
  return {
    outputsOf: azureOutputs,
    calls: {
      [GET_ENDPOINT]: () => {
        const answer = answers[Math.min(asked++, answers.length - 1)];
        // What an engine reports reaches the program as the details of a call that failed.
        if (answer instanceof Error) throw Object.assign(answer, { details: answer.message });
        return answer as object;
      },
      [GET_INTERFACE]: () => ({ ipConfigurations: [{ privateIPAddress: PRIVATE_IP }] }),
      [GET_SUBNET]: () => ({ privateLinkServiceNetworkPolicies: "Disabled" }),
    },
  };
}

/** A clock on which time passes by sleeping only. */
export class FakeClock implements Clock {
  /** How long each sleep was. */
  readonly sleeps: number[] = [];

  now(): number {
    return this.sleeps.reduce((sum, each) => sum + each, 0);
  }

  async sleep(milliseconds: number): Promise<void> {
    this.sleeps.push(milliseconds);
  }
}

/** Deploys the endpoint `acme`, to a service that is known by its alias. */
export const upEndpoint = (
  args: Partial<AzurePrivateEndpointArgs> = {},
  engine: EngineOptions = {},
  options: AzurePrivateEndpointOptions = {},
) =>
  deploy(
    () => new AzurePrivateEndpoint("acme", { service: SERVICE_ALIAS, location: LOCATION, ...args }, { clock: new FakeClock(), ...options }),
    { ...azureEngine(), ...engine },
  );

/** What every service in these tests is asked for. */
export const SERVICE_ARGS: AzurePrivateLinkServiceArgs = {
  location: LOCATION,
  virtualNetworkId: NETWORK_ID,
  natNetworkCidr: "10.0.250.0/28",
  frontendSubnetId: `${NETWORK_ID}/subnets/databases`,
  ports: [{ name: "postgres", port: 5432 }],
};

/** Deploys the service `acme`. */
export const upService = (
  args: Partial<AzurePrivateLinkServiceArgs> = {},
  engine: EngineOptions = {},
  options: AzurePrivateLinkServiceOptions = {},
) => deploy(() => new AzurePrivateLinkService("acme", { ...SERVICE_ARGS, ...args }, options), { ...azureEngine(), ...engine });
