import { checkFamilies } from "../address-family.ts";
import { checkKeysAreNotTheAdmins } from "../admin.ts";
import type { PartialSpec } from "../check-bastion.ts";
import { checkCidr, parseCidr, renderCidr } from "../cidr.ts";
import type { PartialDeep } from "../partial.ts";
import { checkBindAddresses } from "../private-address.ts";
import type { Problem } from "../problem.ts";
import { AWS_DEFAULTS } from "./aws-defaults.ts";
import type { AwsSpec } from "./aws-spec.ts";
import { checkFamily } from "./check-aws.ts";

type PartialAws = PartialDeep<AwsSpec>;

/** Everything about a bastion that is right in itself and does not go with its settings on EC2. */
export function checkBastionOnAws(bastion: PartialSpec, spec: PartialAws): Problem[] {
  return [
    ...checkBindAddresses(bastion, spec.privateAddress),
    ...checkKeysAreNotTheAdmins(bastion, spec.admin?.publicKey),
    ...checkFamilies(bastion, (cidr) => checkFamily(cidr, spec.ipv6)),
    ...checkRuleCount(bastion, spec),
  ];
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
