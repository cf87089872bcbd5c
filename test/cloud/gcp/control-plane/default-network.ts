import type { WorldState } from "../../world/world.ts";
import { COMPUTE, now } from "./project.ts";
import { seedsOf } from "./seeds.ts";
import { TYPE } from "./types.ts";

/** The lowest priority but one, which a rule of anybody's own comes before. */
const DEFAULT_PRIORITY = 65_534;
const EVERYBODY = "0.0.0.0/0";

/** Puts the network into a project that Google makes in a new one: with rules that let everybody try port 22. */
export function addDefaultNetwork(
  state: WorldState,
  region: string,
  ipCidrRange = "10.156.0.0/20",
): { network: string; subnetwork: string } {
  const { project } = seedsOf(state);
  const networkId = `projects/${project}/global/networks/default`;
  const subnetworkId = `projects/${project}/regions/${region}/subnetworks/default`;
  const common = { project, creationTimestamp: now(), deletionPolicy: "DELETE" };
  const add = (type: string, id: string, record: object) => {
    state.records[type] = { ...state.records[type], [id]: { ...common, ...record, name: id.split("/").at(-1), selfLink: COMPUTE + id } };
  };
  add(TYPE.network, networkId, { autoCreateSubnetworks: true, mtu: 1460, routingMode: "REGIONAL" });
  add(TYPE.subnetwork, subnetworkId, {
    gatewayAddress: ipCidrRange.split("/")[0]?.replace(/\d+$/, (last) => `${Number(last) + 1}`),
    ipCidrRange,
    network: COMPUTE + networkId,
    privateIpGoogleAccess: false,
    purpose: "PRIVATE",
    region,
    stackType: "IPV4_ONLY",
  });
  for (const [name, source, allows] of [
    ["default-allow-icmp", EVERYBODY, [{ protocol: "icmp" }]],
    [
      "default-allow-internal",
      "10.128.0.0/9",
      [{ protocol: "tcp", ports: ["0-65535"] }, { protocol: "udp", ports: ["0-65535"] }, { protocol: "icmp" }],
    ],
    ["default-allow-rdp", EVERYBODY, [{ protocol: "tcp", ports: ["3389"] }]],
    ["default-allow-ssh", EVERYBODY, [{ protocol: "tcp", ports: ["22"] }]],
  ] as const)
    add(TYPE.firewall, `projects/${project}/global/firewalls/${name}`, {
      allows,
      direction: "INGRESS",
      network: COMPUTE + networkId,
      priority: DEFAULT_PRIORITY,
      sourceRanges: [source],
    });
  return { network: networkId, subnetwork: subnetworkId };
}
