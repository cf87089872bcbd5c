import { isIPv4 } from "node:net";
import { AWS_DEFAULTS } from "./aws-defaults.ts";
import type { AwsSpec } from "./aws-spec.ts";
import { checkFamily } from "./check-aws.ts";
import type { PartialSpec } from "./check-bastion.ts";
import { checkCidr, parseCidr, renderCidr } from "./cidr.ts";
import type { PartialDeep } from "./partial.ts";
import { type Problem, quoteForMessage } from "./problem.ts";
import { asProblems, each } from "./problem-list.ts";

type PartialAws = PartialDeep<AwsSpec>;

/** Everything about a bastion that is right in itself and does not go with its settings on EC2. */
export function checkBastionOnAws(bastion: PartialSpec, spec: PartialAws): Problem[] {
  return [...checkBindAddresses(bastion, spec), ...checkFamilies(bastion, spec), ...checkRuleCount(bastion, spec)];
}

/** Addresses that mean `all` or `loopback`, and are refused as such on every target. */
const NO_ADDRESS = /^(?:0\.0\.0\.0$|127\.)/;

/** The public address is not the machine's own: EC2 translates it. sshd can bind the private one only. */
function checkBindAddresses({ tunnels }: PartialSpec, { privateAddress }: PartialAws): Problem[] {
  // A bad private address is reported as that, and not also at every tunnel.
  if (privateAddress !== undefined && !isIPv4(privateAddress)) return [];
  return each("tunnels", tunnels, ({ bindAddress }) => {
    if (bindAddress === undefined || !isIPv4(bindAddress) || NO_ADDRESS.test(bindAddress) || bindAddress === privateAddress) return [];
    const remedy = privateAddress === undefined ? `set privateAddress to ${bindAddress}, and it will be` : `that is ${privateAddress}`;
    return [{ path: "bindAddress", reason: `${bindAddress} is not the private address of the bastion; ${remedy}` }];
  });
}

function checkFamilies({ clientCidrs, consumerCidrs }: PartialSpec, { ipv6 }: PartialAws): Problem[] {
  const check = (reasonFor: (cidr: string) => string | undefined) => (cidr: string) =>
    checkCidr(cidr) === undefined ? asProblems("", reasonFor(cidr)) : [];
  return [
    ...each(
      "clientCidrs",
      clientCidrs,
      check((cidr) => checkFamily(cidr, ipv6)),
    ),
    ...each("consumerCidrs", consumerCidrs, check(checkConsumerFamily)),
  ];
}

/** Printed commands ask for 0.0.0.0: over IPv6 nobody would answer behind the firewall's rule. */
function checkConsumerFamily(cidr: string): string | undefined {
  if (parseCidr(cidr).family === 4) return undefined;
  return `got ${quoteForMessage(cidr)}, and bind ports are reached over IPv4; name the consumers' IPv4 block`;
}

function checkRuleCount({ clientCidrs, consumerCidrs, tunnels }: PartialSpec, spec: PartialAws): Problem[] {
  const most = spec.rulesPerSecurityGroup ?? AWS_DEFAULTS.rulesPerSecurityGroup;
  const exposed = (tunnels ?? []).filter((tunnel) => tunnel !== undefined && tunnel.bindAddress !== "loopback").length;
  // The quota holds for each family apart.
  return ([4, 6] as const).flatMap((family) => {
    const logins = countBlocks(clientCidrs, family) + countBlocks(spec.admin?.cidrs, family);
    const consumers = countBlocks(consumerCidrs, family);
    const count = logins + consumers * exposed;
    if (count <= most) return [];
    return [
      {
        path: "consumerCidrs",
        reason:
          `${exposed} tunnels for ${consumers} IPv${family} blocks, and ${logins} IPv${family} blocks that may log in, are ${count} firewall rules, and a security group takes ${most}; ` +
          "merge blocks, put tunnels on loopback, or have the quota raised and say so in rulesPerSecurityGroup",
      },
    ];
  });
}

/** How many blocks of a family there are, however often each is written and in whatever spelling. */
function countBlocks(cidrs: readonly (string | undefined)[] | undefined, family: 4 | 6): number {
  const blocks = (cidrs ?? []).flatMap((cidr) => (cidr === undefined || checkCidr(cidr) !== undefined ? [] : parseCidr(cidr)));
  return new Set(blocks.filter((block) => block.family === family).map(renderCidr)).size;
}
