import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../plugin/values.ts";
import { balancerInputs, CUSTOMER, makeCustomer, PLATFORM, serviceInputs, type TestCustomer } from "./private-link-service-scene.ts";
import { TestProject } from "./test-project.ts";

let project: TestProject;
let customer: TestCustomer;

beforeEach(async () => {
  project = new TestProject();
  customer = await makeCustomer(project);
});

afterEach(() => project.dispose());

const make = (parts: Properties = {}) => project.make("privateLinkService", serviceInputs(customer, parts), "Orders");
const nats = (count: number, parts: Properties = {}) => ({
  ipConfigurations: Array.from({ length: count }, (_, i) => ({
    name: `nat-${i + 1}`,
    primary: i === 0,
    subnet: { id: customer.nat.id },
    ...parts,
  })),
});

describe("a Private Link Service", () => {
  test("gets an alias, and a network interface with its NAT addresses", async () => {
    const { id, state } = await make(nats(2));
    expect(state.alias).toMatch(/^orders[0-9a-f]{8}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.westeurope\.azure\.privatelinkservice$/);
    expect(state).toMatchObject({ privateEndpointConnections: [], enableProxyProtocol: false, visibility: { subscriptions: ["*"] } });
    const [{ id: nicId }] = state.networkInterfaces as [{ id: string }];
    expect(project.world.find("azure-native:network:NetworkInterface", nicId)).toMatchObject({
      privateLinkService: { id },
      ipConfigurations: [
        { name: "nat-1", privateIPAddress: "10.0.1.4", subnet: { id: customer.nat.id } },
        { name: "nat-2", privateIPAddress: "10.0.1.5", subnet: { id: customer.nat.id } },
      ],
    });
  });

  test("keeps alias and addresses when something changes; an address more can be had, and none less", async () => {
    const made = await make(nats(2));
    expect(project.plan("privateLinkService", made, serviceInputs(customer, nats(2)))).toBe("same");
    const larger = await project.update("privateLinkService", made, serviceInputs(customer, nats(3)));
    expect(larger.state).toMatchObject({ alias: made.state.alias, networkInterfaces: made.state.networkInterfaces });
    const [{ id: nicId }] = larger.state.networkInterfaces as [{ id: string }];
    const { ipConfigurations } = project.world.find("azure-native:network:NetworkInterface", nicId) ?? {};
    expect(ipConfigurations).toMatchObject(["10.0.1.4", "10.0.1.5", "10.0.1.6"].map((privateIPAddress) => ({ privateIPAddress })));
    expect(await project.refusal(() => project.update("privateLinkService", larger, serviceInputs(customer, nats(2))))).toBe(
      "PrivateLinkServiceIpConfigurationCannotBeRemoved",
    );
  });

  test("whoever makes one needs to join its subnet and the frontend", async () => {
    const before = project.world.calls().length;
    await make();
    expect(project.actionsSince(before)).toEqual([
      "Microsoft.Network/privateLinkServices/read",
      "Microsoft.Network/virtualNetworks/subnets/join/action",
      "Microsoft.Network/loadBalancers/frontendIPConfigurations/join/action",
      "Microsoft.Network/privateLinkServices/write",
      "Microsoft.Network/privateLinkServices/read",
    ]);
  });

  test.each<[string, string, () => Properties]>([
    ["no NAT address", "PrivateLinkServiceIpConfigurationCountOutOfRange", () => nats(0)],
    ["nine NAT addresses", "PrivateLinkServiceIpConfigurationCountOutOfRange", () => nats(9)],
    ["two primary ones", "PrivateLinkServiceMustHaveOnePrimaryIpConfiguration", () => nats(2, { primary: true })],
    ["none of two primary", "PrivateLinkServiceMustHaveOnePrimaryIpConfiguration", () => nats(2, { primary: false })],
    [
      "network policies in its subnet",
      "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
      () => nats(1, { subnet: { id: customer.subnet.id } }),
    ],
    ["a subnet there is not", "InvalidResourceReference", () => nats(1, { subnet: { id: `${customer.nat.id}s` } })],
    ["an address outside of its subnet", "PrivateIPAddressNotInSubnet", () => nats(1, { privateIPAddress: "10.9.0.4" })],
    ["no frontend", "PrivateLinkServiceMustHaveLoadBalancerFrontend", () => ({ loadBalancerFrontendIpConfigurations: [] })],
    [
      "a frontend there is not",
      "InvalidResourceReference",
      () => ({ loadBalancerFrontendIpConfigurations: [{ id: `${customer.balancer.id}/frontendIPConfigurations/none` }] }),
    ],
    [
      "a load balancer there is not",
      "InvalidResourceReference",
      () => ({ loadBalancerFrontendIpConfigurations: [{ id: `${customer.balancer.id}s/frontendIPConfigurations/inside` }] }),
    ],
    ["another region than its load balancer's", "InvalidResourceReference", () => ({ location: "northeurope" })],
    [
      "an auto-approval of those who do not see it",
      "PrivateLinkServiceAutoApprovalMustBeSubsetOfVisibility",
      () => ({ visibility: { subscriptions: [CUSTOMER] }, autoApproval: { subscriptions: [PLATFORM] } }),
    ],
  ])("is refused with %s", async (_what, code, parts) => {
    expect(await project.refusal(() => make(parts()))).toBe(code);
  });

  test("is refused on a frontend that another one has, or that is public, or whose pool is of addresses", async () => {
    await make();
    expect(await project.refusal(() => project.make("privateLinkService", serviceInputs(customer), "second"))).toBe(
      "LoadBalancerFrontendInUseByAnotherPrivateLinkService",
    );
    const { inGroup, subnet } = customer;
    const address = await project.make("publicIPAddress", { ...inGroup, sku: { name: "Standard" }, publicIPAllocationMethod: "Static" });
    const variants: [string, Properties][] = [
      ["PrivateLinkServiceFrontendMustBePrivate", { frontendIPConfigurations: [{ name: "inside", publicIPAddress: { id: address.id } }] }],
      [
        "PrivateLinkServiceNotSupportedWithIPBasedBackendPool",
        { backendAddressPools: [{ name: "db", loadBalancerBackendAddresses: [{ name: "a", ipAddress: "10.0.0.9" }] }] },
      ],
    ];
    for (const [code, parts] of variants) {
      const balancer = await project.make("loadBalancer", { ...inGroup, ...balancerInputs(subnet, parts) }, code);
      const refused = () => project.make("privateLinkService", serviceInputs({ ...customer, balancer }), "second");
      expect(await project.refusal(refused)).toBe(code);
    }
  });

  test("takes its network interface along when it is removed; its subnet stays until then", async () => {
    const made = await make();
    expect(await project.refusal(() => project.remove("subnet", customer.nat))).toBe("InUseSubnetCannotBeDeleted");
    await project.remove("privateLinkService", made);
    expect(project.world.records("azure-native:network:NetworkInterface")).toEqual({});
    await project.remove("subnet", customer.nat);
  });
});
