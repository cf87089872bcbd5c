import { join, resolve } from "node:path";
import { CUSTOMER, PLATFORM } from "../../cloud/azure/control-plane/private-link-service-scene.ts";
import type { PrivateLinkSide } from "./private-link-stack.ts";

const COMPONENTS = join(resolve(import.meta.dirname, "../../.."), "components/azure/private-link.ts");

/** The customer's side: a service in front of a machine with a database, which is a network interface here. */
export const CUSTOMER_SIDE: PrivateLinkSide = {
  name: "customer",
  subscriptionId: CUSTOMER,
  program: `
import { NetworkInterface } from "@pulumi/azure-native/network/networkInterface.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { AzurePrivateLinkService } from "${COMPONENTS}";

const location = "westeurope";
const group = new ResourceGroup("acme", { location });
const inGroup = { resourceGroupName: group.name, location };
const network = new VirtualNetwork("acme", { ...inGroup, addressSpace: { addressPrefixes: ["10.255.0.0/16"] } });
const subnet = new Subnet("main", { resourceGroupName: group.name, virtualNetworkName: network.name, addressPrefix: "10.255.1.0/24" });
const service = new AzurePrivateLinkService("orders", {
  location,
  resourceGroup: group.name,
  virtualNetworkId: network.id,
  natNetworkCidr: "10.255.2.0/28",
  natAddressCount: 2,
  frontendSubnetId: subnet.id,
  ports: [{ name: "postgres", port: 5432 }],
  visibility: ["*"],
});
const database = new NetworkInterface("db", {
  ...inGroup,
  ipConfigurations: [{ name: "main", subnet: { id: subnet.id }, loadBalancerBackendAddressPools: [{ id: service.backendAddressPoolId }] }],
});

export const { alias, serviceId, frontendPrivateIp, healthCommand } = service;
export const ruleId = pulumi.interpolate\`\${service.loadBalancerId}/loadBalancingRules/postgres\`;
export const databaseId = database.id;
export const databaseIp = database.ipConfigurations.apply(([one]) => one.privateIPAddress);
`,
};

/** The platform's side: an endpoint in a network of its own, and a consumer beside it. A minute of waiting takes a second. */
export const PLATFORM_SIDE: PrivateLinkSide = {
  name: "platform",
  subscriptionId: PLATFORM,
  program: `
import { NetworkInterface } from "@pulumi/azure-native/network/networkInterface.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import { readFileSync } from "node:fs";
import { AzurePrivateEndpoint } from "${COMPONENTS}";

const { service, waitMinutes } = JSON.parse(readFileSync("options.json"));
const SPEED = 60;
const clock = {
  now: () => performance.now() * SPEED,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / SPEED)),
};

const location = "westeurope";
const endpoint = new AzurePrivateEndpoint("acme", { location, service, waitMinutes }, { clock });
const group = new ResourceGroup("consumer", { location });
const consumer = new NetworkInterface("consumer", {
  resourceGroupName: group.name,
  location,
  ipConfigurations: [{ name: "main", subnet: { id: endpoint.subnetId } }],
});

export const { connectionStatus, privateIp, host, endpointId, networkInterfaceId } = endpoint;
export const consumerId = consumer.id;
export const consumerIp = consumer.ipConfigurations.apply(([one]) => one.privateIPAddress);
`,
};
