import { isIPv4, isIPv6 } from "node:net";
import { ApiError } from "../../world/provider/api.ts";
import type { PropertySchema } from "../../world/provider/property.ts";
import { object, objects, recordsOf } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { isSameId, isWithin, partOf } from "./arm-id.ts";
import type { ArmResource } from "./arm-resource.ts";
import { type DnsZone, seedsOf } from "./seeds.ts";
import { etagOf } from "./subscription.ts";

const LABEL = /^(\*|@|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)$/i;
const LONGEST_NAME = 253;
const LONGEST_TTL_SECONDS = 2_147_483_647;

const DATA: PropertySchema = {
  aRecords: { type: { list: { object: { ipv4Address: { type: "string" } } } } },
  aaaaRecords: { type: { list: { object: { ipv6Address: { type: "string" } } } } },
  cnameRecord: { type: { object: { cname: { type: "string" } } } },
  txtRecords: { type: { list: { object: { value: { type: { list: "string" } } } } } },
};

/** Where a type of record has its values. */
const PROPERTY_OF: Readonly<Record<string, string>> = { A: "aRecords", AAAA: "aaaaRecords", CNAME: "cnameRecord", TXT: "txtRecords" };

/** What is different between record sets of public and of private zones. */
export interface RecordSetFamily {
  readonly token: string;
  readonly apiVersion: string;
  /** `Microsoft.Network/dnszones` or `Microsoft.Network/privateDnsZones`. */
  readonly zoneType: string;
  readonly zoneProperty: string;
  readonly visibility: DnsZone["visibility"];
  readonly outputs: readonly string[];
}

/** A record set in a zone that was there before. */
export function recordSetOf(family: RecordSetFamily): ArmResource {
  const { token, apiVersion, zoneType, zoneProperty, visibility, outputs } = family;
  const collection = zoneType.split("/")[1] ?? "";
  const typeIn = (id: string) => id.split("/").at(-2) ?? "";
  return {
    token,
    type: (id) => `${zoneType}/${typeIn(id)}`,
    apiVersion,
    names: [zoneProperty, "recordType", "relativeRecordSetName"],
    path: (inputs) =>
      `/providers/${zoneType}/${String(inputs[zoneProperty])}/${String(inputs.recordType)}/${String(inputs.relativeRecordSetName)}`,
    properties: { ...DATA, metadata: { type: { map: "string" } }, ttl: { type: "number" } },
    outputs: ["etag", "fqdn", ...outputs],

    put(state, { id, name, body }) {
      const zone = zoneOf(state, partOf(id, collection), partOf(id, "resourceGroups"), visibility);
      if (zone === undefined)
        throw new ApiError(
          "ParentResourceNotFound",
          `Failed to perform 'write' on resource(s) of type '${collection}/${typeIn(id)}', because the parent resource '${id.split("/").slice(0, -2).join("/")}' could not be found.`,
        );
      const fqdn = name === "@" ? `${zone.name}.` : `${name}.${zone.name}.`;
      refuseName(name, fqdn);
      refuseData(typeIn(id), body);
      refuseNeighbours(state, token, id, name);
      return {
        ...body,
        etag: etagOf(body),
        fqdn,
        ...(visibility === "public" ? { provisioningState: "Succeeded", targetResource: {} } : { isAutoRegistered: false }),
      };
    },
  };
}

function zoneOf(state: WorldState, name: string, group: string, visibility: DnsZone["visibility"]): DnsZone | undefined {
  return seedsOf(state).dnsZones.find(
    (zone) => zone.visibility === visibility && isSameId(zone.name, name) && isSameId(zone.resourceGroup, group),
  );
}

function refuseName(name: string, fqdn: string): void {
  const labels = name.split(".");
  if (!labels.every((label, index) => LABEL.test(label) && (index === 0 || label !== "*")) || fqdn.length > LONGEST_NAME + 1)
    throw new ApiError("BadRequest", `The domain name '${fqdn}' is invalid. The provided record set relative name '${name}' is invalid.`);
}

function refuseData(type: string, body: Readonly<WorldRecord>): void {
  const refuse = (message: string): never => {
    throw new ApiError("BadRequest", message);
  };
  const ttl = Number(body.ttl);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > LONGEST_TTL_SECONDS)
    refuse(`The TTL value '${String(body.ttl)}' is not valid. The value must be between 1 and ${LONGEST_TTL_SECONDS}.`);
  const property = PROPERTY_OF[type];
  if (property === undefined) refuse(`The stand-in has no records of type '${type}'.`);
  for (const [other, name] of Object.entries(PROPERTY_OF))
    if (name !== property && body[name] !== undefined) refuse(`The record set of type '${type}' has values of type '${other}'.`);
  const isEmpty = type === "CNAME" ? object(body, "cnameRecord") === undefined : objects(body, String(property)).length === 0;
  if (isEmpty) refuse(`The record set of type '${type}' has no values.`);
  for (const { ipv4Address } of objects(body, "aRecords"))
    if (!isIPv4(String(ipv4Address))) refuse(`The value '${String(ipv4Address)}' is not a valid IPv4 address.`);
  for (const { ipv6Address } of objects(body, "aaaaRecords"))
    if (!isIPv6(String(ipv6Address))) refuse(`The value '${String(ipv6Address)}' is not a valid IPv6 address.`);
}

/** A name has either an alias, or records of other types. */
function refuseNeighbours(state: WorldState, token: string, id: string, name: string): void {
  const [type, zoneId] = [id.split("/").at(-2), id.split("/").slice(0, -2).join("/")];
  const beside = recordsOf(state, token).flatMap(([other, one]) =>
    other !== id && isWithin(other, zoneId) && isSameId(one.name, name) ? [other.split("/").at(-2)] : [],
  );
  if ((type === "CNAME" && (name === "@" || beside.length > 0)) || beside.includes("CNAME"))
    throw new ApiError(
      "Conflict",
      `The record set '${name}' cannot be made because a CNAME record set cannot be beside others of its name.`,
    );
}
