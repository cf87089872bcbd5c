import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { type DnsSpec, hostNameIn } from "../core/dns-spec.ts";
import { parseResourcePath } from "../core/gcp/gcp-resource-path.ts";
import { transformed } from "../shared/transform.ts";
import type { BastionAddress } from "./address.ts";
import type { GcpScope } from "./gcp-scope.ts";

/** Clients look the name up at each attempt to connect; the address behind it hardly ever changes. */
const TTL_SECONDS = 300;

/** Gives the bastion a name in Cloud DNS, where one was asked for, and says where clients dial. */
export function createHostName(scope: GcpScope, address: BastionAddress): pulumi.Input<string> {
  const { name, spec, transforms, parent } = scope;
  const target = address.publicIp ?? address.privateIp;
  if (spec.dns === undefined) return target;
  const hostName = hostNameIn(spec.dns, name);
  new gcp.dns.RecordSet(
    `${name}-dns-record`,
    ...transformed(
      transforms.record,
      { ...managedZoneOf(scope, spec.dns), name: `${hostName}.`, type: "A", ttl: TTL_SECONDS, rrdatas: [target] },
      { parent },
    ),
  );
  return hostName;
}

function managedZoneOf(scope: GcpScope, dns: DnsSpec): Pick<gcp.dns.RecordSetArgs, "managedZone" | "project"> {
  if (dns.zoneId === undefined) return { managedZone: findZone(scope, dns.zone), ...scope.inProject };
  const { name, project = scope.inProject.project } = parseResourcePath(dns.zoneId);
  return { managedZone: name, ...(project === undefined ? {} : { project }) };
}

/** A domain may have a zone for the world and another one for inside: the one is meant that the address belongs to. */
function findZone({ spec, inProject, parent }: GcpScope, domain: string): pulumi.Output<string> {
  const visibility = spec.privateOnly === true ? "private" : "public";
  return gcp.dns.getManagedZonesOutput(inProject, { parent }).managedZones.apply((zones) => {
    const named = zones.filter(({ dnsName }) => dnsName === `${domain}.`);
    const seen = named.filter((zone) => zone.visibility === visibility);
    const [zone, ...others] = seen.length > 0 ? seen : named;
    if (zone?.name !== undefined && others.length === 0) return zone.name;
    const reason =
      zone === undefined
        ? `there is no managed zone for ${domain} in the project; make one, or name one of another project in zoneId`
        : `${[zone, ...others].map((each) => each.name).join(" and ")} are zones for ${domain}; say which one in zoneId`;
    throw new pulumi.ResourceError(`dns.zone: ${reason}`, parent, true);
  });
}
