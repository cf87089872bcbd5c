import { getNetworkInterface } from "@pulumi/azure-native/network/getNetworkInterface.js";
import type { PrivateEndpointArgs } from "@pulumi/azure-native/network/privateEndpoint.js";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint.js";
import type { SubnetArgs } from "@pulumi/azure-native/network/subnet.js";
import type { VirtualNetworkArgs } from "@pulumi/azure-native/network/virtualNetwork.js";
import type { ResourceGroupArgs } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { parseArmId } from "../core/azure/arm-id.ts";
import { checkPrivateEndpoint } from "../core/azure/private-endpoint-check.ts";
import {
  defaultRequestMessage,
  PRIVATE_ENDPOINT_DEFAULTS,
  type PrivateEndpointSettings,
  type PrivateEndpointSpec,
} from "../core/azure/private-endpoint-spec.ts";
import { type Transform, transformed } from "../shared/transform.ts";
import { awaitApproval, type Clock, type PrivateConnection, SYSTEM_CLOCK } from "./private-endpoint-approval.ts";
import { createEndpointSubnet } from "./private-endpoint-network.ts";
import { checkedArgs } from "./private-link-args.ts";
import { createScope, type PrivateLinkScope } from "./private-link-scope.ts";

/** What a private endpoint takes. What names a resource may be the output of another one. */
export interface AzurePrivateEndpointArgs extends PrivateEndpointSettings {
  /**
   * The customer's Private Link Service: its ARM id, or its alias, `<prefix>.<guid>.<region>.azure.privatelinkservice`.
   * Changing it replaces the endpoint, and with it the private address.
   */
  readonly service: pulumi.Input<string>;
  /**
   * Name of the resource group that everything is made in. It must exist.
   *
   * @default - a group of its own
   */
  readonly resourceGroup?: pulumi.Input<string> | undefined;
  /**
   * ARM id of a virtual network, in which the endpoint gets a subnet of its own with the addresses of `networkCidr`.
   *
   * @default - a network of its own (no cost)
   */
  readonly virtualNetworkId?: pulumi.Input<string> | undefined;
  /**
   * ARM id of the subnet the endpoint stands in. Not together with `virtualNetworkId`.
   *
   * @default - a subnet of its own
   */
  readonly subnetId?: pulumi.Input<string> | undefined;
}

/** A way to whatever the settings do not offer, one for each kind of child. */
export interface AzurePrivateEndpointTransforms {
  readonly resourceGroup?: Transform<ResourceGroupArgs> | undefined;
  readonly virtualNetwork?: Transform<VirtualNetworkArgs> | undefined;
  readonly subnet?: Transform<SubnetArgs> | undefined;
  readonly privateEndpoint?: Transform<PrivateEndpointArgs> | undefined;
}

/** Options of the component, and the way to what its arguments do not offer. */
export interface AzurePrivateEndpointOptions extends pulumi.ComponentResourceOptions {
  readonly transform?: AzurePrivateEndpointTransforms | undefined;
  /** @default - the machine's own */
  readonly clock?: Clock | undefined;
}

type EndpointScope = PrivateLinkScope<AzurePrivateEndpointTransforms>;

/**
 * The platform's end of an Azure Private Link: an address in a network of its own or of yours that leads to the service of
 * a customer, who has to approve it. `pulumi up` waits for that, and says what it waits for. About 7.30 USD a month.
 */
export class AzurePrivateEndpoint extends pulumi.ComponentResource {
  /** `Approved`; `Pending` with `waitMinutes: 0`. */
  readonly connectionStatus: pulumi.Output<string>;
  /** The address at which consumers reach the customer's service. */
  readonly privateIp: pulumi.Output<string>;
  /** What consumers dial: the private address. */
  readonly host: pulumi.Output<string>;
  readonly endpointId: pulumi.Output<string>;
  readonly networkInterfaceId: pulumi.Output<string>;
  /** Subnet the endpoint stands in. */
  readonly subnetId: pulumi.Output<string>;

