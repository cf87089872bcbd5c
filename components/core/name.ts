import { quoteForMessage } from "./problem.ts";

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const USER_NAME = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Accounts that hosts have anyway, with rights of their own: Debian's, and the first user of each cloud's image. */
const SYSTEM_USERS: ReadonlySet<string> = new Set(
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats _apt nobody sshd messagebus
   systemd-network systemd-timesync systemd-resolve polkitd admin debian ubuntu azureuser ec2-user core`.split(/\s+/),
);

/**
 * Why a tunnel, client, consumer or customer cannot have this name, or `undefined` if it can.
 *
 * Names end up in resource names, file names, key comments and commands on three clouds, so they keep to
 * what all of them take: 1–40 of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit.
 */
export function checkName(name: string): string | undefined {
  if (NAME.test(name)) return undefined;
  return `got ${quoteForMessage(name)}; a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit`;
}

/** Why this cannot be the name of a login user on the bastion (POSIX portable names, no system account). */
export function checkUserName(user: string): string | undefined {
  if (!USER_NAME.test(user))
    return `got ${quoteForMessage(user)}; a login user is 1–32 of a–z, 0–9, "_" and "-", and begins with a letter or "_"`;
  if (SYSTEM_USERS.has(user)) return `${quoteForMessage(user)} is a system account; choose a user of the bastion's own, such as "tunnel"`;
  return undefined;
}

/** A good name as it is, and anything else quoted. */
export function renderNameForMessage(name: string): string {
  return checkName(name) === undefined ? name : quoteForMessage(name);
}
