import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../plugin/values.ts";
import { balancerInputs, makeCustomer, ruleInputs, serviceInputs, type TestCustomer } from "./private-link-service-scene.ts";
import { TestProject } from "./test-project.ts";

let project: TestProject;
let customer: TestCustomer;

beforeEach(async () => {
  project = new TestProject();
  customer = await makeCustomer(project);
});

afterEach(() => project.dispose());

const other = (parts: Properties) =>
  project.make("loadBalancer", { ...customer.inGroup, ...balancerInputs(customer.subnet, parts) }, "other");
const rules = (...all: Properties[]) => ({ loadBalancingRules: all });
const probe = (parts: Properties) => ({ probes: [{ name: "tcp", protocol: "Tcp", port: 5432, ...parts }] });
const frontend = (parts: Properties) => ({ frontendIPConfigurations: [{ name: "inside", ...parts }] });

describe("a load balancer", () => {
  test("has an address in its subnet, and its parts have ids that refer to each other", () => {
    const { id, state } = customer.balancer;
    expect(state).toMatchObject({
      sku: { name: "Standard", tier: "Regional" },
      frontendIPConfigurations: [{ id: `${id}/frontendIPConfigurations/inside`, privateIPAddress: "10.0.0.4" }],
      backendAddressPools: [{ id: `${id}/backendAddressPools/db` }],
      probes: [{ id: `${id}/probes/tcp`, intervalInSeconds: 5, probeThreshold: 1 }],
      loadBalancingRules: [
        {
          id: `${id}/loadBalancingRules/postgres`,
          idleTimeoutInMinutes: 4,
          frontendIPConfiguration: { id: `${id}/frontendIPConfigurations/inside` },
          backendAddressPools: [{ id: `${id}/backendAddressPools/db` }],
          probe: { id: `${id}/probes/tcp` },
        },
      ],
    });
  });

  test("keeps its address when something else changes; nothing changes when nothing does", async () => {
    const inputs = { ...customer.inGroup, ...balancerInputs(customer.subnet) };
    expect(project.plan("loadBalancer", customer.balancer, inputs)).toBe("same");
    const changed = { ...inputs, ...probe({ intervalInSeconds: 10 }) };
    expect(project.plan("loadBalancer", customer.balancer, changed)).toBe("update probes[0].intervalInSeconds");
    const { state } = await project.update("loadBalancer", customer.balancer, changed);
    expect(state).toMatchObject({ frontendIPConfigurations: [{ privateIPAddress: "10.0.0.4" }], probes: [{ intervalInSeconds: 10 }] });
  });

  test("does not share its address with a network interface", async () => {
    const nic = await project.make("networkInterface", {
      ...customer.inGroup,
      ipConfigurations: [{ name: "main", subnet: { id: customer.subnet.id } }],
    });
    expect(nic.state).toMatchObject({ ipConfigurations: [{ privateIPAddress: "10.0.0.5" }] });
  });

  test.each<[string, string, () => Properties]>([
    ["the sku Basic", "BasicSkuLoadBalancerCreationNotAllowed", () => ({ sku: { name: "Basic" } })],
    ["no sku, which is Basic", "BasicSkuLoadBalancerCreationNotAllowed", () => ({ sku: undefined })],
    ["a frontend without a place", "LoadBalancerFrontendIPConfigurationMustHaveSubnetOrPublicIP", () => frontend({})],
    ["a frontend in no subnet", "InvalidResourceReference", () => frontend({ subnet: { id: `${customer.subnet.id}s` } })],
    [
      "another's address",
      "PrivateIPAddressIsAllocated",
      () => frontend({ subnet: { id: customer.subnet.id }, privateIPAddress: "10.0.0.4" }),
    ],
    [
      "an address outside of the subnet",
      "PrivateIPAddressNotInSubnet",
      () => frontend({ subnet: { id: customer.subnet.id }, privateIPAddress: "10.9.0.4" }),
    ],
    ["a probe every 4 seconds", "ProbeIntervalOutOfRange", () => probe({ intervalInSeconds: 4 })],
    ["a probe of port 0", "ProbePortOutOfRange", () => probe({ port: 0 })],
    ["a threshold of 0", "ProbeThresholdOutOfRange", () => probe({ probeThreshold: 0 })],
    ["a path for Tcp", "ProbeRequestPathInvalid", () => probe({ requestPath: "/" })],
    ["no path for Http", "ProbeRequestPathInvalid", () => probe({ protocol: "Http" })],
    ["port 65536", "LoadBalancingRulePortOutOfRange", () => rules(ruleInputs("a", 65_536))],
    [
      "an idle timeout of 3 minutes",
      "LoadBalancingRuleIdleTimeoutOutOfRange",
      () => rules(ruleInputs("a", 1, { idleTimeoutInMinutes: 3 })),
    ],
    ["one of 31 minutes", "LoadBalancingRuleIdleTimeoutOutOfRange", () => rules(ruleInputs("a", 1, { idleTimeoutInMinutes: 31 }))],
    ["a probe there is not", "InvalidResourceReference", () => rules(ruleInputs("a", 1, { probe: { id: "$self/probes/none" } }))],
    [
      "a pool there is not",
      "InvalidResourceReference",
      () => rules(ruleInputs("a", 1, { backendAddressPools: [{ id: "$self/backendAddressPools/none" }] })),
    ],
    [
      "a frontend of another load balancer",
      "InvalidResourceReference",
      () => rules(ruleInputs("a", 1, { frontendIPConfiguration: { id: `${customer.balancer.id}/frontendIPConfigurations/inside` } })),
    ],
    ["two rules of a name", "InvalidRequestFormat", () => rules(ruleInputs("a", 1), ruleInputs("A", 2))],
    ["two rules of a frontend port", "RulesUseSameFrontendPortProtocolAndIPConfig", () => rules(ruleInputs("a", 1), ruleInputs("b", 1))],
    [
      "two rules of a backend port",
      "RulesUseSameBackendPortProtocolAndPool",
      () => rules(ruleInputs("a", 1), ruleInputs("b", 2, { backendPort: 1 })),
    ],
  ])("is refused with %s", async (_what, code, parts) => {
    expect(await project.refusal(() => other(parts()))).toBe(code);
  });

  test("is not removed, nor its frontend or its pool, while something refers to it", async () => {
    const { balancer, inGroup, subnet } = customer;
    const without = (part: string) => ({ ...inGroup, ...balancerInputs(subnet, { [part]: [], loadBalancingRules: [] }) });
    const service = await project.make("privateLinkService", serviceInputs(customer), "db");
    expect(await project.refusal(() => project.remove("loadBalancer", balancer))).toBe("CannotDeleteLoadBalancerWithPrivateLinkService");
    expect(await project.refusal(() => project.update("loadBalancer", balancer, without("frontendIPConfigurations")))).toBe(
      "InUseFrontendIPConfigurationCannotBeDeleted",
    );
    await project.remove("privateLinkService", service);

    const joined = { loadBalancerBackendAddressPools: [{ id: `${balancer.id}/backendAddressPools/db` }] };
    const nic = await project.make("networkInterface", {
      ...inGroup,
      ipConfigurations: [{ name: "main", subnet: { id: subnet.id }, ...joined }],
    });
    expect(await project.refusal(() => project.remove("loadBalancer", balancer))).toBe("LoadBalancerInUseByNetworkInterface");
    expect(await project.refusal(() => project.update("loadBalancer", balancer, without("backendAddressPools")))).toBe(
      "InUseBackendAddressPoolCannotBeDeleted",
    );
    expect(await project.refusal(() => project.remove("subnet", subnet))).toBe("InUseSubnetCannotBeDeleted");
    await project.remove("networkInterface", nic);
    await project.remove("loadBalancer", balancer);
    await project.remove("subnet", subnet);
  });
});
