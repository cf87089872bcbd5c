import type { BastionDescription } from "../../../components/core/describe-bastion.ts";
import { parsePublicKey } from "../../../components/core/public-key.ts";
import type { CustomerFile } from "../../../stacks/customer-file.ts";
import { notThere, wrongUsage } from "../command-failure.ts";
import { BASTION } from "../invocation.ts";
import type { PeerRole } from "../private-keys.ts";
import { editsOfGeneratedKey, editsOfHostKeys, editsOfImportedKey, type RotationEdits } from "./edit-customer.ts";
import { type Evidence, evidenceOfHostKeys, evidenceOfKeys, type LoginStatus } from "./evidence.ts";
import { hostKeysInFile, type PeerInFile, peerInFile } from "./keys-in-file.ts";
import { locateRotation, type Stage } from "./locate-rotation.ts";

/** Whose keys are changed: one who logs in, or the bastion's own. */
export interface Subject {
  /** `host` for the host keys. */
  readonly kind: PeerRole | "host";
  /** Left out for the host keys. */
  readonly name?: string | undefined;
  /** The new public key, as it is to stand in the file, where keys are imported. */
  readonly publicKey?: string | undefined;
  /** The file it was read from, as it was named. */
  readonly publicKeyFile?: string | undefined;
}

/** A change from one key to another, as far as it is by now. */
export interface Rotation {
  /** `client dc1`, `the host keys`. */
  readonly title: string;
  readonly stage: Stage;
  readonly edits: RotationEdits;
  /** Why one of these two keys cannot take the place of the other. */
  readonly obstacle?: string | undefined;
  /** Why nobody could log in afterwards. */
  readonly lockOut?: string | undefined;
  /** Whether the private half is made with the bastion, and is to be handed over. */
  readonly isGenerated: boolean;
  /** What a status says of it. Only while both keys are deployed. */
  readonly judge: (status: LoginStatus, isAskedWithOwnKey: boolean) => Evidence;
}

/**
 * Looks at a rotation in the customer's file and in what is deployed.
 *
 * @throws CommandFailure where there is nobody of that name, or the options do not fit the key.
 */
export function lookAtRotation(subject: Subject, file: CustomerFile, bastion: BastionDescription, nowMs: number): Rotation {
  const { kind, name, publicKey } = subject;
  if (kind === "host" || name === undefined) return hostKeyRotation(file, bastion);
  const peer = peerInFile(file, kind, name);
  const deployed = bastion[`${kind}s`].find((other) => other.name === name);
  if (deployed === undefined)
    throw notThere(`${kind} ${name} is in the customer's file, and not deployed yet; deploy it with: ${BASTION} up`);
  const lockOut =
    peer.expiresAt !== undefined && peer.expiresAt <= nowMs
      ? `the keys of ${kind} ${name} have expired, a new one would be born expired; give it another expiresAt first`
      : undefined;
  const rotation = peer.isGenerated ? generatedKeyRotation(peer, deployed, publicKey) : importedKeyRotation(peer, deployed, publicKey);
  return { ...rotation, lockOut };
}

function hostKeyRotation(file: CustomerFile, { hostKeys, clients, consumers }: BastionDescription): Rotation {
  const inFile = hostKeysInFile(file);
  const generations = inFile.announcesNext ? [inFile.generation, inFile.generation + 1] : [inFile.generation];
  const deployed = hostKeys.map(({ generation }) => generation);
  return {
    title: "the host keys",
    stage: locateRotation(generations, deployed, Math.max(...generations, ...deployed)),
    edits: editsOfHostKeys(inFile),
    isGenerated: false,
    judge: (status) => evidenceOfHostKeys(status, { clients, consumers }),
  };
}

interface DeployedKeys {
  readonly fingerprints: readonly string[];
  readonly keyGenerations: readonly number[];
}

function generatedKeyRotation(peer: PeerInFile, { fingerprints, keyGenerations }: DeployedKeys, publicKey: string | undefined): Rotation {
  const { role, name, keyGeneration, keepsPreviousKey } = peer;
  if (publicKey !== undefined) throw wrongUsage(`the key of ${role} ${name} is generated, so the next one is too; leave --public-key out`);
  const generations = keepsPreviousKey ? [keyGeneration, keyGeneration - 1] : [keyGeneration];
  const [newKey = "", oldKey = ""] = fingerprints;
  return {
    title: `${role} ${name}`,
    stage: locateRotation(generations, keyGenerations, Math.max(...generations, ...keyGenerations)),
    edits: editsOfGeneratedKey(peer),
    isGenerated: true,
    judge: (status, isAskedWithOwnKey) => evidenceOfKeys(status, { newKey, oldKey, isAskedWithOwnKey }),
  };
}

function importedKeyRotation(peer: PeerInFile, { fingerprints }: DeployedKeys, publicKey: string | undefined): Rotation {
  const { role, name, publicKeys } = peer;
  if (publicKey === undefined)
    throw wrongUsage(
      `the key of ${role} ${name} is imported; name the new one's .pub file with --public-key, each time until it is finished`,
    );
  const { fingerprint: newKey } = parsePublicKey(publicKey);
  const others = publicKeys.filter((key) => key !== newKey);
  const oldKey = others[0] ?? "";
  return {
    title: `${role} ${name}`,
    stage: locateRotation(publicKeys, fingerprints, newKey),
    edits: editsOfImportedKey(peer, publicKey),
    obstacle: obstacleOf(peer, others, newKey),
    isGenerated: false,
    judge: (status, isAskedWithOwnKey) => evidenceOfKeys(status, { newKey, oldKey, isAskedWithOwnKey }),
  };
}

function obstacleOf({ role, name }: PeerInFile, others: readonly string[], newKey: string): string | undefined {
  if (others.length === 0)
    return `${newKey} is the only key of ${role} ${name} already: either this change is finished, or --public-key names the key that is to go`;
  if (others.length > 1)
    return `${role} ${name} has ${others.length} keys beside it, and which of them is to go only you know; change them in the customer's file`;
  return undefined;
}
