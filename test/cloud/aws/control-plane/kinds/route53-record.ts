import { isIPv4, isIPv6 } from "node:net";
import { ApiError } from "../../../world/provider/api.ts";
import type { ResourceKind } from "../../../world/provider/resource-kind.ts";
import { recordsOf } from "../../../world/records.ts";
import type { WorldState } from "../../../world/world.ts";
import type { AwsContext } from "../account.ts";
import { seedsOf } from "../seeds.ts";
import { TYPE } from "../types.ts";

const CHANGE = ["route53:ChangeResourceRecordSets"];
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;
const LONGEST_STRING = 255;
const LONGEST_TTL_SECONDS = 2_147_483_647;

const VALUES: Readonly<Record<string, (value: string) => boolean>> = {
  A: isIPv4,
  AAAA: isIPv6,
  CNAME: isName,
  // Without the quotes around it, which the provider adds; two inside part a long value in strings.
  TXT: (value) => value.split('""').every((part) => part.length <= LONGEST_STRING && !/(^|[^\\])"/.test(part)),
  SSHFP: (value) => /^[1-6] (1 [0-9a-fA-F]{40}|2 [0-9a-fA-F]{64})$/.test(value),
};

/** A record set in a zone that was there before. */
export const recordKind: ResourceKind<AwsContext> = {
  properties: {
    allowOverwrite: { type: "boolean" },
    healthCheckId: { type: "string", changedBy: CHANGE },
    name: {
      type: "string",
      required: true,
      replaces: true,
      same: (actual, asked) => withoutDot(String(actual)) === withoutDot(String(asked)),
    },
    records: { type: { set: "string" }, changedBy: CHANGE },
    setIdentifier: { type: "string", replaces: true },
    ttl: { type: "number", changedBy: CHANGE },
    type: {
      type: "string",
      required: true,
      changedBy: CHANGE,
      allowed: ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "TXT"],
    },
    zoneId: { type: "string", required: true, replaces: true },
  },
  outputs: ["fqdn"],
  reads: ["route53:GetHostedZone", "route53:ListResourceRecordSets"],
  validate: refuseRecord,

  async create(api, inputs) {
    await api.look("route53:GetHostedZone");
    await api.create("route53:ChangeResourceRecordSets", (state) => {
      const zone = seedsOf(state).zones.find(({ zoneId }) => zoneId === inputs.zoneId);
      if (zone === undefined) throw new ApiError("NoSuchHostedZone", `No hosted zone found with ID: ${String(inputs.zoneId)}`);
      // The provider completes a name that is not of the zone.
      const given = withoutDot(String(inputs.name)).toLowerCase();
      const fqdn =
        given === zone.name || given.endsWith(`.${zone.name}`) ? given : [given, zone.name].filter((part) => part !== "").join(".");
      const id = `${zone.zoneId}_${given}_${String(inputs.type)}`;
      const record = { ...inputs, fqdn };
      refuseRecord(record, state, id);
      if (
        inputs.allowOverwrite !== true &&
        recordsOf(state, TYPE.record).some(([, one]) => one.fqdn === fqdn && one.type === inputs.type && one.zoneId === zone.zoneId)
      )
        throw new ApiError(
          "InvalidChangeBatch",
          `[Tried to create resource record set [name='${fqdn}.', type='${String(inputs.type)}'] but it already exists]`,
        );
      return { id, record };
    });
    await api.look("route53:GetChange");
  },

  async delete(api) {
    await api.look("route53:GetHostedZone", "route53:ListResourceRecordSets");
    await api.remove("route53:ChangeResourceRecordSets");
    await api.look("route53:GetChange");
  },
};

function refuseRecord(record: Readonly<Record<string, unknown>>, state: WorldState, id: string): void {
  const name = String(record.fqdn);
  const type = String(record.type);
  const refuse = (why: string): never => {
    throw new ApiError("InvalidChangeBatch", `[Invalid Resource Record: FATAL problem: ${why}]`);
  };
  if (!isName(name)) refuse(`DomainLabelTooLong or InvalidDomainName encountered with '${name}'`);
  const values = (record.records ?? []) as string[];
  if (values.length === 0)
    throw new ApiError(
      "InvalidInput",
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Name=${name}., Type=${type}]`,
    );
  const ttl = record.ttl as number | undefined;
  if (ttl === undefined || !Number.isInteger(ttl) || ttl < 0 || ttl > LONGEST_TTL_SECONDS)
    throw new ApiError("InvalidInput", `Invalid TTL ${String(ttl)} for ${name}`);
  if (new Set(values).size !== values.length) refuse(`DuplicateResourceRecord encountered in ${name}`);
  for (const value of values)
    if (VALUES[type]?.(value) === false) refuse(`Value is not a valid ${type} record encountered with '${value}'`);
  if (type === "CNAME" && seedsOf(state).zones.some((zone) => zone.name === name))
    throw new ApiError("InvalidChangeBatch", `[RRSet of type CNAME with DNS name ${name}. is not permitted at apex in zone ${name}.]`);
  const beside = recordsOf(state, TYPE.record).filter(([other, one]) => other !== id && one.fqdn === name && one.zoneId === record.zoneId);
  if (beside.some(([, one]) => one.type !== type && (one.type === "CNAME" || type === "CNAME")))
    throw new ApiError(
      "InvalidChangeBatch",
      `[RRSet of type CNAME with DNS name ${name}. is not permitted as it conflicts with other records with the same DNS name]`,
    );
}

function isName(name: string): boolean {
  const labels = withoutDot(name).split(".");
  return (
    name.length <= LONGEST_NAME &&
    labels.every((label) => label.length <= LONGEST_LABEL && /^(\*|[a-zA-Z0-9_]([\w-]*[a-zA-Z0-9_])?)$/.test(label))
  );
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}
