import { InvalidInputError, quoteForMessage } from "./problem.ts";

/** A release of OpenSSH. */
export interface OpenSshVersion {
  readonly major: number;
  readonly minor: number;
}

/** The oldest sshd that understands what we render: `expiry-time` in UTC and `RequiredRSASize` came with 9.1. */
export const OLDEST_SUPPORTED: OpenSshVersion = { major: 9, minor: 1 };

/**
 * Reads what `ssh -V` and `sshd -V` print: `OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL …`.
 *
 * @throws InvalidInputError when it is no OpenSSH, or one that is too old.
 */
export function parseOpenSshVersion(text: string): OpenSshVersion {
  const match = /OpenSSH_(\d+)\.(\d+)/.exec(text);
  if (match === null) throw new InvalidInputError([{ path: "", reason: `expected OpenSSH's version, got ${quoteForMessage(text)}` }]);
  const version = { major: Number(match[1]), minor: Number(match[2]) };
  if (!isAtLeast(version, OLDEST_SUPPORTED.major, OLDEST_SUPPORTED.minor))
    throw new InvalidInputError([
      {
        path: "",
        reason: `got OpenSSH ${version.major}.${version.minor}; at least ${OLDEST_SUPPORTED.major}.${OLDEST_SUPPORTED.minor} is needed (Debian 12 and Ubuntu 24.04 have newer ones)`,
      },
    ]);
  return version;
}

/** Whether a release is this one or a later one. */
export function isAtLeast(version: OpenSshVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
