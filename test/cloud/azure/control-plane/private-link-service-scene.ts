import type { Properties } from "../../plugin/values.ts";
import type { Made } from "../../world/provider/direct-provider.ts";
import type { World } from "../../world/world.ts";
import { seedsOf } from "./seeds.ts";
import type { TestProject } from "./test-project.ts";

export const PLATFORM = "11111111-1111-4111-8111-111111111111";
export const CUSTOMER = "22222222-2222-4222-8222-222222222222";

/** Has everything that follows be done by somebody who is logged in to a subscription. */
export async function logIn(world: World, subscriptionId: string): Promise<void> {
  await world.change((state) => {
    state.seeds.azure = { ...seedsOf(state), subscriptionId };
  });
}

/** A customer's network with a load balancer, before there is a service; who is logged in is the customer. */
export async function makeCustomer(project: TestProject) {
  await logIn(project.world, CUSTOMER);
  const group = await project.make("resourceGroup", {}, "acme");
  const inGroup = { resourceGroupName: group.state.name };
  const network = await project.make("virtualNetwork", { ...inGroup, addressSpace: { addressPrefixes: ["10.0.0.0/16"] } }, "acme");
  const inNetwork = { ...inGroup, virtualNetworkName: network.state.name };
  const subnet = await project.make("subnet", { ...inNetwork, addressPrefix: "10.0.0.0/24" }, "main");
  const nat = await project.make(
    "subnet",
    { ...inNetwork, addressPrefix: "10.0.1.0/24", privateLinkServiceNetworkPolicies: "Disabled" },
    "nat",
  );
  const balancer = await project.make("loadBalancer", { ...inGroup, ...balancerInputs(subnet) }, "db");
  return { inGroup, network, subnet, nat, balancer };
}

export type TestCustomer = Awaited<ReturnType<typeof makeCustomer>>;

/** Inputs of a load balancer with one rule and its probe. */
export function balancerInputs(subnet: Made, parts: Properties = {}): Properties {
  return {
    sku: { name: "Standard" },
    frontendIPConfigurations: [{ name: "inside", subnet: { id: subnet.id } }],
    backendAddressPools: [{ name: "db" }],
    probes: [{ name: "tcp", protocol: "Tcp", port: 5432, intervalInSeconds: 5 }],
    loadBalancingRules: [ruleInputs("postgres", 5432)],
    ...parts,
  };
}

export function ruleInputs(name: string, port: number, parts: Properties = {}): Properties {
  return {
    name,
    protocol: "Tcp",
    frontendPort: port,
    backendPort: port,
    frontendIPConfiguration: { id: "$self/frontendIPConfigurations/inside" },
    backendAddressPools: [{ id: "$self/backendAddressPools/db" }],
    probe: { id: "$self/probes/tcp" },
    ...parts,
  };
}

/** Inputs of a service in front of it, which everybody can see. */
export function serviceInputs({ inGroup, nat, balancer }: TestCustomer, parts: Properties = {}): Properties {
  return {
    ...inGroup,
    loadBalancerFrontendIpConfigurations: [{ id: `${balancer.id}/frontendIPConfigurations/inside` }],
    ipConfigurations: [{ name: "nat-1", primary: true, subnet: { id: nat.id } }],
    visibility: { subscriptions: ["*"] },
    ...parts,
  };
}

/** A customer's service, and a platform's network; who is logged in is the platform. */
export async function makeBothSides(project: TestProject, service: Properties = {}) {
  const customer = await makeCustomer(project);
  const made = await project.make("privateLinkService", serviceInputs(customer, service), "db");
  await logIn(project.world, PLATFORM);
  const group = await project.make("resourceGroup", {}, "platform");
  const inGroup = { resourceGroupName: group.state.name };
  const network = await project.make("virtualNetwork", { ...inGroup, addressSpace: { addressPrefixes: ["10.0.0.0/16"] } }, "platform");
  const inNetwork = { ...inGroup, virtualNetworkName: network.state.name };
  const subnet = await project.make("subnet", { ...inNetwork, addressPrefix: "10.0.0.0/24" }, "main");
  const other = await project.make("subnet", { ...inNetwork, addressPrefix: "10.0.1.0/24" }, "other");
  return { customer, service: made, inGroup, network, subnet, other };
}

export type BothSides = Awaited<ReturnType<typeof makeBothSides>>;

/** Inputs of an endpoint that asks for a connection by hand, by the service's alias. */
export function endpointInputs({ inGroup, subnet, service }: BothSides, connection: Properties = {}, parts: Properties = {}): Properties {
  return {
    ...inGroup,
    subnet: { id: subnet.id },
    manualPrivateLinkServiceConnections: [
      { name: "acme", privateLinkServiceId: service.state.alias, requestMessage: "Reverse SSH bastion", ...connection },
    ],
    ...parts,
  };
}
