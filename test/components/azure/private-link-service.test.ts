import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { AzurePrivateLinkService, type AzurePrivateLinkServiceArgs } from "../../../components/azure/private-link.ts";
import type { Transform } from "../../../components/shared/transform.ts";
import { deploy, settled } from "../../support/engine.ts";
import {
  azureEngine,
  GET_SUBNET,
  LOCATION,
  NAT_SUBNET_ID,
  NETWORK_ID,
  SERVICE_ALIAS,
  SERVICE_ARGS,
  upService,
} from "../../support/private-link-engine.ts";
import { resourceIn } from "../../support/registered.ts";

const COMPONENT = "reverse-bastion:azure:AzurePrivateLinkService::acme";
const TAGS = { "reverse-bastion": "project/stack/acme" };
const SUBSCRIPTION = "99999999-8888-7777-6666-555555555555";
const ON_CALL = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/on-call`;
const EXISTING = { natSubnetId: NAT_SUBNET_ID, virtualNetworkId: undefined, natNetworkCidr: undefined };

const ALWAYS = [
  "azure-native:network:LoadBalancer acme-load-balancer",
  "azure-native:network:PrivateLinkService acme-private-link-service",
];
const GROUP = "azure-native:resources:ResourceGroup acme-resource-group";
const SUBNET = "azure-native:network:Subnet acme-subnet";
const ALERT = "azure-native:monitor:MetricAlert acme-health-alert";

const CONFIGURATIONS: readonly [string, Partial<AzurePrivateLinkServiceArgs>, readonly string[], readonly string[]][] = [
  ["a NAT subnet of its own", {}, [GROUP, SUBNET], []],
  ["an existing NAT subnet", EXISTING, [GROUP], [GET_SUBNET]],
  ["an existing group", { resourceGroup: "data" }, [SUBNET], []],
  ["an alert", { alertActionGroupIds: [ON_CALL] }, [GROUP, SUBNET, ALERT], []],
  ["nothing but the service", { ...EXISTING, resourceGroup: "data" }, [], [GET_SUBNET]],
];

test.each(CONFIGURATIONS)("%s: a service is these resources, all of them its children, and no others", async (_what, args, more, calls) => {
  const { registered, called, error, logged } = await upService(args);
  expect([error, logged]).toEqual([undefined, []]);
  const [component, ...children] = registered;
  expect(component).toMatchObject({
    type: "reverse-bastion:azure:AzurePrivateLinkService",
    name: "acme",
    parent: undefined,
    custom: false,
  });
  expect(children.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([...ALWAYS, ...more].sort());
  expect(children.filter(({ parent, custom }) => parent !== COMPONENT || !custom)).toEqual([]);
  expect(called.map(({ token }) => token)).toEqual(calls);
});

test.each(CONFIGURATIONS)("%s: a first preview, which knows nothing that Azure gives, shows the same", async (_what, args, more) => {
  const { registered, error, logged } = await upService(args, { preview: true, outputsOf: () => ({}) });
  expect([error, logged]).toEqual([undefined, []]);
  expect(
    registered
      .slice(1)
      .map(({ type, name }) => `${type} ${name}`)
      .sort(),
  ).toEqual([...ALWAYS, ...more].sort());
});

const probe = (port: number, more: object = {}) => ({
  name: `tcp-${port}`,
  protocol: "Tcp",
  port,
  intervalInSeconds: 5,
  numberOfProbes: 2,
  probeThreshold: 2,
  ...more,
});
const rule = (name: string, port: number, probePort = port, idleTimeoutInMinutes = 30) => ({
  name,
  protocol: "Tcp",
  frontendPort: port,
  backendPort: port,
  frontendIPConfiguration: { id: "$self/frontendIPConfigurations/frontend" },
  backendAddressPool: { id: "$self/backendAddressPools/backends" },
  probe: { id: `$self/probes/tcp-${probePort}` },
  idleTimeoutInMinutes,
  enableTcpReset: true,
  enableFloatingIP: false,
  disableOutboundSnat: true,
});

test("the load balancer is internal, a standard one, and knows whether a machine is well", async () => {
  const { inputs, options } = resourceIn((await upService()).registered, "acme-load-balancer");
  expect(inputs).toEqual({
    resourceGroupName: "acme-resource-group",
    location: LOCATION,
    sku: { name: "Standard" },
    frontendIPConfigurations: [
      {
        name: "frontend",
        subnet: { id: `${NETWORK_ID}/subnets/databases` },
        privateIPAllocationMethod: "Dynamic",
        privateIPAddressVersion: "IPv4",
      },
    ],
    backendAddressPools: [{ name: "backends" }],
    probes: [probe(5432)],
    loadBalancingRules: [rule("postgres", 5432)],
    tags: TAGS,
  });
  expect(options.ignoreChanges).toEqual(["backendAddressPools[0].loadBalancerBackendAddresses"]);
});

test("each port has a rule, and ports that are probed alike have one probe", async () => {
  const ports = [
    { name: "postgres", port: 5432, probePort: 8008 },
    { name: "replica", port: 5433, probePort: 8008 },
    { name: "mysql", port: 3306 },
  ];
  const { inputs } = resourceIn(
    (await upService({ ports, probe: { intervalSeconds: 15, failureCount: 4 }, idleTimeoutMinutes: 4 })).registered,
    "acme-load-balancer",
  );
  const slow = { intervalInSeconds: 15, numberOfProbes: 4, probeThreshold: 4 };
  expect(inputs.probes).toEqual([probe(8008, slow), probe(3306, slow)]);
  expect(inputs.loadBalancingRules).toEqual([
    rule("postgres", 5432, 8008, 4),
    rule("replica", 5433, 8008, 4),
    rule("mysql", 3306, 3306, 4),
  ]);
});

const nat = (index: number, subnetId = "acme-subnet-id") => ({
  name: `nat-${index}`,
  primary: index === 1,
  subnet: { id: subnetId },
  privateIPAllocationMethod: "Dynamic",
  privateIPAddressVersion: "IPv4",
});

test("the service is seen by nobody and approves nobody, unless the author says so", async () => {
  const { inputs, options } = resourceIn((await upService()).registered, "acme-private-link-service");
  expect(inputs).toEqual({
    resourceGroupName: "acme-resource-group",
    location: LOCATION,
    loadBalancerFrontendIpConfigurations: [{ id: "acme-load-balancer-id/frontendIPConfigurations/frontend" }],
    ipConfigurations: [nat(1)],
    visibility: { subscriptions: [] },
    autoApproval: { subscriptions: [] },
    enableProxyProtocol: false,
    tags: TAGS,
  });
  expect(options.replacementTrigger).toEqual(["acme-load-balancer-id/frontendIPConfigurations/frontend", "acme-subnet-id", LOCATION]);

  const open = resourceIn(
    (await upService({ ...EXISTING, visibility: ["*"], autoApproval: [SUBSCRIPTION], natAddressCount: 3 })).registered,
    "acme-private-link-service",
  ).inputs;
  expect(open).toMatchObject({ visibility: { subscriptions: ["*"] }, autoApproval: { subscriptions: [SUBSCRIPTION] } });
  expect(open.ipConfigurations).toEqual([1, 2, 3].map((index) => nat(index, NAT_SUBNET_ID)));
});

test("a NAT subnet of its own is in the network of the machines, without policies that would be in the way", async () => {
  expect(resourceIn((await upService()).registered, "acme-subnet").inputs).toEqual({
    resourceGroupName: "hub",
    virtualNetworkName: "prod",
    addressPrefix: "10.0.250.0/28",
    defaultOutboundAccess: false,
    privateEndpointNetworkPolicies: "Disabled",
    privateLinkServiceNetworkPolicies: "Disabled",
  });
});

test("an existing NAT subnet is looked at; one with policies is refused with the remedy, in the preview already", async () => {
  const { called } = await upService(EXISTING);
  expect(called).toEqual([
    {
      token: GET_SUBNET,
      inputs: { resourceGroupName: "hub", virtualNetworkName: "prod", subnetName: "private-link" },
      provider: undefined,
    },
  ]);
  const calls = { [GET_SUBNET]: () => ({ privateLinkServiceNetworkPolicies: "Enabled" }) };
  for (const preview of [true, false]) {
    const { error, registered } = await upService(EXISTING, { calls, preview });
    expect(pulumi.ResourceError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain(
      `natSubnetId: network policies for Private Link Services are enabled in the subnet; have its owner disable them: az network vnet subnet update --ids '${NAT_SUBNET_ID}' --private-link-service-network-policies Disabled`,
    );
    expect(registered.map(({ name }) => name)).not.toContain("acme-private-link-service");
  }
});

test("what consumers, machines and people need is an output", async () => {
  const { result, outputs } = await upService();
  const { alias, serviceId, backendAddressPoolId, frontendPrivateIp, loadBalancerId, natSubnetId, healthCommand } = result;
  expect(
    await Promise.all([alias, serviceId, backendAddressPoolId, frontendPrivateIp, loadBalancerId, natSubnetId, healthCommand].map(settled)),
  ).toEqual([
    SERVICE_ALIAS,
    "acme-private-link-service-id",
    "acme-load-balancer-id/backendAddressPools/backends",
    "10.0.1.5",
    "acme-load-balancer-id",
    "acme-subnet-id",
    "az monitor metrics list --resource 'acme-load-balancer-id' --metrics DipAvailability --aggregation Average --interval PT1M --dimension BackendIPAddress BackendPort --output table",
  ]);
  expect(outputs[COMPONENT]).toEqual({ alias: SERVICE_ALIAS, serviceId: "acme-private-link-service-id" });
});

test("an alert watches every machine and port, and tells those who were named", async () => {
  const every = (name: string) => ({ name, operator: "Include", values: ["*"] });
  const alert = {
    resourceGroupName: "acme-resource-group",
    location: "global",
    description: "A machine behind the Private Link Service acme does not answer",
    enabled: true,
    severity: 1,
    scopes: ["acme-load-balancer-id"],
    evaluationFrequency: "PT1M",
    windowSize: "PT5M",
    autoMitigate: true,
    criteria: {
      odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
      allOf: [
        {
          criterionType: "StaticThresholdCriterion",
          name: "probes",
          metricNamespace: "Microsoft.Network/loadBalancers",
          metricName: "DipAvailability",
          timeAggregation: "Average",
          operator: "LessThan",
          threshold: 50,
          dimensions: [every("BackendIPAddress"), every("BackendPort")],
        },
      ],
    },
    tags: TAGS,
  };
  const alertOf = async (alertActionGroupIds: string[]) =>
    resourceIn((await upService({ alertActionGroupIds })).registered, "acme-health-alert").inputs;
  expect(await alertOf([ON_CALL])).toEqual({ ...alert, actions: [{ actionGroupId: ON_CALL }] });
  expect(await alertOf([])).toEqual({ ...alert, actions: [] });
});

test.each<[Partial<AzurePrivateLinkServiceArgs>, string]>([
  [{ ports: [] }, "ports: is empty; name at least one port that consumers reach"],
  [{ natAddressCount: 9 }, "natAddressCount: got 9; expected a whole number, 1–8"],
  // What is plain is checked even where the network is another resource's output.
  [{ virtualNetworkId: pulumi.output(NETWORK_ID), natAddressCount: 9 }, "natAddressCount: got 9; expected a whole number, 1–8"],
])("%# is refused before anything is made, in the preview already", async (args, reason) => {
  for (const preview of [true, false]) {
    const { error, registered } = await upService(args, { preview });
    expect((error as Error).message).toBe(reason);
    expect(registered).toHaveLength(1);
  }
});

test("what another resource gives is checked once it is known", async () => {
  const virtualNetworkId = pulumi.output(Promise.resolve(NETWORK_ID.replace("/prod", "/dev")));
  const { error, registered } = await upService({ virtualNetworkId });
  expect((error as Error).message).toContain("virtualNetworkId: is hub/dev, and frontendSubnetId is in hub/prod; choose one network");
  expect(registered.map(({ name }) => name)).not.toContain("acme-subnet");
});

test("two services of one program have no name in common", async () => {
  const { registered, error } = await deploy(
    () => ["acme", "globex"].map((name) => new AzurePrivateLinkService(name, SERVICE_ARGS)),
    azureEngine(),
  );
  expect(error).toBeUndefined();
  expect(new Set(registered.map(({ name }) => name)).size).toBe(10);
});

test("each transform reaches the child of its kind, and no other", async () => {
  const mark: Transform<object> = ({ args, options }) => ({ args, options: { ...options, protect: true } });
  const children = {
    resourceGroup: "acme-resource-group",
    subnet: "acme-subnet",
    loadBalancer: "acme-load-balancer",
    privateLinkService: "acme-private-link-service",
    metricAlert: "acme-health-alert",
  };
  for (const [kind, name] of Object.entries(children)) {
    const { registered } = await upService({ alertActionGroupIds: [] }, {}, { transform: { [kind]: mark } });
    expect(registered.filter(({ options }) => options.protect).map((resource) => resource.name)).toEqual([name]);
  }
});
