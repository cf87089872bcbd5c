import { Architecture, renderMismatch } from "../architecture.ts";
import { checkDiskSize } from "../disk-size.ts";
import { checkDns, type DnsSpec } from "../dns-spec.ts";
import { checkForms, type Form } from "../form.ts";
import { checkNetworkBlock } from "../network-block.ts";
import type { PartialDeep } from "../partial.ts";
import { checkPrivateAddress } from "../private-address.ts";
import { type Problem, problemsAt, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { checkGcpAdmin } from "./gcp-admin.ts";
import { GCP_DEFAULTS } from "./gcp-defaults.ts";
import { checkGcpLabels } from "./gcp-labels.ts";
import { IMAGE, MANAGED_ZONE, NETWORK, PROJECT_ID, parseResourcePath, regionOf, SUBNETWORK } from "./gcp-resource-path.ts";
import type { GcpSpec } from "./gcp-spec.ts";
import { architectureOfMachine, checkMachineType } from "./machine-type.ts";

type PartialGcp = PartialDeep<GcpSpec>;

const ZONE = /^[a-z]+-[a-z]+\d+-(?:[a-z]|ai\d+[a-z])$/;
const REGION = /^[a-z]+-[a-z]+\d+$/;

/** Everything in the settings of a bastion on Compute Engine that GCP would refuse, or that would not work there. */
export function checkGcp(spec: PartialGcp): Problem[] {
  return [
    ...asProblems("zone", spec.zone === undefined ? undefined : checkZone(spec.zone)),
    ...checkPlace(spec),
    ...asProblems("privateAddress", checkPrivate(spec)),
    ...checkMachine(spec),
    ...checkForms(spec, FORMS),
    ...asProblems("kmsKeyName", checkKmsKey(spec)),
    ...(spec.dns === undefined ? [] : problemsAt("dns", checkGcpDns(spec.dns))),
    ...(spec.admin === undefined ? [] : problemsAt("admin", checkGcpAdmin(spec.admin))),
    ...(spec.labels === undefined ? [] : problemsAt("labels", checkGcpLabels(spec.labels))),
  ];
}

/** Everything that is wrong with a name in Cloud DNS. */
export function checkGcpDns(dns: PartialDeep<DnsSpec>): Problem[] {
  return [...checkDns(dns), ...checkForms(dns, DNS_FORMS)];
}

/** Why a bastion cannot have this name on GCP, whose names are stricter than ours. */
export function checkNameOnGcp(name: string): string | undefined {
  if (!/^[0-9]/.test(name)) return undefined;
  return `got ${quoteForMessage(name)}; on GCP everything is named after the bastion, and a name begins with a letter`;
}

function checkZone(zone: string): string | undefined {
  if (ZONE.test(zone)) return undefined;
  if (REGION.test(zone)) return `got ${quoteForMessage(zone)}, which is a region; name one of its zones, such as "${zone}-a"`;
  return `got ${quoteForMessage(zone)}; expected a zone such as "europe-west3-a"`;
}

function checkPlace({ zone, network, subnetwork, networkCidr, privateOnly }: PartialGcp): Problem[] {
  const problems: Problem[] = [];
  if (subnetwork !== undefined && network === undefined)
    problems.push({ path: "network", reason: "is missing; a subnetwork goes with its network" });
  if (network !== undefined && subnetwork === undefined)
    problems.push({ path: "subnetwork", reason: "is missing; a network goes with the subnetwork the bastion is to stand in" });
  if (networkCidr !== undefined) problems.push(...asProblems("networkCidr", checkNetworkCidr(networkCidr, network !== undefined)));
  if (privateOnly === true && subnetwork === undefined)
    problems.push({
      path: "privateOnly",
      reason: "needs network and subnetwork: into a network of its own, nobody would have a way without a public address",
    });
  return [...problems, ...asProblems("subnetwork", checkRegion(subnetwork, zone))];
}

function checkRegion(subnetwork: string | undefined, zone: string | undefined): string | undefined {
  if (subnetwork === undefined || zone === undefined || !SUBNETWORK.test(subnetwork) || !ZONE.test(zone)) return undefined;
  const { region } = parseResourcePath(subnetwork);
  if (region === undefined || region === regionOf(zone)) return undefined;
  return `is in ${region} and the zone ${zone} is in ${regionOf(zone)}; choose a subnetwork and a zone of one region`;
}

function checkNetworkCidr(text: string, hasNetwork: boolean): string | undefined {
  if (hasNetwork) return "is for a bastion with a network of its own; leave it out, or leave out network and subnetwork";
  return checkNetworkBlock(text, { what: "a subnetwork", shortestPrefix: 8, longestPrefix: 29, example: GCP_DEFAULTS.networkCidr });
}

const KEPT_ADDRESSES = { first: 2, last: 2, words: "GCP keeps the first two and the last two" };

function checkPrivate({ privateAddress, network, networkCidr = GCP_DEFAULTS.networkCidr }: PartialGcp): string | undefined {
  if (privateAddress === undefined) return undefined;
  // The block of an existing subnetwork is known to GCP only.
  const isKnown = network === undefined && checkNetworkCidr(networkCidr, false) === undefined;
  return checkPrivateAddress(privateAddress, isKnown ? networkCidr : undefined, KEPT_ADDRESSES);
}

function checkMachine({ machineType, imageId, diskSizeGib, secureBoot }: PartialGcp): Problem[] {
  const type = machineType ?? GCP_DEFAULTS.machineType;
  const typeReason = checkMachineType(type);
  const isArm = typeReason === undefined && architectureOfMachine(type) === Architecture.Arm64;
  const noSecureBoot = `does not exist on arm64, which ${type} is; leave it out, or choose an x86 machineType`;
  return [
    ...asProblems("machineType", typeReason),
    ...asProblems("imageId", typeReason === undefined && imageId !== undefined ? checkArchitecture(imageId, type) : undefined),
    ...asProblems("diskSizeGib", checkDiskSize(diskSizeGib, 10, 65536)),
    ...asProblems("secureBoot", secureBoot === true && isArm ? noSecureBoot : undefined),
  ];
}

/** Distributions write the architecture into the names of their images; of other images nothing is known here. */
function checkArchitecture(imageId: string, machineType: string): string | undefined {
  const { project, name } = parseResourcePath(imageId);
  if (!IMAGE.test(imageId) || (project !== "debian-cloud" && project !== "ubuntu-os-cloud")) return undefined;
  const image = /-arm64-/.test(name) ? Architecture.Arm64 : Architecture.X86_64;
  const machine = { setting: "machineType", size: machineType, architecture: architectureOfMachine(machineType) };
  return image === machine.architecture ? undefined : renderMismatch(image, machine);
}

const KMS_KEY = /^projects\/[^/]+\/locations\/([a-z0-9-]+)\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;

const FORMS = {
  project: { pattern: PROJECT_ID, example: "acme-data-prod" },
  network: { pattern: NETWORK, example: "projects/acme-data-prod/global/networks/prod" },
  subnetwork: { pattern: SUBNETWORK, example: "projects/acme-data-prod/regions/europe-west3/subnetworks/prod" },
  imageId: { pattern: IMAGE, example: "projects/debian-cloud/global/images/debian-13-trixie-v20261110" },
  kmsKeyName: { pattern: KMS_KEY, example: "projects/acme-data-prod/locations/europe-west3/keyRings/bastions/cryptoKeys/disk" },
  firewallNote: { pattern: /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u, example: "TICKET-123 (network team)" },
} as const satisfies Partial<Record<keyof GcpSpec, Form>>;

const DNS_FORMS = { zoneId: { pattern: MANAGED_ZONE, example: "projects/acme-dns/managedZones/ssh-example-com" } } as const;

/** A regional disk's key has to be of its region; what lies elsewhere would be refused when half of the bastion is there. */
function checkKmsKey({ kmsKeyName, zone }: PartialGcp): string | undefined {
  const [, location] = KMS_KEY.exec(kmsKeyName ?? "") ?? [];
  if (location === undefined || zone === undefined || !ZONE.test(zone) || location === regionOf(zone)) return undefined;
  return `is a key of ${location} and the zone ${zone} is in ${regionOf(zone)}; choose a key of that region`;
}
