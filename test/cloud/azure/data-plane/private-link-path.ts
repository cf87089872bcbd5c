import { object, objects, recordsOf, text } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { isSameId } from "../control-plane/arm-id.ts";
import { TYPE } from "../control-plane/types.ts";
import { recordOf } from "./arm-reference.ts";

const DEFAULT_PROBE_INTERVAL_SECONDS = 15;

/** How a load balancer asks a backend whether it lives. */
export interface Probe {
  readonly protocol: string;
  readonly port: number;
  readonly intervalSeconds: number;
  /** How many answers alike, one after the other, change a backend's state. */
  readonly threshold: number;
}

/** An IP configuration of a network interface that is in a backend pool. */
export interface Backend {
  readonly ipConfigurationId: string;
  readonly address: string;
}

/** A load balancing rule: a port of the frontend, and who answers there. */
export interface BalancedPort {
  readonly ruleId: string;
  readonly frontendPort: number;
  readonly backendPort: number;
  readonly probe: Probe | undefined;
  readonly backends: readonly Backend[];
}

/** What a private endpoint leads to: two virtual networks, whose addresses may overlap, and the ports between them. */
export interface PrivateLinkPath {
  readonly endpointId: string;
  readonly endpointAddress: string;
  readonly consumerNetworkId: string;
  readonly serviceNetworkId: string;
  readonly natAddresses: readonly string[];
  readonly ports: readonly BalancedPort[];
  readonly isApproved: boolean;
}

/** A network interface that its owner declared, without a machine: a place where a test runs programs. */
export interface PlainInterface {
  readonly id: string;
  readonly networkId: string;
  readonly address: string;
}

/** Every path that resources declare, whether or not anything may go along it. */
export function privateLinkPaths(state: WorldState): PrivateLinkPath[] {
  return recordsOf(state, TYPE.privateEndpoint).flatMap(([endpointId, endpoint]) => {
    const service = serviceOf(state, endpointId);
    const [address] = addressesOf(state, endpoint);
    if (service === undefined || address === undefined) return [];
    return [
      {
        endpointId,
        endpointAddress: address,
        consumerNetworkId: networkOf(idOf(object(endpoint, "subnet"))),
        serviceNetworkId: networkOf(idOf(object(objects(service, "ipConfigurations")[0], "subnet"))),
        natAddresses: addressesOf(state, service),
        ports: balancedPorts(state, service),
        isApproved: connectionStatus(endpoint) === "Approved",
      },
    ];
  });
}

/** Network interfaces of nothing but the one who declared them. */
export function plainInterfaces(state: WorldState): PlainInterface[] {
  return recordsOf(state, TYPE.networkInterface).flatMap(([id, record]) => {
    if (["privateEndpoint", "privateLinkService", "virtualMachine"].some((owner) => idOf(object(record, owner)) !== "")) return [];
    const [configuration] = objects(record, "ipConfigurations");
    const address = text(configuration, "privateIPAddress");
    return address === undefined ? [] : [{ id, networkId: networkOf(idOf(object(configuration, "subnet"))), address }];
  });
}

/** Every load balancing rule there is, with the virtual network of its frontend. */
export function balancedNetworks(state: WorldState): Map<string, BalancedPort[]> {
  const networks = new Map<string, BalancedPort[]>();
  for (const [id, balancer] of recordsOf(state, TYPE.loadBalancer))
    for (const frontend of objects(balancer, "frontendIPConfigurations")) {
      const networkId = networkOf(idOf(object(frontend, "subnet")));
      const ports = portsOf(state, balancer, idOf(frontend) || `${id}/frontendIPConfigurations/${String(frontend.name)}`);
      networks.set(networkId, [...(networks.get(networkId) ?? []), ...ports]);
    }
  return networks;
}

function serviceOf(state: WorldState, endpointId: string): WorldRecord | undefined {
  return recordsOf(state, TYPE.privateLinkService)
    .map(([, service]) => service)
    .find((service) =>
      objects(service, "privateEndpointConnections").some((one) => isSameId(idOf(object(one, "privateEndpoint")), endpointId)),
    );
}

function connectionStatus(endpoint: WorldRecord): string | undefined {
  const [connection] = [...objects(endpoint, "privateLinkServiceConnections"), ...objects(endpoint, "manualPrivateLinkServiceConnections")];
  return text(object(connection, "privateLinkServiceConnectionState"), "status");
}

function balancedPorts(state: WorldState, service: WorldRecord): BalancedPort[] {
  return objects(service, "loadBalancerFrontendIpConfigurations").flatMap((frontend) => {
    const frontendId = idOf(frontend);
    const [balancerId = ""] = frontendId.split(/\/frontendIPConfigurations\//i);
    const balancer = recordOf(state, TYPE.loadBalancer, balancerId);
    return balancer === undefined ? [] : portsOf(state, balancer, frontendId);
  });
}

function portsOf(state: WorldState, balancer: WorldRecord, frontendId: string): BalancedPort[] {
  return objects(balancer, "loadBalancingRules")
    .filter((rule) => isSameId(idOf(object(rule, "frontendIPConfiguration")), frontendId))
    .map((rule) => ({
      ruleId: idOf(rule),
      frontendPort: Number(rule.frontendPort),
      backendPort: Number(rule.backendPort ?? rule.frontendPort),
      probe: probeOf(balancer, idOf(object(rule, "probe"))),
      backends: backendsOf(state, [idOf(object(rule, "backendAddressPool")), ...objects(rule, "backendAddressPools").map(idOf)]),
    }));
}

function probeOf(balancer: WorldRecord, probeId: string): Probe | undefined {
  const probe = objects(balancer, "probes").find((one) => isSameId(idOf(one), probeId));
  if (probe === undefined) return undefined;
  return {
    protocol: String(probe.protocol),
    port: Number(probe.port),
    intervalSeconds: Number(probe.intervalInSeconds ?? DEFAULT_PROBE_INTERVAL_SECONDS),
    threshold: Number(probe.probeThreshold ?? 1),
  };
}

function backendsOf(state: WorldState, pools: readonly string[]): Backend[] {
  return recordsOf(state, TYPE.networkInterface).flatMap(([id, record]) =>
    objects(record, "ipConfigurations").flatMap((configuration) => {
      const joined = objects(configuration, "loadBalancerBackendAddressPools").map(idOf);
      const address = text(configuration, "privateIPAddress");
      if (address === undefined || !joined.some((one) => pools.some((pool) => isSameId(one, pool)))) return [];
      return [{ ipConfigurationId: `${id}/ipConfigurations/${String(configuration.name)}`, address }];
    }),
  );
}

/** Addresses of an endpoint or a service: those of the network interface that Azure made for it. */
function addressesOf(state: WorldState, owner: WorldRecord): string[] {
  const own = recordOf(state, TYPE.networkInterface, idOf(objects(owner, "networkInterfaces")[0]));
  return objects(own, "ipConfigurations").flatMap((one) => text(one, "privateIPAddress") ?? []);
}

function networkOf(subnetId: string): string {
  return subnetId.split(/\/subnets\//i)[0] ?? "";
}

function idOf(record: WorldRecord | undefined): string {
  return text(record, "id") ?? "";
}