  constructor(
    name: string,
    args: AzurePrivateEndpointArgs,
    { transform = {}, clock = SYSTEM_CLOCK, ...opts }: AzurePrivateEndpointOptions = {},
  ) {
    super("reverse-bastion:azure:AzurePrivateEndpoint", name, {}, opts);
    const spec = checkedArgs<PrivateEndpointSpec>(this, { ...args, name }, checkPrivateEndpoint);
    const given = (field: "resourceGroup" | "virtualNetworkId" | "subnetId") =>
      args[field] === undefined ? undefined : spec.apply((resolved) => resolved[field] as string);
    const scope = createScope({
      name,
      location: args.location,
      resourceGroup: given("resourceGroup"),
      tags: args.tags ?? {},
      transforms: transform,
      parent: this,
    });
    this.subnetId =
      given("subnetId") ??
      createEndpointSubnet(scope, args.networkCidr ?? PRIVATE_ENDPOINT_DEFAULTS.networkCidr, given("virtualNetworkId"));

    const service = spec.service;
    const requestMessage = args.autoApproval === true ? undefined : (args.requestMessage ?? messageOf(name));
    const endpoint = createEndpoint(scope, args, { service, requestMessage, subnetId: this.subnetId });
    const connection = pulumi
      .all([endpoint.id, endpoint.urn, endpoint.name, scope.resourceGroup, service])
      .apply(([endpointId, urn, privateEndpointName, resourceGroupName, resolved]) =>
        awaitApproval(
          {
            name,
            endpointId,
            urn,
            service: resolved,
            requestMessage,
            waitMinutes: args.waitMinutes ?? PRIVATE_ENDPOINT_DEFAULTS.waitMinutes,
          },
          { privateEndpointName, resourceGroupName },
          clock,
          endpoint,
          { parent: this },
        ),
      );
    this.connectionStatus = connection.apply((found) => found?.status ?? NOT_KNOWN);
    this.networkInterfaceId = connection.apply((found) => found?.networkInterfaceId ?? NOT_KNOWN);
    this.privateIp = connection.apply(async (found) => (found === undefined ? NOT_KNOWN : privateIpOf(found, this)));
    this.host = this.privateIp;
    this.endpointId = endpoint.id;
    this.registerOutputs({ connectionStatus: this.connectionStatus, privateIp: this.privateIp });
  }
}

/** In a preview, what an endpoint will have that has to be made again. */
const NOT_KNOWN = pulumi.unknown as unknown as string;

function messageOf(name: string): string {
  return defaultRequestMessage(pulumi.getProject(), pulumi.getStack(), name);
}

interface EndpointTarget {
  readonly service: pulumi.Output<string>;
  readonly requestMessage: string | undefined;
  readonly subnetId: pulumi.Output<string>;
}

function createEndpoint(scope: EndpointScope, settings: PrivateEndpointSettings, target: EndpointTarget): PrivateEndpoint {
  const { name, location, resourceGroup, tags, transforms, parent } = scope;
  const { autoApproval = false, privateAddress } = settings;
  const { service, requestMessage, subnetId } = target;
  const list = autoApproval ? "privateLinkServiceConnections" : "manualPrivateLinkServiceConnections";
  return new PrivateEndpoint(
    `${name}-private-endpoint`,
    ...transformed(
      transforms.privateEndpoint,
      {
        resourceGroupName: resourceGroup,
        location,
        subnet: { id: subnetId },
        [list]: [{ name, privateLinkServiceId: service, ...(requestMessage === undefined ? {} : { requestMessage }) }],
        ...(privateAddress === undefined ? {} : { ipConfigurations: [{ name, privateIPAddress: privateAddress }] }),
        tags,
      },
      {
        parent,
        // Azure changes none of these in place, and azure-native knows that of the subnet only.
        replacementTrigger: pulumi.all([service, list, location, privateAddress ?? ""]),
        deleteBeforeReplace: privateAddress !== undefined,
        // The owner's decision is not ours to take back, which a refresh would make of it.
        ignoreChanges: [`${list}[0].privateLinkServiceConnectionState`],
        customTimeouts: { create: "30m", update: "30m", delete: "30m" },
      },
    ),
  );
}

/** Azure tells the address of an endpoint by its network interface only: it has DNS names for its own services, not for others'. */
async function privateIpOf({ networkInterfaceId }: PrivateConnection, parent: pulumi.Resource): Promise<string> {
  const { resourceGroup, names } = parseArmId(networkInterfaceId);
  const found = await getNetworkInterface({ resourceGroupName: resourceGroup, networkInterfaceName: names[0] as string }, { parent });
  return found.ipConfigurations?.[0]?.privateIPAddress ?? "";
}
