import { checkFamilies, refuseIpv6 } from "../address-family.ts";
import { checkKeysAreNotTheAdmins, checkUsersAreNotTheAdmins } from "../admin.ts";
import type { PartialSpec } from "../check-bastion.ts";
import type { PartialDeep } from "../partial.ts";
import { checkBindAddresses } from "../private-address.ts";
import type { Problem } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { checkSourceCount } from "../source-count.ts";
import { adminUserOf } from "./gcp-admin.ts";
import type { GcpSpec } from "./gcp-spec.ts";

type PartialGcp = PartialDeep<GcpSpec>;

/** Everything about a bastion that is right in itself and does not go with its settings on Compute Engine. */
export function checkBastionOnGcp(bastion: PartialSpec, spec: PartialGcp): Problem[] {
  return [
    ...checkBindAddresses(bastion, spec.privateAddress),
    ...checkKeysAreNotTheAdmins(bastion, spec.admin?.publicKey),
    ...checkFamilies(bastion, (cidr) => refuseIpv6(cidr)),
    ...checkUsersAreNotTheAdmins(bastion, spec.admin && adminUserOf(spec.admin)),
    ...asProblems("clientCidrs", checkSourceCount(bastion.clientCidrs)),
    ...asProblems("consumerCidrs", checkSourceCount(bastion.consumerCidrs)),
  ];
}
