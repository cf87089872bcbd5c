import { checkAdminCidrs, refuseIpv6 } from "../address-family.ts";
import { renderMismatch } from "../architecture.ts";
import { checkDiskSize } from "../disk-size.ts";
import { checkDns } from "../dns-spec.ts";
import { checkForms, type Form } from "../form.ts";
import { checkNetworkBlock } from "../network-block.ts";
import type { PartialDeep } from "../partial.ts";
import { checkPrivateAddress } from "../private-address.ts";
import { type Problem, problemsAt } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { checkPublicKey, parsePublicKey, rsaBitsOf } from "../public-key.ts";
import { AWS_DEFAULTS } from "./aws-defaults.ts";
import type { AwsAdminSpec, AwsSpec } from "./aws-spec.ts";
import { checkAwsTags } from "./aws-tags.ts";
import { architectureOf, checkInstanceType } from "./instance-type.ts";

type PartialAws = PartialDeep<AwsSpec>;

/** EC2 imports RSA keys of 1024, 2048 and 4096 bits (ImportKeyPair); the smaller ones are refused for every key. */
const ADMIN_RSA_BITS = 4096;

/** Everything in the settings of a bastion on EC2 that AWS would refuse, or that would not work there. */
export function checkAws(spec: PartialAws): Problem[] {
  return [
    ...checkPlace(spec),
    ...asProblems("privateAddress", checkPrivate(spec)),
    ...checkMachine(spec),
    ...asProblems("rulesPerSecurityGroup", checkRuleQuota(spec)),
    ...checkForms(spec, FORMS),
    ...(spec.dns === undefined ? [] : problemsAt("dns", checkDns(spec.dns))),
    ...(spec.admin === undefined ? [] : problemsAt("admin", checkAdmin(spec.admin, spec.ipv6))),
    ...(spec.tags === undefined ? [] : problemsAt("tags", checkAwsTags(spec.tags))),
  ];
}

function checkPlace({ vpcId, subnetId, networkCidr, privateOnly }: PartialAws): Problem[] {
  const problems: Problem[] = [];
  if (subnetId !== undefined && vpcId === undefined)
    problems.push({ path: "vpcId", reason: "is missing; a subnetId goes with the vpcId of its VPC" });
  if (vpcId !== undefined && subnetId === undefined)
    problems.push({ path: "subnetId", reason: "is missing; a vpcId goes with the subnetId the bastion is to stand in" });
  if (networkCidr !== undefined) problems.push(...asProblems("networkCidr", checkNetworkCidr(networkCidr, vpcId !== undefined)));
  if (privateOnly === true && subnetId === undefined)
    problems.push({
      path: "privateOnly",
      reason: "needs vpcId and subnetId: in a network of its own, the machine would not reach SSM without a public address",
    });
  return problems;
}

function checkNetworkCidr(text: string, hasVpc: boolean): string | undefined {
  if (hasVpc) return "is for a bastion with a VPC of its own; leave it out, or leave out vpcId and subnetId";
  return checkNetworkBlock(text, { what: "a VPC", shortestPrefix: 16, longestPrefix: 28, example: AWS_DEFAULTS.networkCidr });
}

const KEPT_ADDRESSES = { first: 4, last: 1, words: "AWS keeps the first four and the last" };

function checkPrivate({ privateAddress, vpcId, networkCidr = AWS_DEFAULTS.networkCidr }: PartialAws): string | undefined {
  if (privateAddress === undefined) return undefined;
  // The block of an existing subnet is known to AWS only.
  const isKnown = vpcId === undefined && checkNetworkCidr(networkCidr, false) === undefined;
  return checkPrivateAddress(privateAddress, isKnown ? networkCidr : undefined, KEPT_ADDRESSES);
}

function checkMachine({ instanceType, imageArchitecture, imageId, diskSizeGib }: PartialAws): Problem[] {
  const type = instanceType ?? AWS_DEFAULTS.instanceType;
  const typeReason = checkInstanceType(type);
  const problems = asProblems("instanceType", typeReason);
  if (imageArchitecture !== undefined && imageId === undefined)
    problems.push({ path: "imageArchitecture", reason: "says something about imageId, which is missing" });
  else if (imageArchitecture !== undefined && typeReason === undefined && imageArchitecture !== architectureOf(type))
    problems.push({
      path: "imageArchitecture",
      reason: renderMismatch(imageArchitecture, { setting: "instanceType", size: type, architecture: architectureOf(type) }),
    });
  return [...problems, ...asProblems("diskSizeGib", checkDiskSize(diskSizeGib, 8, 16384))];
}

function checkRuleQuota({ rulesPerSecurityGroup: most }: PartialAws): string | undefined {
  if (most === undefined || (Number.isInteger(most) && most >= 1 && most <= 1000)) return undefined;
  return `got ${most}; expected the quota of your account, 1–1000`;
}

const FORMS = {
  vpcId: { pattern: /^vpc-[0-9a-f]{8,17}$/, example: "vpc-0abc1234567890def" },
  subnetId: { pattern: /^subnet-[0-9a-f]{8,17}$/, example: "subnet-0abc1234567890def" },
  imageId: { pattern: /^ami-[0-9a-f]{8,17}$/, example: "ami-0abc1234567890def" },
  kmsKeyArn: { pattern: /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/, example: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-…" },
  permissionsBoundaryArn: {
    pattern: /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    example: "arn:aws:iam::123456789012:policy/boundary",
  },
  firewallNote: { pattern: /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,100}$/, example: "TICKET-123 (network team)" },
} as const satisfies Partial<Record<keyof AwsSpec, Form>>;

function checkAdmin({ publicKey, cidrs }: PartialDeep<AwsAdminSpec>, ipv6: boolean | undefined): Problem[] {
  return [
    ...asProblems("publicKey", publicKey === undefined ? undefined : checkAdminKey(publicKey)),
    ...checkAdminCidrs(cidrs, (cidr) => checkFamily(cidr, ipv6)),
  ];
}

/** Why nobody from a block could reach the bastion. */
export function checkFamily(cidr: string, ipv6: boolean | undefined): string | undefined {
  return ipv6 === true ? undefined : refuseIpv6(cidr, 'set "ipv6: true", or leave it out');
}

function checkAdminKey(text: string): string | undefined {
  const reason = checkPublicKey(text);
  if (reason !== undefined) return reason;
  const key = parsePublicKey(text);
  if (!["ssh-ed25519", "ssh-rsa"].includes(key.type)) return `is ${key.type}; EC2 imports RSA and Ed25519 keys only, so give one of those`;
  const bits = rsaBitsOf(key);
  if (bits === undefined || bits === ADMIN_RSA_BITS) return undefined;
  return `is an RSA key of ${bits} bits; EC2 imports those of ${ADMIN_RSA_BITS} bits, and Ed25519 keys`;
}
