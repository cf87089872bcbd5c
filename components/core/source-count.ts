/** Source ranges of one firewall rule (VPC quotas, "source ranges per ingress firewall rule"). */
const MOST_SOURCES = 5000;

/** Why blocks do not fit into one firewall rule of GCP, or `undefined` if they do. */
export function checkSourceCount(cidrs: readonly unknown[] | undefined): string | undefined {
  if (cidrs === undefined || cidrs.length <= MOST_SOURCES) return undefined;
  return `got ${cidrs.length} blocks, and a firewall rule takes ${MOST_SOURCES}; merge neighbouring ones`;
}
