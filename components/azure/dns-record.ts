import { RecordSet } from "@pulumi/azure-native/dns/recordSet.js";
import { PrivateRecordSet } from "@pulumi/azure-native/privatedns/privateRecordSet.js";
import type * as pulumi from "@pulumi/pulumi";
import { PRIVATE_DNS_ZONE, parseArmId } from "../core/azure/arm-id.ts";
import { hostNameIn } from "../core/dns-spec.ts";
import { transformed } from "../shared/transform.ts";
import type { BastionAddress } from "./address.ts";
import type { AzureScope } from "./azure-scope.ts";

/** Clients look the name up at each attempt to connect; the address behind it hardly ever changes. */
const TTL_SECONDS = 300;

/** Gives the bastion a name in Azure DNS, where one was asked for, and says where clients dial. */
export function createHostName({ name, spec, transforms, parent }: AzureScope, address: BastionAddress): pulumi.Input<string> {
  const target = address.publicIp ?? address.privateIp;
  const zoneId = spec.dns?.zoneId;
  if (spec.dns === undefined || zoneId === undefined) return target;
  const { resourceGroup, names } = parseArmId(zoneId);
  const zone = names[0] as string;
  const record = {
    resourceGroupName: resourceGroup,
    relativeRecordSetName: spec.dns.name ?? name,
    recordType: "A",
    ttl: TTL_SECONDS,
    aRecords: [{ ipv4Address: target }],
  };
  if (PRIVATE_DNS_ZONE.test(zoneId))
    new PrivateRecordSet(`${name}-dns-record`, ...transformed(transforms.privateRecord, { ...record, privateZoneName: zone }, { parent }));
  else new RecordSet(`${name}-dns-record`, ...transformed(transforms.record, { ...record, zoneName: zone }, { parent }));
  return hostNameIn(spec.dns, name);
}
