import { checkFamilies, refuseIpv6 } from "../address-family.ts";
import { checkKeysAreNotTheAdmins } from "../admin-key.ts";
import type { PartialSpec } from "../check-bastion.ts";
import { DEFAULTS } from "../defaults.ts";
import type { PartialDeep } from "../partial.ts";
import { checkBindAddresses } from "../private-address.ts";
import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { checkSourceCount } from "../source-count.ts";
import { adminUserOf, IPV4_ONLY } from "./gcp-admin.ts";
import type { GcpSpec } from "./gcp-spec.ts";

type PartialGcp = PartialDeep<GcpSpec>;

/** Everything about a bastion that is right in itself and does not go with its settings on Compute Engine. */
export function checkBastionOnGcp(bastion: PartialSpec, spec: PartialGcp): Problem[] {
  const { tunnelUser = DEFAULTS.tunnelUser, consumerUser = DEFAULTS.consumerUser } = bastion;
  return [
    ...checkBindAddresses(bastion, spec.privateAddress),
    ...checkKeysAreNotTheAdmins(bastion, spec.admin?.publicKey),
    ...checkFamilies(bastion, (cidr) => refuseIpv6(cidr, IPV4_ONLY)),
    ...asProblems("tunnelUser", checkUser(tunnelUser, spec)),
    ...asProblems("consumerUser", checkUser(consumerUser, spec)),
    ...asProblems("clientCidrs", checkSourceCount(bastion.clientCidrs)),
    ...asProblems("consumerCidrs", checkSourceCount(bastion.consumerCidrs)),
  ];
}

/** The image's agent gives the admin's user a shell and all rights. */
function checkUser(user: string, { admin }: PartialGcp): string | undefined {
  if (admin === undefined || adminUserOf(admin) !== user) return undefined;
  return `${quoteForMessage(user)} is the admin's user too; give one of them another name`;
}
