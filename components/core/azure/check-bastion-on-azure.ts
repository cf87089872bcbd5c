import { checkFamilies, refuseIpv6 } from "../address-family.ts";
import { checkKeysAreNotTheAdmins, checkUsersAreNotTheAdmins } from "../admin.ts";
import type { PartialSpec } from "../check-bastion.ts";
import type { PartialDeep } from "../partial.ts";
import { checkBindAddresses } from "../private-address.ts";
import type { Problem } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { adminUserOf } from "./azure-admin.ts";
import type { AzureSpec } from "./azure-spec.ts";

type PartialAzure = PartialDeep<AzureSpec>;

/** Addresses and ranges that the rules of one network security group may name as sources (networking limits). */
const MOST_SOURCES = 4000;

/** Everything about a bastion that is right in itself and does not go with its settings on Azure. */
export function checkBastionOnAzure(bastion: PartialSpec, spec: PartialAzure): Problem[] {
  return [
    ...checkBindAddresses(bastion, spec.privateAddress),
    ...checkKeysAreNotTheAdmins(bastion, spec.admin?.publicKey),
    ...checkFamilies(bastion, (cidr) => refuseIpv6(cidr)),
    ...checkUsersAreNotTheAdmins(bastion, spec.admin && adminUserOf(spec.admin)),
    ...asProblems("clientCidrs", checkSourceCount(bastion, spec)),
  ];
}

function checkSourceCount({ clientCidrs, consumerCidrs }: PartialSpec, { admin }: PartialAzure): string | undefined {
  const count = [clientCidrs, consumerCidrs, admin?.cidrs].reduce((sum, cidrs) => sum + (cidrs?.length ?? 0), 0);
  if (count <= MOST_SOURCES) return undefined;
  return `these, consumerCidrs and the admin's are ${count} blocks, and a network security group takes ${MOST_SOURCES}; merge neighbouring ones`;
}
