import type { MetricAlertArgs } from "@pulumi/azure-native/monitor/metricAlert.js";
import type { LoadBalancerArgs } from "@pulumi/azure-native/network/loadBalancer.js";
import type { PrivateLinkServiceArgs } from "@pulumi/azure-native/network/privateLinkService.js";
import { PrivateLinkService } from "@pulumi/azure-native/network/privateLinkService.js";
import type { SubnetArgs } from "@pulumi/azure-native/network/subnet.js";
import type { ResourceGroupArgs } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { checkPrivateLinkService } from "../core/azure/private-link-service-check.ts";
import {
  PRIVATE_LINK_SERVICE_DEFAULTS,
  type PrivateLinkServiceSettings,
  type PrivateLinkServiceSpec,
} from "../core/azure/private-link-service-spec.ts";
import { type Transform, transformed } from "../shared/transform.ts";
import { checkedArgs } from "./private-link-args.ts";
import { createHealthAlert, healthCommandOf } from "./private-link-health.ts";
import { createLoadBalancer, type ServiceLoadBalancer } from "./private-link-load-balancer.ts";
import { createNatSubnet, existingNatSubnet } from "./private-link-nat-subnet.ts";
import { createScope, type PrivateLinkScope } from "./private-link-scope.ts";

/** What a Private Link Service takes. What names a resource may be the output of another one. */
export interface AzurePrivateLinkServiceArgs extends PrivateLinkServiceSettings {
  /** ARM id of the subnet in which the load balancer has its address; one of the virtual network of the machines. */
  readonly frontendSubnetId: pulumi.Input<string>;
  /**
   * Name of the resource group that everything is made in. It must exist.
   *
   * @default - a group of its own
   */
  readonly resourceGroup?: pulumi.Input<string> | undefined;
  /**
   * ARM id of the virtual network of the machines, in which a subnet with the addresses of `natNetworkCidr` is made.
   *
   * @default - nothing is made in it; `natSubnetId` is there
   */
  readonly virtualNetworkId?: pulumi.Input<string> | undefined;
  /**
   * ARM id of the subnet from which consumers' connections come, one of the virtual network of the machines. Its network
   * policies for Private Link Services have to be disabled, which is looked at.
   *
   * @default - a subnet of its own
   */
  readonly natSubnetId?: pulumi.Input<string> | undefined;
}

/** A way to whatever the settings do not offer, one for each kind of child. */
export interface AzurePrivateLinkServiceTransforms {
  readonly resourceGroup?: Transform<ResourceGroupArgs> | undefined;
  readonly subnet?: Transform<SubnetArgs> | undefined;
  readonly loadBalancer?: Transform<LoadBalancerArgs> | undefined;
  readonly privateLinkService?: Transform<PrivateLinkServiceArgs> | undefined;
  readonly metricAlert?: Transform<MetricAlertArgs> | undefined;
}

/** Options of the component, and the way to what its arguments do not offer. */
export interface AzurePrivateLinkServiceOptions extends pulumi.ComponentResourceOptions {
  readonly transform?: AzurePrivateLinkServiceTransforms | undefined;
}

type ServiceScope = PrivateLinkScope<AzurePrivateLinkServiceTransforms>;

/**
 * The end of an Azure Private Link that others connect to: an internal load balancer with health probes in front of
 * machines, and the service by whose alias consumers ask for a connection. Machines join by their network interfaces, with
 * `backendAddressPoolId`. About 18 USD a month for the load balancer.
 */
export class AzurePrivateLinkService extends pulumi.ComponentResource {
  /** What to give to consumers: they ask for a connection by it. */
  readonly alias: pulumi.Output<string>;
  readonly serviceId: pulumi.Output<string>;
  /** What goes into `loadBalancerBackendAddressPools` of the machines' network interfaces. */
  readonly backendAddressPoolId: pulumi.Output<string>;
  /** The load balancer's address, inside the network of the machines. */
  readonly frontendPrivateIp: pulumi.Output<string>;
  readonly loadBalancerId: pulumi.Output<string>;
  /** Subnet from which consumers' connections come. */
  readonly natSubnetId: pulumi.Output<string>;
  /** The command that shows what the probes say of each machine: 100 is up, 0 is down. */
  readonly healthCommand: pulumi.Output<string>;

  constructor(name: string, args: AzurePrivateLinkServiceArgs, { transform = {}, ...opts }: AzurePrivateLinkServiceOptions = {}) {
    super("reverse-bastion:azure:AzurePrivateLinkService", name, {}, opts);
    const spec = checkedArgs<PrivateLinkServiceSpec>(this, { ...args, name }, checkPrivateLinkService);
    const given = (field: "resourceGroup" | "virtualNetworkId" | "natSubnetId") =>
      args[field] === undefined ? undefined : spec.apply((resolved) => resolved[field] as string);
    const scope = createScope({
      name,
      location: args.location,
      resourceGroup: given("resourceGroup"),
      tags: args.tags ?? {},
      transforms: transform,
      parent: this,
    });
    const natSubnetId = given("natSubnetId");
    this.natSubnetId =
      natSubnetId === undefined
        ? createNatSubnet(scope, given("virtualNetworkId") as pulumi.Output<string>, args.natNetworkCidr as string)
        : existingNatSubnet(natSubnetId, this);
    const loadBalancer = createLoadBalancer(scope, args, spec.frontendSubnetId);
    const service = createService(scope, args, loadBalancer, this.natSubnetId);
    if (args.alertActionGroupIds !== undefined) createHealthAlert(scope, loadBalancer.id, args.alertActionGroupIds);

    this.alias = service.alias;
    this.serviceId = service.id;
    this.backendAddressPoolId = loadBalancer.backendAddressPoolId;
    this.frontendPrivateIp = loadBalancer.frontendPrivateIp;
    this.loadBalancerId = loadBalancer.id;
    this.healthCommand = healthCommandOf(loadBalancer.id);
    this.registerOutputs({ alias: this.alias, serviceId: this.serviceId });
  }
}

function createService(
  { name, location, resourceGroup, tags, transforms, parent }: ServiceScope,
  settings: PrivateLinkServiceSettings,
  loadBalancer: ServiceLoadBalancer,
  natSubnetId: pulumi.Output<string>,
): PrivateLinkService {
  const { natAddressCount = PRIVATE_LINK_SERVICE_DEFAULTS.natAddressCount, visibility = [], autoApproval = [] } = settings;
  return new PrivateLinkService(
    `${name}-private-link-service`,
    ...transformed(
      transforms.privateLinkService,
      {
        resourceGroupName: resourceGroup,
        location,
        loadBalancerFrontendIpConfigurations: [{ id: loadBalancer.frontendId }],
        ipConfigurations: Array.from({ length: natAddressCount }, (_, i) => ({
          name: `nat-${i + 1}`,
          primary: i === 0,
          subnet: { id: natSubnetId },
          privateIPAllocationMethod: "Dynamic",
          privateIPAddressVersion: "IPv4",
        })),
        visibility: { subscriptions: [...visibility] },
        autoApproval: { subscriptions: [...autoApproval] },
        // Its header would come before anything that sshd, or a database, understands.
        enableProxyProtocol: false,
        tags,
      },
      {
        parent,
        // Azure changes none of these in place, and azure-native does not know that.
        replacementTrigger: pulumi.all([loadBalancer.frontendId, natSubnetId, location]),
        customTimeouts: { create: "30m", update: "30m", delete: "30m" },
      },
    ),
  );
}
