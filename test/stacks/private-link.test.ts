import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { deployCustomer } from "../../stacks/program.ts";
import { AZURE_ENGINE } from "../support/azure-engine.ts";
import { deploy, type EngineOptions, settled } from "../support/engine.ts";
import { LOCAL_ENGINE } from "../support/local-engine.ts";
import { azureEngine, endpointIn, NETWORK_ID, PRIVATE_IP, SERVICE_ALIAS } from "../support/private-link-engine.ts";
import { resourceIn } from "../support/registered.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();
mkdirSync(join(root, "stacks/customers"), { recursive: true });
writeFileSync(join(root, "Pulumi.yaml"), "name: reverse-bastion\n");

const ENDPOINTS = `privateEndpoints:
  - { name: orders, service: ${SERVICE_ALIAS}, location: westeurope, requestMessage: TICKET-1, tags: { team: data } }
  - { name: billing, service: ${SERVICE_ALIAS}, location: northeurope, resourceGroup: platform, networkCidr: 10.9.0.0/28 }
`;
const SERVICES = `privateLinkServices:
  - name: orders
    location: westeurope
    virtualNetworkId: ${NETWORK_ID}
    natNetworkCidr: 10.0.250.0/28
    frontendSubnetId: ${NETWORK_ID}/subnets/databases
    ports: [{ name: postgres, port: 5432 }]
    visibility: ["*"]
`;
const BASTION = `clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
azure: { location: westeurope }
tunnels: [{ name: flow }]
clients: [{ name: dr-site, generateKey: ed25519 }]
`;
const BASTION_OUTPUTS = [
  "host",
  "sshPort",
  "statusPort",
  "user",
  "consumerUser",
  "endpoint",
  "consumerEndpoint",
  "hostKeys",
  "knownHosts",
  "tunnels",
  "clients",
  "consumers",
  "operators",
  "clientPrivateKeys",
  "consumerPrivateKeys",
  "operatorPrivateKeys",
];

/** An engine that has a bastion's clouds, and Azure's answers about Private Link. */
function engineWith(bastion: EngineOptions, link = azureEngine()): EngineOptions {
  return {
    outputsOf: (resource) => ({ ...link.outputsOf?.(resource), ...bastion.outputsOf?.(resource) }),
    calls: { ...bastion.calls, ...link.calls },
  };
}

/** Runs the program for a customer's file, as the engine does. */
function up(target: string, rest: string, engine: EngineOptions = azureEngine()) {
  writeFileSync(join(root, "stacks/customers/acme.yaml"), `customer: acme\ntarget: ${target}\n${rest}`);
  vi.spyOn(process, "cwd").mockReturnValue(root);
  return deploy(deployCustomer, { ...engine, project: "reverse-bastion", stack: "acme" });
}

/** What stands at the top, sorted: nothing waits for anything else. */
const topOf = ({ registered }: Awaited<ReturnType<typeof up>>) =>
  registered
    .filter(({ parent }) => parent === undefined)
    .map(({ type, name }) => `${type} ${name}`)
    .sort();

/** The ends of Private Link as the stack exports them. */
const exportedBy = ({ result: { privateEndpoints, privateLinkServices } }: Awaited<ReturnType<typeof up>>) =>
  settled(pulumi.output({ privateEndpoints, privateLinkServices }));

/** What the ends of the file are, named after the customer and each of them. */
const ENDS = [
  "reverse-bastion:azure:AzurePrivateEndpoint acme-billing",
  "reverse-bastion:azure:AzurePrivateEndpoint acme-orders",
  "reverse-bastion:azure:AzurePrivateLinkService acme-orders",
];

/** What a stack with both exports. */
const BOTH = {
  privateEndpoints: {
    orders: { host: PRIVATE_IP, connectionStatus: "Approved", endpointId: "acme-orders-private-endpoint-id" },
    billing: { host: PRIVATE_IP, connectionStatus: "Approved", endpointId: "acme-billing-private-endpoint-id" },
  },
  privateLinkServices: {
    orders: {
      alias: SERVICE_ALIAS,
      serviceId: "acme-orders-private-link-service-id",
      backendAddressPoolId: "acme-orders-load-balancer-id/backendAddressPools/backends",
      frontendPrivateIp: "10.0.1.5",
      healthCommand:
        "az monitor metrics list --resource 'acme-orders-load-balancer-id' --metrics DipAvailability --aggregation Average --interval PT1M --dimension BackendIPAddress BackendPort --output table",
    },
  },
};

