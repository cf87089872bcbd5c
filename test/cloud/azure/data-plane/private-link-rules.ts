import type { Backend, BalancedPort, PrivateLinkPath } from "./private-link-path.ts";

/** Name of a router's interface towards the other virtual networks. */
export const TRANSIT_LINK = "transit";

/** A path with the address that stands for its endpoint between the two virtual networks. */
export interface RoutedPath extends PrivateLinkPath {
  readonly transitAddress: string;
}

/**
 * The rules of one virtual network's router, as `nft` takes them, all at once in place of the former.
 *
 * A connection is translated twice, so that addresses of the two networks may overlap: at the consumer's router from the
 * endpoint to an address of the transit, at the service's router from there to a healthy backend and from one of the NAT
 * addresses. Each packet is judged anew, so that what is open ends when an approval is taken back.
 */
export function renderRouter(
  networkId: string,
  paths: readonly RoutedPath[],
  isUp: (port: BalancedPort, backend: Backend) => boolean,
): string {
  const outwards = paths.filter(({ consumerNetworkId, isApproved }) => consumerNetworkId === networkId && isApproved);
  const inwards = paths.filter(({ serviceNetworkId }) => serviceNetworkId === networkId);
  const lines = (...parts: readonly string[]) => parts.join("\n    ");
  return `table ip private-link
delete table ip private-link
table ip private-link {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ${lines(
      ...outwards.map(
        ({ endpointAddress, transitAddress }) =>
          `iifname != "${TRANSIT_LINK}" ip daddr ${endpointAddress} ip protocol tcp dnat to ${transitAddress}`,
      ),
      ...inwards.flatMap((path) => path.ports.flatMap((port) => balance(path, port, isUp))),
    )}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "${TRANSIT_LINK}" masquerade
    ${lines(...inwards.map(({ transitAddress, natAddresses }) => `ct original ip daddr ${transitAddress} snat to ${oneOf(natAddresses)}`))}
  }
  chain forwarding {
    type filter hook forward priority filter; policy drop;
    iifname != "${TRANSIT_LINK}" oifname != "${TRANSIT_LINK}" accept
    ${lines(
      ...outwards.map(({ endpointAddress }) => `ct original ip daddr ${endpointAddress} accept`),
      ...inwards.map(({ transitAddress }) => `ct original ip daddr ${transitAddress} accept`),
    )}
  }
}
`;
}

/** Sends each new connection to one of the backends that are up. Without any, there is no answer. */
function balance({ transitAddress }: RoutedPath, port: BalancedPort, isUp: (port: BalancedPort, backend: Backend) => boolean): string[] {
  const up = port.backends.filter((backend) => isUp(port, backend));
  if (up.length === 0) return [];
  const targets = up.map(({ address }, index) => `${index} : ${address} . ${port.backendPort}`).join(", ");
  const choice = `jhash ip saddr . tcp sport mod ${up.length} map { ${targets} }`;
  return [`iifname "${TRANSIT_LINK}" ip daddr ${transitAddress} tcp dport ${port.frontendPort} dnat ip addr . port to ${choice}`];
}

function oneOf(addresses: readonly string[]): string {
  const [only] = addresses;
  if (addresses.length === 1) return String(only);
  return `numgen random mod ${addresses.length} map { ${addresses.map((address, index) => `${index} : ${address}`).join(", ")} }`;
}
