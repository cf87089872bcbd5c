import { recordSetOf } from "../dns-record-set.ts";
import { TYPE } from "../types.ts";

/** A record set of a public zone. */
export const recordSet = recordSetOf({
  token: TYPE.recordSet,
  apiVersion: "2023-07-01-preview",
  zoneType: "Microsoft.Network/dnszones",
  zoneProperty: "zoneName",
  visibility: "public",
  outputs: ["provisioningState", "targetResource"],
});

/** A record set of a private zone. */
export const privateRecordSet = recordSetOf({
  token: TYPE.privateRecordSet,
  apiVersion: "2024-06-01",
  zoneType: "Microsoft.Network/privateDnsZones",
  zoneProperty: "privateZoneName",
  visibility: "private",
  outputs: ["isAutoRegistered"],
});
