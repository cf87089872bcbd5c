import type { PeerSpec } from "./bastion-spec.ts";
import { checkCertificates } from "./check-certificates.ts";
import { type CidrBlock, checkCidr, cidrContains, parseCidr, renderCidr } from "./cidr.ts";
import { DEFAULTS } from "./defaults.ts";
import { parseExpiry } from "./expiry.ts";
import { renderNameForMessage } from "./name.ts";
import type { PartialDeep } from "./partial.ts";
import { type Problem, problemsAt, quoteForMessage } from "./problem.ts";
import { asProblems, each, problemsOf } from "./problem-list.ts";
import { checkPublicKey } from "./public-key.ts";

/** What has to be known of the rest of a specification to check one client, consumer or operator of it. */
export interface PeerContext {
  /** Names of the tunnels; `undefined` where they are missing. */
  readonly tunnelNames: ReadonlySet<string> | undefined;
  /** The blocks that may reach sshd, as far as they can be read. */
  readonly clientBlocks: readonly CidrBlock[];
  /** Whether a field was given but could not be read. */
  readonly isUnreadable: (field: string) => boolean;
}

/** Everything that is wrong with a client, a consumer or an operator. */
export function checkPeer(peer: PartialDeep<PeerSpec>, context: PeerContext): Problem[] {
  const { tunnelNames, clientBlocks, isUnreadable } = context;
  const { publicKeys, generateKey, certificateAuthorities, tunnels, sourceCidrs, expiresAt } = peer;
  const problems: Problem[] = [];
  const hasNoKey = [publicKeys, certificateAuthorities].every((keys) => (keys ?? []).length === 0) && generateKey === undefined;
  if (hasNoKey && !["publicKeys", "generateKey", "certificateAuthorities"].some(isUnreadable))
    problems.push({
      path: "publicKeys",
      reason: 'has no key; paste the line of its .pub file, or have one made with "generateKey: ed25519"',
    });
  if (publicKeys !== undefined && publicKeys.length > 0 && generateKey !== undefined)
    problems.push({
      path: "generateKey",
      reason: "stands beside publicKeys; give one of the two (two keys at a time are what rotation does)",
    });
  if (!["generateKey", "keyGeneration"].some(isUnreadable)) problems.push(...checkGenerations(peer));
  problems.push(...each("publicKeys", publicKeys, (key) => asProblems("", checkPublicKey(key))));
  problems.push(...checkCertificates(peer));

  problems.push(...checkTunnelNames(tunnels, tunnelNames));
  if (sourceCidrs?.length === 0) problems.push({ path: "sourceCidrs", reason: 'is empty; name the blocks, or leave "sourceCidrs" out' });
  problems.push(...each("sourceCidrs", sourceCidrs, (cidr) => asProblems("", checkCidr(cidr) ?? checkSource(cidr, clientBlocks))));
  if (expiresAt !== undefined)
    problems.push(
      ...problemsAt(
        "expiresAt",
        problemsOf(() => parseExpiry(expiresAt)),
      ),
    );
  return problems;
}

function checkGenerations({ generateKey, keyGeneration, keepPreviousKey }: PartialDeep<PeerSpec>): Problem[] {
  const given = { keyGeneration, keepPreviousKey };
  if (generateKey === undefined)
    return Object.entries(given).flatMap(([path, value]) =>
      value === undefined ? [] : [{ path, reason: "is for a key that generateKey makes; an imported key is changed in publicKeys" }],
    );
  if (keyGeneration !== undefined && !(Number.isSafeInteger(keyGeneration) && keyGeneration >= 1))
    return [{ path: "keyGeneration", reason: `got ${keyGeneration}; key pairs are counted 1, 2, 3, …` }];
  if (keepPreviousKey === true && (keyGeneration ?? DEFAULTS.keyGeneration) === 1)
    return [
      { path: "keepPreviousKey", reason: 'is true, and before the first key pair there was none; say "keyGeneration: 2", or leave it out' },
    ];
  return [];
}

function checkTunnelNames(names: readonly (string | undefined)[] | undefined, known: ReadonlySet<string> | undefined): Problem[] {
  if (names?.length === 0) return [{ path: "tunnels", reason: 'is empty; name the tunnels, or leave "tunnels" out for all of them' }];
  // Nobody is blamed for naming what is missing for another reason.
  if (known === undefined) return [];
  return each("tunnels", names, (name) =>
    known.has(name)
      ? []
      : [{ path: "", reason: `got ${quoteForMessage(name)}, which no tunnel is called; allowed is ${renderSome(known)}` }],
  );
}

/** The first names of many: a message is read by people. */
function renderSome(names: ReadonlySet<string>): string {
  const shown = [...names].slice(0, 10).map(renderNameForMessage);
  return [...shown, ...(names.size > shown.length ? [`… (${names.size} in all)`] : [])].join(", ") || "none yet";
}

function checkSource(cidr: string, clientBlocks: readonly CidrBlock[]): string | undefined {
  if (clientBlocks.length === 0 || clientBlocks.some((block) => cidrContains(block, parseCidr(cidr)))) return undefined;
  const allowed = clientBlocks.slice(0, 10).map(renderCidr).join(", ");
  return `${cidr} lies outside clientCidrs (${allowed}), so it could not even reach sshd; add it there too`;
}
