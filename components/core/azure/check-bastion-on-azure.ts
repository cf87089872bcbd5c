import { checkFamilies, refuseIpv6 } from "../address-family.ts";
import { checkKeysAreNotTheAdmins } from "../admin-key.ts";
import type { PartialSpec } from "../check-bastion.ts";
import { DEFAULTS } from "../defaults.ts";
import type { PartialDeep } from "../partial.ts";
import { checkBindAddresses } from "../private-address.ts";
import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { adminUserOf, IPV4_ONLY } from "./azure-admin.ts";
import type { AzureSpec } from "./azure-spec.ts";

type PartialAzure = PartialDeep<AzureSpec>;

/** Addresses and ranges that the rules of one network security group may name as sources (networking limits). */
const MOST_SOURCES = 4000;

/** Everything about a bastion that is right in itself and does not go with its settings on Azure. */
export function checkBastionOnAzure(bastion: PartialSpec, spec: PartialAzure): Problem[] {
  const { tunnelUser = DEFAULTS.tunnelUser, consumerUser = DEFAULTS.consumerUser } = bastion;
  return [
    ...checkBindAddresses(bastion, spec.privateAddress),
    ...checkKeysAreNotTheAdmins(bastion, spec.admin?.publicKey),
    ...checkFamilies(bastion, (cidr) => refuseIpv6(cidr, IPV4_ONLY)),
    ...asProblems("tunnelUser", checkUser(tunnelUser, spec)),
    ...asProblems("consumerUser", checkUser(consumerUser, spec)),
    ...asProblems("clientCidrs", checkSourceCount(bastion, spec)),
  ];
}

/** The admin's user has a shell and all rights. */
function checkUser(user: string, { admin }: PartialAzure): string | undefined {
  if (admin === undefined || adminUserOf(admin) !== user) return undefined;
  return `${quoteForMessage(user)} is the admin's user too; give one of them another name`;
}

function checkSourceCount({ clientCidrs, consumerCidrs }: PartialSpec, { admin }: PartialAzure): string | undefined {
  const count = [clientCidrs, consumerCidrs, admin?.cidrs].reduce((sum, cidrs) => sum + (cidrs?.length ?? 0), 0);
  if (count <= MOST_SOURCES) return undefined;
  return `these, consumerCidrs and the admin's are ${count} blocks, and a network security group takes ${MOST_SOURCES}; merge neighbouring ones`;
}
