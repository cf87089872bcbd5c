import { checkAdminCidrs, refuseIpv6 } from "../address-family.ts";
import { checkUserName } from "../name.ts";
import type { PartialDeep } from "../partial.ts";
import type { Problem } from "../problem.ts";
import { asProblems } from "../problem-list.ts";
import { checkPublicKey, parsePublicKey, renderPublicKey } from "../public-key.ts";
import { checkSourceCount } from "../source-count.ts";
import { GCP_DEFAULTS } from "./gcp-defaults.ts";
import type { GcpAdminSpec } from "./gcp-spec.ts";

/** Everything that is wrong with an administrator. */
export function checkGcpAdmin({ publicKey, user, osLogin, cidrs }: PartialDeep<GcpAdminSpec>): Problem[] {
  return [
    ...asProblems("publicKey", checkLogin(publicKey, osLogin)),
    ...asProblems("user", user === undefined ? undefined : checkUser(user, osLogin)),
    ...checkAdminCidrs(cidrs, (cidr) => refuseIpv6(cidr)),
    ...asProblems("cidrs", checkSourceCount(cidrs)),
  ];
}

function checkLogin(publicKey: string | undefined, osLogin: boolean | undefined): string | undefined {
  if (publicKey === undefined)
    return osLogin === true ? undefined : 'is missing; give the admin\'s key, or "osLogin: true" for those who may log in by IAM';
  if (osLogin === true) return "is ignored by OS Login, which takes the keys of Google accounts; leave out one of the two";
  return checkPublicKey(publicKey);
}

function checkUser(user: string, osLogin: boolean | undefined): string | undefined {
  if (osLogin === true) return "goes with publicKey; with OS Login, the name follows from the Google account";
  return checkUserName(user);
}

/** The user an admin's key logs in as; `undefined` where IAM says who that is. */
export function adminUserOf({ user, osLogin }: PartialDeep<GcpAdminSpec>): string | undefined {
  return osLogin === true ? undefined : (user ?? GCP_DEFAULTS.adminUser);
}

/** An admin's key as metadata has it, `user:key comment`. The comment is the Google account's address, or the user. */
export function renderSshKeys(publicKey: string, user: string): string {
  const [, , ...comment] = publicKey.trim().split(/\s+/);
  const account = comment.find((word) => /^[\w.+-]+@[\w.-]+$/.test(word));
  return `${user}:${renderPublicKey(parsePublicKey(publicKey), account ?? user)}`;
}
