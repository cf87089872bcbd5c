import { DEFAULTS } from "../../../components/core/defaults.ts";
import { parseExpiry } from "../../../components/core/expiry.ts";
import { quoteForMessage } from "../../../components/core/problem.ts";
import { parsePublicKey } from "../../../components/core/public-key.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { notThere } from "../command-failure.ts";
import type { PeerRole } from "../private-keys.ts";

/** What a customer's file says of the keys of one who logs in. */
export interface PeerInFile {
  readonly role: PeerRole;
  readonly name: string;
  /** Its place in the list of its role. */
  readonly index: number;
  /** Whether its keys are made with the bastion; otherwise they are imported. */
  readonly isGenerated: boolean;
  readonly keyGeneration: number;
  readonly keepsPreviousKey: boolean;
  /** Fingerprints of its imported keys. */
  readonly publicKeys: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
}

/** What a customer's file says of the host keys. */
export interface HostKeysInFile {
  readonly generation: number;
  readonly announcesNext: boolean;
}

/**
 * Finds one who logs in.
 *
 * @throws CommandFailure that names those there are.
 */
export function peerInFile(file: CustomerFile, role: PeerRole, name: string): PeerInFile {
  const peers = file[`${role}s`] ?? [];
  const index = peers.findIndex((peer) => peer.name === name);
  const peer = peers[index];
  if (peer === undefined) {
    const known = peers.map((other) => other.name).join(", ") || "none";
    throw notThere(`there is no ${role} ${quoteForMessage(name)} in the customer's file; there is: ${known}`);
  }
  return {
    role,
    name,
    index,
    isGenerated: peer.generateKey !== undefined,
    keyGeneration: peer.keyGeneration ?? DEFAULTS.keyGeneration,
    keepsPreviousKey: peer.keepPreviousKey ?? false,
    publicKeys: (peer.publicKeys ?? []).map((key) => parsePublicKey(key).fingerprint),
    expiresAt: peer.expiresAt === undefined ? undefined : parseExpiry(peer.expiresAt),
  };
}

/** Reads what is said of the host keys. */
export function hostKeysInFile({
  hostKeyGeneration = DEFAULTS.hostKeyGeneration,
  announceNextHostKeys = false,
}: CustomerFile): HostKeysInFile {
  return { generation: hostKeyGeneration, announcesNext: announceNextHostKeys };
}
