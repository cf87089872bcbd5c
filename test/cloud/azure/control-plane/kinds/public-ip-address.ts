import { freePublicAddress } from "../../../world/cidr-blocks.ts";
import { ApiError } from "../../../world/provider/api.ts";
import { object, recordsOf } from "../../../world/records.ts";
import type { WorldRecord } from "../../../world/world.ts";
import { referenceIn } from "../arm-id.ts";
import type { ArmResource } from "../arm-resource.ts";
import { refuseNetworkName } from "../names.ts";
import { etagOf, newGuid, refuseZones } from "../subscription.ts";
import { TYPE } from "../types.ts";
import { reference } from "./reference.ts";

const SHORTEST_IDLE_MINUTES = 4;
const LONGEST_IDLE_MINUTES = 30;
const ARM_TYPE = "Microsoft.Network/publicIPAddresses";

/** A public address. */
export const publicIPAddress: ArmResource = {
  token: TYPE.publicIPAddress,
  type: ARM_TYPE,
  apiVersion: "2024-05-01",
  names: ["publicIpAddressName"],
  path: ({ publicIpAddressName }) => `/providers/${ARM_TYPE}/${String(publicIpAddressName)}`,
  location: "replaces",
  hasTags: true,
  properties: {
    deleteOption: { type: "string" },
    dnsSettings: {
      type: {
        object: { domainNameLabel: { type: "string" }, domainNameLabelScope: { type: "string" }, reverseFqdn: { type: "string" } },
      },
    },
    idleTimeoutInMinutes: { type: "number" },
    publicIPAddressVersion: { type: "string", replaces: true },
    publicIPAllocationMethod: { type: "string" },
    publicIPPrefix: { type: reference, replaces: true },
    sku: { type: { object: { name: { type: "string" }, tier: { type: "string" } } }, replaces: true },
    zones: { type: { list: "string" } },
  },
  outputs: ["etag", "ipAddress", "ipConfiguration", "ipTags", "provisioningState", "resourceGuid"],

  put(state, { name, body, former }) {
    refuseNetworkName(name);
    const sku = object(body, "sku");
    if (String(sku?.name ?? "Basic") === "Basic")
      throw new ApiError(
        "IPv4BasicSkuPublicIpCountLimitReached",
        `Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.`,
      );
    const method = String(body.publicIPAllocationMethod ?? "Dynamic");
    if (method !== "Static")
      throw new ApiError(
        "PublicIpWithStandardSkuOnlySupportsStaticAllocationMethod",
        `Standard sku publicIp ${name} must have AllocationMethod set to Static.`,
      );
    const version = String(body.publicIPAddressVersion ?? "IPv4");
    if (version !== "IPv4") throw new ApiError("NotSupported", "the stand-in has public addresses of IPv4 only");
    refuseIdleTimeout(name, body);
    refuseZones(body.zones, ARM_TYPE, name, body.location);
    if (former !== undefined && String(former.zones ?? "") !== String(body.zones ?? ""))
      throw new ApiError(
        "ResourceAvailabilityZonesCannotBeModified",
        `Resource ${name} has an existing availability zone constraint ${String(former.zones ?? "")} and the request has availability zone constraint ${String(body.zones ?? "")}, which do not match. Zones cannot be added/updated/removed once the resource is created. The resource cannot be updated from regional to zonal or vice-versa.`,
      );
    return {
      idleTimeoutInMinutes: SHORTEST_IDLE_MINUTES,
      ipTags: [],
      ...body,
      etag: etagOf(body),
      ipAddress: former?.ipAddress ?? newAddress(recordsOf(state, TYPE.publicIPAddress)),
      provisioningState: "Succeeded",
      publicIPAddressVersion: version,
      publicIPAllocationMethod: method,
      resourceGuid: former?.resourceGuid ?? newGuid(),
      sku: { tier: "Regional", ...sku },
    };
  },

  refuseRemoval(_state, id, record) {
    const user = referenceIn(record, "ipConfiguration");
    if (user !== undefined)
      throw new ApiError(
        "PublicIPAddressCannotBeDeleted",
        `Public IP address ${id} can not be deleted since it is still allocated to resource ${user}. In order to delete the public IP, disassociate/detach the Public IP address from the resource.  To learn how to do this, see aka.ms/deletepublicip.`,
      );
  },
};

function refuseIdleTimeout(name: string, { idleTimeoutInMinutes: minutes = SHORTEST_IDLE_MINUTES }: Readonly<WorldRecord>): void {
  if (Number(minutes) < SHORTEST_IDLE_MINUTES || Number(minutes) > LONGEST_IDLE_MINUTES)
    throw new ApiError(
      "PublicIPAddressIdleTimeoutIsOutOfRange",
      `PublicIPAddress ${name} specified idle timeout value ${String(minutes)}. The specified value is out of range. It should be between ${SHORTEST_IDLE_MINUTES} and ${LONGEST_IDLE_MINUTES} minutes.`,
    );
}

function newAddress(addresses: readonly [string, WorldRecord][]): string {
  const free = freePublicAddress(new Set(addresses.map(([, { ipAddress }]) => String(ipAddress))));
  if (free === undefined)
    throw new ApiError(
      "PublicIPCountLimitReached",
      "Cannot create more than 126 public IP addresses for this subscription in this region.",
    );
  return free;
}
