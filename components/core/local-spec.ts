import { isIPv4 } from "node:net";
import { isHostName } from "./destination.ts";
import { type Problem, quoteForMessage } from "./problem.ts";

/** What a bastion on the machine at hand takes beside what every bastion takes. */
export interface LocalSpec {
  /**
   * Name or IPv4 address that clients dial, as it is printed in their commands.
   *
   * @default "127.0.0.1"
   */
  readonly host?: string | undefined;
  /**
   * IPv4 address sshd listens on.
   *
   * @default - all IPv4 addresses of the machine; `clientCidrs` decides who is let in
   */
  readonly listenAddress?: string | undefined;
  /**
   * Folder for everything of this bastion: an absolute path of letters, digits and `._@+-`.
   *
   * @default - `pulumi-reverse-bastion/<project>-<stack>-<name>` below `$XDG_STATE_HOME`; where that is not set, below
   *   `/var/lib` as root, and below `~/.local/state` otherwise
   */
  readonly directory?: string | undefined;
}

/** Everything that is wrong with these settings. */
export function checkLocal({ host, listenAddress, directory }: LocalSpec): Problem[] {
  const problems: Problem[] = [];
  if (host !== undefined && !isIPv4(host) && !isHostName(host))
    problems.push({ path: "host", reason: `got ${quoteForMessage(host)}; expected the name or IPv4 address that clients dial` });
  if (listenAddress !== undefined && !isIPv4(listenAddress))
    problems.push({ path: "listenAddress", reason: `got ${quoteForMessage(listenAddress)}; expected an IPv4 address of this machine` });
  const reason = directory === undefined ? undefined : checkDirectory(directory);
  if (reason !== undefined) problems.push({ path: "directory", reason });
  return problems;
}

/** Why a folder cannot be a bastion's: blanks and quotes would be ambiguous in the options of sshd that name it. */
export function checkDirectory(directory: string): string | undefined {
  if (/^(?:\/[\w.@+-]+)+$/.test(directory) && !/\/\.\.?(?:\/|$)/.test(directory)) return undefined;
  return `got ${quoteForMessage(directory)}; expected an absolute path of letters, digits and "._@+-"`;
}
