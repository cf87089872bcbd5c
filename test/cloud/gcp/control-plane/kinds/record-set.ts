import { isIPv4, isIPv6 } from "node:net";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldRecord, WorldState } from "../../../world/world.ts";
import { placeProperty } from "../names.ts";
import { type GcpContext, nameIn, projectOf } from "../project.ts";
import { seedsOf } from "../seeds.ts";
import { TYPE } from "../types.ts";

const CHANGE = ["dns.changes.create", "dns.resourceRecordSets.update", "dns.changes.get"];
const LABEL = /^(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)$/i;
const LONGEST_NAME = 254;
const LONGEST_TTL_SECONDS = 2_147_483_647;
const FIELD = "entity.change.additions[0]";

const VALUES: Readonly<Record<string, (value: string) => boolean>> = {
  A: isIPv4,
  AAAA: isIPv6,
  CNAME: isName,
  SSHFP: (value) => /^[1-6] (1 [0-9a-fA-F]{40}|2 [0-9a-fA-F]{64})$/.test(value),
};

/** A record set in a managed zone that was there before. */
export const recordSetKind: ResourceKind<GcpContext> = {
  properties: {
    deletionPolicy: { type: "string", default: "DELETE", allowed: ["DELETE", "PREVENT", "ABANDON"] },
    managedZone: { type: "string", required: true, replaces: true, same: (actual, asked) => nameIn(actual) === nameIn(asked) },
    name: {
      type: "string",
      required: true,
      replaces: true,
      check: (name: string) =>
        name.endsWith(".")
          ? undefined
          : `"name" ("${name}") doesn't end with ".", name field must end with trailing dot, for example test.example.com.`,
    },
    project: placeProperty,
    rrdatas: { type: { set: "string" }, changedBy: CHANGE },
    ttl: { type: "number", changedBy: CHANGE },
    type: {
      type: "string",
      required: true,
      changedBy: CHANGE,
      allowed: ["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"],
    },
  },
  outputs: [],
  reads: ["dns.resourceRecordSets.list"],
  validate,

  async create(api, inputs, context) {
    await api.look("dns.resourceRecordSets.list", "dns.resourceRecordSets.create");
    await api.create("dns.changes.create", (state) => {
      const project = projectOf(state, inputs, context);
      const managedZone = nameIn(inputs.managedZone);
      const record = { deletionPolicy: "DELETE", ...inputs, managedZone, project };
      const id = `projects/${project}/managedZones/${managedZone}/rrsets/${String(inputs.name)}/${String(inputs.type)}`;
      if (state.records[TYPE.recordSet]?.[id] !== undefined)
        throw new ApiError(
          "alreadyExists",
          `The resource '${FIELD}' named '${String(inputs.name)} (${String(inputs.type)})' already exists`,
        );
      validate(record, state, id);
      return { id, record };
    });
    await api.look("dns.changes.get");
  },

  async delete(api) {
    await api.look("dns.resourceRecordSets.list", "dns.resourceRecordSets.delete");
    await api.remove("dns.changes.create");
    await api.look("dns.changes.get");
  },
};

function validate(record: WorldRecord, state: WorldState, id: string): void {
  const name = String(record.name);
  const type = String(record.type);
  const zone = seedsOf(state).managedZones.find((one) => one.name === record.managedZone);
  if (zone === undefined)
    throw new ApiError("notFound", `The 'parameters.managedZone' resource named '${String(record.managedZone)}' does not exist.`);
  if (!isName(name) || !(name === zone.dnsName || name.endsWith(`.${zone.dnsName}`))) refuse("name", name);
  const ttl = Number(record.ttl ?? 0);
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > LONGEST_TTL_SECONDS) refuse("ttl", ttl);
  const values = (record.rrdatas ?? []) as string[];
  if (values.length === 0) refuse("rrdata", "");
  for (const [index, value] of values.entries()) if (VALUES[type]?.(value) === false) refuse(`rrdata[${index}]`, value);
  const beside = recordsOf(state, TYPE.recordSet).filter(
    ([other, one]) => other !== id && one.name === name && one.managedZone === zone.name,
  );
  if ((type === "CNAME" && name === zone.dnsName) || beside.some(([, one]) => one.type !== type && [one.type, type].includes("CNAME")))
    throw new ApiError(
      "cnameResourceRecordSetConflict",
      `The resource record set '${FIELD}' is invalid because the DNS name '${name}' may have either one CNAME resource record set or resource record sets of other types, but not both.`,
    );
}

function refuse(field: string, value: unknown): never {
  throw new ApiError("invalid", `Invalid value for '${FIELD}.${field}': '${String(value)}'`);
}

function isName(name: string): boolean {
  return (
    name.endsWith(".") &&
    name.length <= LONGEST_NAME &&
    name
      .slice(0, -1)
      .split(".")
      .every((label) => LABEL.test(label))
  );
}
