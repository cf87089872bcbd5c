import { isIP } from "node:net";
import { isHostName } from "../core/destination.ts";
import { quoteForMessage } from "../core/problem.ts";

/** Also those of other people's directories, since a bastion without root has the user that somebody gave it. */
const LOGIN_USER = /^[A-Za-z_][\w.-]*$/;

/** Why this is no host that a command could dial. The outputs of a stack come from a file that others can write to. */
export function checkHost(host: string): string | undefined {
  return isIP(host) !== 0 || isHostName(host) ? undefined : `got ${quoteForMessage(host)}; expected a name or an address`;
}

/** Why nobody could log in as this user. */
export function checkLoginUser(user: string): string | undefined {
  return LOGIN_USER.test(user) ? undefined : `got ${quoteForMessage(user)}; expected a login user`;
}
