import { checkDiskSize } from "../disk-size.ts";
import { checkDns, type DnsSpec } from "../dns-spec.ts";
import { checkForms, type Form } from "../form.ts";
import { checkNetworkBlock } from "../network-block.ts";
import type { PartialDeep } from "../partial.ts";
import { checkPrivateAddress } from "../private-address.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems, each } from "../problem-list.ts";
import { DISK_ENCRYPTION_SET, DNS_ZONE, IMAGE, parseArmId, RESOURCE_GROUP, SUBNET, VIRTUAL_NETWORK } from "./arm-id.ts";
import { checkAzureAdmin } from "./azure-admin.ts";
import { AZURE_DEFAULTS } from "./azure-defaults.ts";
import { checkLocation } from "./azure-location.ts";
import type { AzureSpec } from "./azure-spec.ts";
import { checkAzureTags } from "./azure-tags.ts";
import { checkVmSize, hasTrustedLaunch, startsSecondGeneration } from "./vm-size.ts";

type PartialAzure = PartialDeep<AzureSpec>;

/** Everything in the settings of a bastion on Azure that Azure would refuse, or that would not work there. */
export function checkAzure(spec: PartialAzure): Problem[] {
  return [
    ...asProblems("location", spec.location === undefined ? undefined : checkLocation(spec.location)),
    ...checkPlace(spec),
    ...asProblems("privateAddress", checkPrivate(spec)),
    ...each("serviceEndpoints", spec.serviceEndpoints, (service) => asProblems("", checkServiceEndpoint(service))),
    ...checkMachine(spec),
    ...checkForms(spec, FORMS),
    ...(spec.dns === undefined ? [] : problemsAt("dns", checkAzureDns(spec.dns))),
    ...(spec.admin === undefined ? [] : problemsAt("admin", checkAzureAdmin(spec.admin))),
    ...(spec.tags === undefined ? [] : problemsAt("tags", checkAzureTags(spec.tags))),
  ];
}

const ID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers";
const ZONE_EXAMPLE = `${ID}/Microsoft.Network/dnszones/ssh.example.com`;

/** Everything that is wrong with a name in Azure DNS. */
export function checkAzureDns(dns: PartialDeep<DnsSpec>): Problem[] {
  return [...checkDns(dns), ...asProblems("zoneId", checkZoneId(dns))];
}

function checkZoneId({ zone, zoneId }: PartialDeep<DnsSpec>): string | undefined {
  if (zoneId === undefined) return `is missing; a zone of Azure DNS is known by its id, such as "${ZONE_EXAMPLE}"`;
  if (!DNS_ZONE.test(zoneId)) return `got ${quoteForMessage(zoneId)}; expected something like "${ZONE_EXAMPLE}"`;
  const [domain = ""] = parseArmId(zoneId).names;
  if (zone === undefined || domain.toLowerCase() === zone.toLowerCase()) return undefined;
  return `is the id of ${domain}, and zone is ${quoteForMessage(zone)}; name one zone in both`;
}

function checkPlace({ virtualNetworkId, subnetId, networkCidr, privateOnly }: PartialAzure): Problem[] {
  const problems: Problem[] = [];
  if (subnetId !== undefined && virtualNetworkId !== undefined)
    problems.push({ path: "virtualNetworkId", reason: "is for a subnet of the bastion's own; leave it out, or leave out subnetId" });
  if (subnetId === undefined && virtualNetworkId !== undefined && networkCidr === undefined)
    problems.push({ path: "networkCidr", reason: "is missing; say which addresses of the virtual network the bastion's subnet gets" });
  if (networkCidr !== undefined) problems.push(...asProblems("networkCidr", checkNetworkCidr(networkCidr, subnetId !== undefined)));
  if (privateOnly === true && subnetId === undefined && virtualNetworkId === undefined)
    problems.push({
      path: "privateOnly",
      reason: "needs subnetId or virtualNetworkId: into a network of its own, nobody would have a way without a public address",
    });
  return problems;
}

function checkNetworkCidr(text: string, hasSubnet: boolean): string | undefined {
  if (hasSubnet) return "is for a bastion with a subnet of its own; leave it out, or leave out subnetId";
  return checkNetworkBlock(text, { what: "a subnet", shortestPrefix: 8, longestPrefix: 29, example: AZURE_DEFAULTS.networkCidr });
}

const KEPT_ADDRESSES = { first: 4, last: 1, words: "Azure keeps the first four and the last" };

function checkPrivate({ privateAddress, subnetId, networkCidr = AZURE_DEFAULTS.networkCidr }: PartialAzure): string | undefined {
  if (privateAddress === undefined) return undefined;
  // The block of an existing subnet is known to Azure only.
  const isKnown = subnetId === undefined && checkNetworkCidr(networkCidr, false) === undefined;
  return checkPrivateAddress(privateAddress, isKnown ? networkCidr : undefined, KEPT_ADDRESSES);
}

function checkServiceEndpoint(service: string): string | undefined {
  if (/^Microsoft\.[A-Za-z]+(?:\.[A-Za-z]+)?$/.test(service)) return undefined;
  return `got ${quoteForMessage(service)}; expected a service such as "Microsoft.Sql"`;
}

function checkMachine({ vmSize, imageId, imageVersion, diskSizeGib, trustedLaunch }: PartialAzure): Problem[] {
  const size = vmSize ?? AZURE_DEFAULTS.vmSize;
  const sizeReason = checkVmSize(size) ?? (imageId === undefined ? checkGeneration(size) : undefined);
  const noTrustedLaunch = `does not exist on ${size}; leave it out, or choose another vmSize`;
  const isUseless = trustedLaunch === true && sizeReason === undefined && !hasTrustedLaunch(size);
  const bothImages = imageId !== undefined && imageVersion !== undefined;
  return [
    ...asProblems("vmSize", sizeReason),
    ...asProblems("imageVersion", bothImages ? "is for the stock image, and imageId names another; leave out one of the two" : undefined),
    ...asProblems("diskSizeGib", checkDiskSize(diskSizeGib, 30, 4095)),
    ...asProblems("trustedLaunch", isUseless ? noTrustedLaunch : undefined),
  ];
}

function checkGeneration(size: string): string | undefined {
  if (startsSecondGeneration(size)) return undefined;
  return `${size} starts images of the first generation only, and the stock images are of the second; choose one such as "${AZURE_DEFAULTS.vmSize}"`;
}

const FORMS = {
  resourceGroup: { pattern: RESOURCE_GROUP, example: "acme-prod" },
  virtualNetworkId: { pattern: VIRTUAL_NETWORK, example: `${ID}/Microsoft.Network/virtualNetworks/prod` },
  subnetId: { pattern: SUBNET, example: `${ID}/Microsoft.Network/virtualNetworks/prod/subnets/bastions` },
  imageVersion: { pattern: /^(?:latest|\d+\.\d+\.\d+)$/, example: "0.20261110.2291" },
  imageId: { pattern: IMAGE, example: `${ID}/Microsoft.Compute/galleries/images/images/hardened/versions/1.0.0` },
  diskEncryptionSetId: { pattern: DISK_ENCRYPTION_SET, example: `${ID}/Microsoft.Compute/diskEncryptionSets/bastions` },
  zone: { pattern: /^[1-9]$/, example: "1" },
  firewallNote: { pattern: /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u, example: "TICKET-123 (network team)" },
} as const satisfies Partial<Record<keyof AzureSpec, Form>>;
