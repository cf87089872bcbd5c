import { hasUnknown } from "../../../plugin/values.ts";
import { ApiError } from "../../../world/provider/api.ts";
import type { PropertySchema, PropertyType } from "../../../world/provider/property.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import type { WorldRecord } from "../../../world/world.ts";
import { autoName, isBlock, isName, nameProperty, placeProperty } from "../names.ts";
import { COMPUTE, type GcpContext, idOf, isSameReference, now, projectOf, referenced, refuseTwin } from "../project.ts";
import { TYPE } from "../types.ts";

const PATCH = ["compute.firewalls.update", "compute.networks.updatePolicy", "compute.globalOperations.get"];
const LARGEST_PRIORITY = 65_535;
const LARGEST_PORT = 65_535;
const MOST_TARGET_SERVICE_ACCOUNTS = 10;
const PROTOCOLS_WITH_PORTS = ["tcp", "udp", "sctp", "6", "17", "132"];
const PROTOCOLS = ["all", "tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip"];

const specification: PropertySchema = {
  ports: { type: { list: "string" } },
  protocol: {
    type: "string",
    required: true,
    same: (actual, asked) => String(actual).toLowerCase() === String(asked).toLowerCase(),
  },
};
const specifications: PropertyType = { set: { object: specification } };
const texts: PropertyType = { set: "string" };

/** A rule of a network's firewall, for the instances it targets. */
export const firewallKind: ResourceKind<GcpContext> = {
  properties: {
    allows: { type: specifications, conflictsWith: ["denies"], changedBy: PATCH },
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
    denies: { type: specifications, changedBy: PATCH },
    description: { type: "string", changedBy: PATCH },
    destinationRanges: { type: texts, computed: true, changedBy: PATCH },
    direction: { type: "string", computed: true, allowed: ["INGRESS", "EGRESS"], replaces: true },
    disabled: { type: "boolean", changedBy: PATCH },
    name: nameProperty,
    network: { type: "string", required: true, replaces: true, same: isSameReference },
    priority: {
      type: "number",
      default: 1000,
      changedBy: PATCH,
      check: (priority: number) =>
        priority >= 0 && priority <= LARGEST_PRIORITY
          ? undefined
          : `expected priority to be in the range (0 - ${LARGEST_PRIORITY}), got ${priority}`,
    },
    project: placeProperty,
    sourceRanges: { type: texts, computed: true, changedBy: PATCH },
    sourceServiceAccounts: { type: texts, changedBy: PATCH, conflictsWith: ["sourceTags", "targetTags"] },
    sourceTags: { type: texts, changedBy: PATCH, conflictsWith: ["sourceServiceAccounts", "targetServiceAccounts"] },
    targetServiceAccounts: { type: texts, changedBy: PATCH, conflictsWith: ["sourceTags", "targetTags"] },
    targetTags: { type: texts, changedBy: PATCH, conflictsWith: ["sourceServiceAccounts", "targetServiceAccounts"] },
  },
  outputs: ["creationTimestamp", "selfLink"],
  autoName,
  reads: ["compute.firewalls.get"],
  validate,

  check(inputs) {
    const problems = [];
    if (inputs.allows === undefined && inputs.denies === undefined)
      problems.push({ property: "allows", reason: "one of `allow,deny` must be specified" });
    const sources = [inputs.sourceRanges, inputs.sourceTags, inputs.sourceServiceAccounts];
    if (inputs.direction !== "EGRESS" && sources.every((source) => source === undefined || isEmptyList(source)))
      problems.push({
        property: "sourceRanges",
        reason: "one of source_tags, source_ranges, or source_service_accounts must be defined",
      });
    return problems;
  },

  async create(api, inputs, context) {
    await api.look("compute.networks.updatePolicy");
    await api.create("compute.firewalls.create", (state) => {
      const project = projectOf(state, inputs, context);
      const id = `projects/${project}/global/firewalls/${String(inputs.name)}`;
      refuseTwin(state, TYPE.firewall, id);
      const networkId = idOf(inputs.network, project, "global/networks");
      referenced(state, TYPE.network, networkId, "resource.network");
      const isEgress = inputs.direction === "EGRESS";
      const record = {
        deletionPolicy: "DELETE",
        ...inputs,
        creationTimestamp: now(),
        destinationRanges: inputs.destinationRanges ?? (isEgress ? ["0.0.0.0/0"] : []),
        direction: inputs.direction ?? "INGRESS",
        network: COMPUTE + networkId,
        priority: inputs.priority ?? 1000,
        project,
        selfLink: COMPUTE + id,
        sourceRanges: inputs.sourceRanges ?? [],
      };
      validate(record);
      return { id, record };
    });
    await api.look("compute.globalOperations.get");
  },

  async delete(api) {
    await api.look("compute.networks.updatePolicy");
    await api.remove("compute.firewalls.delete");
    await api.look("compute.globalOperations.get");
  },
};

function validate(record: WorldRecord): void {
  const refuse = (field: string, value: unknown, why: string): never => {
    throw new ApiError("invalid", `Invalid value for field 'resource.${field}': '${String(value)}'. ${why}`);
  };
  for (const field of ["sourceRanges", "destinationRanges"]) {
    const blocks = (record[field] ?? []) as string[];
    for (const [index, block] of blocks.entries())
      if (!isBlock(block, 4) && !isBlock(block, 6)) refuse(`${field}[${index}]`, block, "Must be an IP address range in CIDR notation.");
    if (new Set(blocks.map((block) => block.includes(":"))).size > 1)
      refuse(field, blocks, "IPv4 and IPv6 ranges cannot be specified in the same firewall rule.");
  }
  for (const field of ["sourceTags", "targetTags"])
    for (const [index, tag] of ((record[field] ?? []) as string[]).entries())
      if (!isName(tag)) refuse(`${field}[${index}]`, tag, "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'");
  const targets = (record.targetServiceAccounts ?? []) as string[];
  if (targets.length > MOST_TARGET_SERVICE_ACCOUNTS)
    refuse("targetServiceAccounts", targets, `At most ${MOST_TARGET_SERVICE_ACCOUNTS} service accounts can be specified.`);
  for (const [field, given] of [
    ["allowed", record.allows],
    ["denied", record.denies],
  ] as const)
    for (const [index, { protocol, ports = [] }] of ((given ?? []) as { protocol: string; ports?: string[] }[]).entries()) {
      const name = protocol.toLowerCase();
      if (!PROTOCOLS.includes(name) && !(/^\d+$/.test(name) && Number(name) <= 255))
        refuse(`${field}[${index}].IPProtocol`, protocol, "Unknown protocol.");
      if (ports.length > 0 && !PROTOCOLS_WITH_PORTS.includes(name))
        refuse(`${field}[${index}].ports`, ports, `Ports are not allowed for protocol ${protocol}.`);
      for (const [at, port] of ports.entries())
        if (!isPortRange(port))
          refuse(`${field}[${index}].ports[${at}]`, port, "Ports may be specified as '<number>' or '<number>-<number>'.");
    }
}

function isPortRange(text: string): boolean {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return from !== undefined && Number(from) <= Number(to) && Number(to) <= LARGEST_PORT;
}

function isEmptyList(value: unknown): boolean {
  return !hasUnknown(value) && Array.isArray(value) && value.length === 0;
}
