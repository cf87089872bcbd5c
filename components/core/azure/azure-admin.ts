import { checkAdminCidrs, refuseIpv6 } from "../address-family.ts";
import { checkUserName } from "../name.ts";
import type { PartialDeep } from "../partial.ts";
import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { checkPublicKey, parsePublicKey } from "../public-key.ts";
import { AZURE_DEFAULTS } from "./azure-defaults.ts";
import type { AzureAdminSpec } from "./azure-spec.ts";

/** Names that Azure refuses for the first user of a machine ("osProfile.adminUsername"). */
const FORBIDDEN_USERS: ReadonlySet<string> = new Set(
  `1 123 a actuser adm admin admin1 admin2 administrator aspnet backup console david guest john owner root server sql support
   support_388945a0 sys test test1 test2 test3 user user1 user2 user3 user4 user5 video`.split(/\s+/),
);

/** Everything that is wrong with an administrator. */
export function checkAzureAdmin({ publicKey, user, cidrs }: PartialDeep<AzureAdminSpec>): Problem[] {
  return [
    ...asProblems("publicKey", publicKey === undefined ? undefined : checkAdminKey(publicKey)),
    ...asProblems("user", user === undefined ? undefined : checkUser(user)),
    ...checkAdminCidrs(cidrs, (cidr) => refuseIpv6(cidr)),
  ];
}

/** The user an admin's key logs in as. */
export function adminUserOf(admin: PartialDeep<AzureAdminSpec> | undefined): string {
  return admin?.user ?? AZURE_DEFAULTS.adminUser;
}

function checkAdminKey(text: string): string | undefined {
  const reason = checkPublicKey(text);
  if (reason !== undefined) return reason;
  const { type } = parsePublicKey(text);
  if (["ssh-ed25519", "ssh-rsa"].includes(type)) return undefined;
  return `is ${type}; Azure takes RSA and Ed25519 keys only, so give one of those`;
}

function checkUser(user: string): string | undefined {
  const forbidden = `${quoteForMessage(user)} is a name that Azure refuses; choose another, such as "${AZURE_DEFAULTS.adminUser}"`;
  return FORBIDDEN_USERS.has(user) ? forbidden : checkUserName(user);
}
