import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { hostNameIn } from "../core/dns-spec.ts";
import { transformed } from "../shared/transform.ts";
import type { BastionAddress } from "./address.ts";
import type { AwsScope } from "./aws-scope.ts";

/** Clients look the name up at each attempt to connect; the address behind it hardly ever changes. */
const TTL_SECONDS = 300;

/** Gives the bastion a name in Route 53, where one was asked for, and says where clients dial. */
export function createHostName({ name, spec, transforms, parent }: AwsScope, address: BastionAddress): pulumi.Input<string> {
  const target = address.publicIp ?? address.privateIp;
  if (spec.dns === undefined) return target;
  const zoneId = spec.dns.zoneId ?? aws.route53.getZoneOutput({ name: spec.dns.zone }, { parent }).zoneId;
  const hostName = hostNameIn(spec.dns, name);
  const record = (role: string, type: "A" | "AAAA", value: pulumi.Input<string>) =>
    new aws.route53.Record(
      `${name}-${role}`,
      ...transformed(transforms.record, { zoneId, name: hostName, type, ttl: TTL_SECONDS, records: [value] }, { parent }),
    );
  record("dns-record", "A", target);
  if (address.ipv6Address !== undefined) record("dns-record-ipv6", "AAAA", address.ipv6Address);
  return hostName;
}
