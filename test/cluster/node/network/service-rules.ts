import type { EndpointSlice, Service, ServicePort } from "../api/service.ts";
import { API_SERVER_PORT, API_SERVICE_PORT, apiServerAddress } from "./api-server.ts";

/** Mark of a packet whose client's address is replaced by the node's. */
export const HIDE_CLIENT = "0x4000";

/** A load balancer's address, if the Service has one. */
export type LoadBalancerAddresses = (service: Service) => string | undefined;

/** The node's rules for Services, as lines of three chains. What none of them sends on is for nobody. */
export interface ServiceRules {
  /** Judges what comes to load balancers. */
  readonly guard: readonly string[];
  /** Sends connections to endpoints. */
  readonly forward: readonly string[];
}

/** Makes them from what the API says. */
export function serviceRules(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  nodeAddress: string,
  addressOf: LoadBalancerAddresses,
): ServiceRules {
  const guard: string[] = [];
  // Its endpoint is this node, which no slice says: the server listens elsewhere.
  const apiServer = apiServerAddress(services);
  const forward =
    apiServer === undefined ? [] : [`ip daddr ${apiServer} tcp dport ${API_SERVICE_PORT} dnat to ${nodeAddress}:${API_SERVER_PORT}`];
  for (const service of services) {
    const { type, clusterIP, ports = [], externalTrafficPolicy, loadBalancerSourceRanges = [] } = service.spec;
    if (type === "ExternalName" || clusterIP === undefined || clusterIP === "None") continue;
    const balancer = type === "LoadBalancer" ? addressOf(service) : undefined;
    const mark = externalTrafficPolicy === "Cluster" ? `meta mark set ${HIDE_CLIENT} ` : "";
    for (const port of ports) {
      const protocol = port.protocol.toLowerCase();
      if (balancer !== undefined && loadBalancerSourceRanges.length > 0) {
        const ranges = blockSet(loadBalancerSourceRanges);
        if (ranges !== undefined) guard.push(`ip daddr ${balancer} ${protocol} dport ${port.port} ip saddr != ${ranges} drop`);
      }
      const target = destination(endpointsOf(service, port, slices));
      if (target === undefined) continue;
      forward.push(`ip daddr ${clusterIP} ${protocol} dport ${port.port} ${target}`);
      if (balancer !== undefined) forward.push(`ip daddr ${balancer} ${protocol} dport ${port.port} ${mark}${target}`);
      if (port.nodePort !== undefined) forward.push(`ip daddr ${nodeAddress} ${protocol} dport ${port.nodePort} ${mark}${target}`);
    }
  }
  return { guard, forward };
}

/** Blocks as a set; `undefined` where they are the whole world, for which nft has no element. */
export function blockSet(blocks: readonly string[]): string | undefined {
  return blocks.some((block) => block.endsWith("/0")) ? undefined : `{ ${[...new Set(blocks)].sort().join(", ")} }`;
}

/** Where a Service's port leads: what is ready, or if nothing is, what still serves while it ends. */
export function endpointsOf(service: Service, port: ServicePort, slices: readonly EndpointSlice[]): string[] {
  const own = slices.filter(
    ({ metadata, addressType }) =>
      addressType === "IPv4" &&
      metadata.namespace === service.metadata.namespace &&
      metadata.labels?.["kubernetes.io/service-name"] === service.metadata.name,
  );
  const found = own.flatMap(({ endpoints, ports }) => {
    const target = ports?.find(({ name = "", protocol = "TCP" }) => name === (port.name ?? "") && protocol === port.protocol)?.port;
    if (target === undefined) return [];
    return (endpoints ?? []).flatMap(({ addresses: [address], conditions = {} }) =>
      address === undefined ? [] : [{ place: `${address} . ${target}`, ...conditions }],
    );
  });
  const ready = found.filter((endpoint) => endpoint.ready !== false);
  const chosen = ready.length > 0 ? ready : found.filter(({ serving, terminating }) => serving && terminating);
  return [...new Set(chosen.map(({ place }) => place))].sort();
}

function destination(endpoints: readonly string[]): string | undefined {
  const [first] = endpoints;
  if (first === undefined) return undefined;
  if (endpoints.length === 1) return `dnat to ${first.replace(" . ", ":")}`;
  return `dnat to numgen random mod ${endpoints.length} map { ${endpoints.map((place, index) => `${index} : ${place}`).join(", ")} }`;
}
