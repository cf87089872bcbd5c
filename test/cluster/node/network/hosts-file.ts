import type { Service } from "../api/service.ts";

export const CLUSTER_DOMAIN = "cluster.local";

/** A pod's own names, its `/etc/hosts`, as kubelet begins it. */
function ownNames(hostname: string, address: string): string[] {
  return ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", `${address}\t${hostname}`];
}

/**
 * A pod's `/etc/hosts`, with the names of Services: there is no DNS server, and so none that a NetworkPolicy could keep a
 * pod from. A Service without an address of its own has no name here.
 */
export function renderHosts(hostname: string, address: string, namespace: string, services: readonly Service[]): string {
  const names = services.flatMap(({ metadata, spec: { clusterIP } }) => {
    if (clusterIP === undefined || clusterIP === "None" || clusterIP === "") return [];
    const { name = "", namespace: its = "" } = metadata;
    const long = [`${name}.${its}.svc.${CLUSTER_DOMAIN}`, `${name}.${its}.svc`, `${name}.${its}`];
    return [[clusterIP, [...long, ...(its === namespace ? [name] : [])].join(" ")].join("\t")];
  });
  return `${[...ownNames(hostname, address), ...names.sort()].join("\n")}\n`;
}

/** A pod's `/etc/resolv.conf`. Nobody answers there, and that is known at once. */
export function renderResolvConf(namespace: string, dnsAddress: string): string {
  const search = [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN].join(" ");
  return `search ${search}\nnameserver ${dnsAddress}\noptions ndots:5\n`;
}
