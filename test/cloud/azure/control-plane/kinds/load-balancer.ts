import type { Properties } from "../../../plugin/values.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema } from "../../../world/provider/property.ts";
import { object, objects, recordsOf, text } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { findById, isSameId, isWithin, referenceIn } from "../arm-id.ts";
import type { ArmResource } from "../arm-resource.ts";
import { refuseRules } from "../load-balancer-rules.ts";
import { refuseAbsentReference, refuseNetworkName } from "../names.ts";
import { takePrivateAddress } from "../private-address.ts";
import { subnetOf } from "../private-link-subnet.ts";
import { etagOf, newGuid, refuseZones } from "../subscription.ts";
import { TYPE } from "../types.ts";
import { reference } from "./reference.ts";

const ARM_TYPE = "Microsoft.Network/loadBalancers";
const SELF = "$self";
const SKUS = ["Standard", "Gateway"];

const frontend: PropertySchema = {
  id: { type: "string" },
  name: { type: "string" },
  privateIPAddress: { type: "string" },
  privateIPAddressVersion: { type: "string" },
  privateIPAllocationMethod: { type: "string" },
  publicIPAddress: { type: reference },
  subnet: { type: reference },
  zones: { type: { list: "string" } },
};
const pool: PropertySchema = {
  id: { type: "string" },
  loadBalancerBackendAddresses: {
    type: {
      list: {
        object: {
          ipAddress: { type: "string" },
          name: { type: "string" },
          subnet: { type: reference },
          virtualNetwork: { type: reference },
        },
      },
    },
  },
  name: { type: "string" },
  virtualNetwork: { type: reference },
};
const probe: PropertySchema = {
  id: { type: "string" },
  intervalInSeconds: { type: "number" },
  name: { type: "string" },
  noHealthyBackendsBehavior: { type: "string" },
  numberOfProbes: { type: "number" },
  port: { type: "number", required: true },
  probeThreshold: { type: "number" },
  protocol: { type: "string", required: true },
  requestPath: { type: "string" },
};
const rule: PropertySchema = {
  backendAddressPool: { type: reference },
  backendAddressPools: { type: { list: reference } },
  backendPort: { type: "number" },
  disableOutboundSnat: { type: "boolean" },
  enableFloatingIP: { type: "boolean" },
  enableTcpReset: { type: "boolean" },
  frontendIPConfiguration: { type: reference },
  frontendPort: { type: "number", required: true },
  id: { type: "string" },
  idleTimeoutInMinutes: { type: "number" },
  loadDistribution: { type: "string" },
  name: { type: "string" },
  probe: { type: reference },
  protocol: { type: "string", required: true },
};

/** A load balancer: a frontend's ports, handed on to the machines of a pool that answer a probe. */
export const loadBalancer: ArmResource = {
  token: TYPE.loadBalancer,
  type: ARM_TYPE,
  apiVersion: "2024-05-01",
  names: ["loadBalancerName"],
  path: ({ loadBalancerName }) => `/providers/${ARM_TYPE}/${String(loadBalancerName)}`,
  location: "stays",
  hasTags: true,
  properties: {
    backendAddressPools: { type: { list: { object: pool } } },
    frontendIPConfigurations: { type: { list: { object: frontend } } },
    loadBalancingRules: { type: { list: { object: rule } } },
    probes: { type: { list: { object: probe } } },
    sku: { type: { object: { name: { type: "string" }, tier: { type: "string" } } } },
  },
  outputs: ["etag", "inboundNatPools", "inboundNatRules", "outboundRules", "provisioningState", "resourceGuid"],
  linked: ({ frontendIPConfigurations }) => {
    const frontends = objects({ frontendIPConfigurations }, "frontendIPConfigurations");
    return [
      ...(frontends.some((one) => one.subnet !== undefined) ? ["Microsoft.Network/virtualNetworks/subnets/join/action"] : []),
      ...(frontends.some((one) => one.publicIPAddress !== undefined) ? ["Microsoft.Network/publicIPAddresses/join/action"] : []),
    ];
  },

  put(state, { id, name, body: asked, former }) {
    refuseNetworkName(name);
    const body = selfResolved(asked, id) as Properties;
    const sku = String(object(body, "sku")?.name ?? "Basic");
    if (!SKUS.includes(sku))
      throw new ApiError(
        "BasicSkuLoadBalancerCreationNotAllowed",
        `Load balancer ${id} cannot be created with the sku ${sku}, which is retired.`,
      );
    if (former !== undefined && object(former, "sku")?.name !== sku)
      throw new ApiError(
        "LoadBalancerSkuCannotBeChanged",
        `The sku of load balancer ${id} cannot be changed from ${String(object(former, "sku")?.name)} to ${sku}.`,
      );
    const frontends = objects(body, "frontendIPConfigurations").map((one) => placed(state, id, one, body.location, former));
    const balancer: WorldRecord = {
      ...body,
      backendAddressPools: part(id, "backendAddressPools", objects(body, "backendAddressPools")),
      frontendIPConfigurations: part(id, "frontendIPConfigurations", frontends),
      inboundNatPools: [],
      inboundNatRules: [],
      loadBalancingRules: part(id, "loadBalancingRules", objects(body, "loadBalancingRules").map(withDefaults)),
      outboundRules: [],
      probes: part(id, "probes", objects(body, "probes")).map((one) => ({
        intervalInSeconds: 15,
        numberOfProbes: 2,
        probeThreshold: 1,
        ...one,
      })),
      provisioningState: "Succeeded",
      resourceGuid: former?.resourceGuid ?? newGuid(),
      sku: { tier: "Regional", ...object(body, "sku") },
    };
    refuseRules(id, balancer);
    refuseLostParts(state, id, balancer);
    return { ...balancer, etag: etagOf(body) };
  },

  refuseRemoval(state, id) {
    const [service] = servicesOf(state, id);
    if (service !== undefined)
      throw new ApiError(
        "CannotDeleteLoadBalancerWithPrivateLinkService",
        `Cannot delete load balancer ${id} since it is referenced by private link service ${service}. Please delete private link service prior to deleting load balancer.`,
      );
    const [user] = interfacesIn(state, id);
    if (user !== undefined)
      throw new ApiError(
        "LoadBalancerInUseByNetworkInterface",
        `Cannot delete load balancer ${id} since its child resources are in use by network interface ${user}.`,
      );
  },
};