afterEach(() => {
  vi.restoreAllMocks();
});

test("a file without a bastion is its private endpoints and services, named after the customer and each end, and nothing else", async () => {
  const deployed = await up("private-link", `${ENDPOINTS}${SERVICES}`);
  expect(deployed.error).toBeUndefined();
  expect(topOf(deployed)).toEqual(ENDS);
  expect(Object.keys(deployed.result)).toEqual(["privateEndpoints", "privateLinkServices"]);
  expect(await exportedBy(deployed)).toEqual(BOTH);
});

test("each end gets what its part of the file says", async () => {
  const { registered } = await up("private-link", `${ENDPOINTS}${SERVICES}`);
  expect(resourceIn(registered, "acme-orders-private-endpoint").inputs).toMatchObject({
    location: "westeurope",
    manualPrivateLinkServiceConnections: [{ name: "acme-orders", privateLinkServiceId: SERVICE_ALIAS, requestMessage: "TICKET-1" }],
    tags: { "reverse-bastion": "reverse-bastion/acme/acme-orders", team: "data" },
  });
  expect(resourceIn(registered, "acme-billing-private-endpoint").inputs).toMatchObject({
    location: "northeurope",
    resourceGroupName: "platform",
    tags: { "reverse-bastion": "reverse-bastion/acme/acme-billing" },
  });
  expect(resourceIn(registered, "acme-billing-virtual-network").inputs).toMatchObject({
    addressSpace: { addressPrefixes: ["10.9.0.0/28"] },
  });
  expect(resourceIn(registered, "acme-orders-private-link-service").inputs).toMatchObject({
    visibility: { subscriptions: ["*"] },
    autoApproval: { subscriptions: [] },
  });
});

test.each<[string, EngineOptions, string]>([
  ["local", LOCAL_ENGINE, "reverse-bastion:local:LocalBastion acme"],
  ["azure", AZURE_ENGINE, "reverse-bastion:azure:AzureBastion acme"],
])("beside a bastion on %s they are the same, and the stack exports both", async (target, engine, bastion) => {
  const deployed = await up(target, `${BASTION}${ENDPOINTS}${SERVICES}`, engineWith(engine));
  expect(deployed.error).toBeUndefined();
  expect(topOf(deployed)).toEqual([...ENDS, bastion].sort());
  expect(Object.keys(deployed.result)).toEqual([...BASTION_OUTPUTS, "privateEndpoints", "privateLinkServices"]);
  expect(await exportedBy(deployed)).toEqual(BOTH);
});

test("a file with one kind of end exports the other one empty; without any, a bastion's stack exports nothing more", async () => {
  expect(await exportedBy(await up("private-link", SERVICES))).toEqual({ ...BOTH, privateEndpoints: {} });
  expect(await exportedBy(await up("private-link", ENDPOINTS))).toEqual({ ...BOTH, privateLinkServices: {} });
  const without = await up("local", `${BASTION}privateEndpoints: []\n`, LOCAL_ENGINE);
  expect(Object.keys(without.result)).toEqual(BASTION_OUTPUTS);
});

test("an endpoint that is not to wait says that its owner has yet to approve it", async () => {
  const pending = azureEngine([endpointIn("Pending")]);
  const deployed = await up("private-link", ENDPOINTS.replaceAll("location:", "waitMinutes: 0, location:"), pending);
  expect(deployed.error).toBeUndefined();
  expect((await exportedBy(deployed)).privateEndpoints?.orders?.connectionStatus).toBe("Pending");
});

test("a file that cannot be used makes nothing", async () => {
  const { error, registered } = await up("private-link", "");
  expect((error as Error).message).toBe(
    "the customer's file cannot be used:\n  stacks/customers/acme.yaml:2 target: nothing would be made; name privateEndpoints, privateLinkServices, or another target",
  );
  expect(registered).toEqual([]);
});
