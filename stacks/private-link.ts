import type * as pulumi from "@pulumi/pulumi";
import { AzurePrivateEndpoint, AzurePrivateLinkService } from "../components/azure/private-link.ts";
import type { CustomerFile, PrivateLinkFile } from "./customer-file.ts";

const ENDPOINT_OUTPUTS = ["host", "connectionStatus", "endpointId"] as const satisfies readonly (keyof AzurePrivateEndpoint)[];
const SERVICE_OUTPUTS = [
  "alias",
  "serviceId",
  "backendAddressPoolId",
  "frontendPrivateIp",
  "healthCommand",
] as const satisfies readonly (keyof AzurePrivateLinkService)[];

/** What a stack exports of Azure Private Link, by name. */
export interface PrivateLinkOutputs {
  /** Addresses at which the platform reaches services of the customer. */
  readonly privateEndpoints: Readonly<Record<string, Record<(typeof ENDPOINT_OUTPUTS)[number], pulumi.Output<string>>>>;
  /** What to give to those who are to connect. */
  readonly privateLinkServices: Readonly<Record<string, Record<(typeof SERVICE_OUTPUTS)[number], pulumi.Output<string>>>>;
}

/** Deploys the private endpoints and Private Link Services of a customer's file. */
export function deployPrivateLink({ customer, privateEndpoints = [], privateLinkServices = [] }: CustomerFile | PrivateLinkFile) {
  const outputs: PrivateLinkOutputs = {
    privateEndpoints: Object.fromEntries(
      privateEndpoints.map(({ name, ...args }) => [name, pick(new AzurePrivateEndpoint(`${customer}-${name}`, args), ENDPOINT_OUTPUTS)]),
    ),
    privateLinkServices: Object.fromEntries(
      privateLinkServices.map(({ name, ...args }) => [
        name,
        pick(new AzurePrivateLinkService(`${customer}-${name}`, args), SERVICE_OUTPUTS),
      ]),
    ),
  };
  return outputs;
}

function pick<T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}