function placed(state: WorldState, id: string, one: WorldRecord, location: unknown, former: WorldRecord | undefined): WorldRecord {
  const user = `${id}/frontendIPConfigurations/${String(one.name)}`;
  const [subnetId, publicId] = [referenceIn(one, "subnet"), referenceIn(one, "publicIPAddress")];
  if ((subnetId === undefined) === (publicId === undefined))
    throw new ApiError(
      "LoadBalancerFrontendIPConfigurationMustHaveSubnetOrPublicIP",
      `IP configuration ${user} must reference either a subnet or a public IP address.`,
    );
  if (publicId !== undefined) {
    if (findById(state, TYPE.publicIPAddress, publicId) === undefined) refuseAbsentReference(publicId, user);
    return { privateIPAllocationMethod: "Dynamic", ...one };
  }
  const subnet = subnetOf(state, subnetId, location, user);
  refuseZones(one.zones, ARM_TYPE, id, location);
  const before = objects(former, "frontendIPConfigurations").find(({ name }) => name === one.name);
  const kept = isSameId(referenceIn(before, "subnet"), subnetId) ? text(before, "privateIPAddress") : undefined;
  return {
    privateIPAddressVersion: "IPv4",
    privateIPAllocationMethod: "Dynamic",
    ...one,
    privateIPAddress: takePrivateAddress(state, subnet, user, text(one, "privateIPAddress") ?? kept),
  };
}

/** azure-native lets the parts of a resource refer to each other before its id is known. */
function selfResolved(value: unknown, id: string): unknown {
  if (typeof value === "string") return value.startsWith(`${SELF}/`) ? id + value.slice(SELF.length) : value;
  if (Array.isArray(value)) return value.map((item) => selfResolved(item, id));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, selfResolved(inner, id)]));
}

function withDefaults(one: WorldRecord): WorldRecord {
  return {
    backendPort: one.frontendPort,
    disableOutboundSnat: false,
    enableFloatingIP: false,
    enableTcpReset: false,
    idleTimeoutInMinutes: 4,
    loadDistribution: "Default",
    ...one,
  };
}

function part(id: string, parts: string, all: readonly WorldRecord[]): WorldRecord[] {
  return all.map((one) => ({
    ...one,
    id: `${id}/${parts}/${String(one.name)}`,
    provisioningState: "Succeeded",
    type: `${ARM_TYPE}/${parts}`,
  }));
}

/** Refuses to take away what others refer to. */
function refuseLostParts(state: WorldState, id: string, balancer: WorldRecord): void {
  const has = (parts: string, one: unknown) => objects(balancer, parts).some((there) => isSameId(there.id, one));
  for (const [user, service] of recordsOf(state, TYPE.privateLinkService))
    for (const one of objects(service, "loadBalancerFrontendIpConfigurations"))
      if (isWithin(String(one.id), id) && !has("frontendIPConfigurations", one.id))
        throw new ApiError(
          "InUseFrontendIPConfigurationCannotBeDeleted",
          `Frontend IP configuration ${String(one.id)} is in use by ${user} and cannot be deleted.`,
        );
  for (const [user, poolId] of poolUsers(state))
    if (isWithin(poolId, id) && !has("backendAddressPools", poolId))
      throw new ApiError(
        "InUseBackendAddressPoolCannotBeDeleted",
        `Backend address pool ${poolId} is in use by ${user} and cannot be deleted.`,
      );
}

function servicesOf(state: WorldState, id: string): string[] {
  return recordsOf(state, TYPE.privateLinkService).flatMap(([service, record]) =>
    objects(record, "loadBalancerFrontendIpConfigurations").some((one) => isWithin(String(one.id), id)) ? [service] : [],
  );
}

function interfacesIn(state: WorldState, id: string): string[] {
  return poolUsers(state).flatMap(([user, poolId]) => (isWithin(poolId, id) ? [user] : []));
}

/** Every IP configuration that is in a pool, with the pool. */
function poolUsers(state: WorldState): [user: string, poolId: string][] {
  return recordsOf(state, TYPE.networkInterface).flatMap(([, record]) =>
    objects(record, "ipConfigurations").flatMap((one) =>
      objects(one, "loadBalancerBackendAddressPools").map(({ id }): [string, string] => [String(one.id), String(id)]),
    ),
  );
}
