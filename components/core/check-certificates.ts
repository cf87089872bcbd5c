import type { PeerSpec } from "./bastion-spec.ts";
import { certificatePrincipalsOf, PRINCIPAL } from "./certificate-login.ts";
import type { PartialDeep } from "./partial.ts";
import { type Problem, quoteForMessage } from "./problem.ts";
import { asProblems, each } from "./problem-list.ts";
import { checkPublicKey, parsePublicKey } from "./public-key.ts";

type PartialPeer = PartialDeep<PeerSpec>;

/** Everything that is wrong with the certificates of one client or consumer. */
export function checkCertificates({ certificateAuthorities: authorities, certificatePrincipals: principals }: PartialPeer): Problem[] {
  const problems = [
    ...each("certificateAuthorities", authorities, (text, index) => {
      const first = authorities?.findIndex((other) => other !== undefined && isSameKey(other, text)) ?? index;
      return asProblems(
        "",
        checkAuthority(text) ?? (first < index ? `is the same key as certificateAuthorities[${first}]; name it once` : undefined),
      );
    }),
    ...each("certificatePrincipals", principals, (text) => asProblems("", checkPrincipal(text))),
  ];
  if (authorities?.length === 0)
    problems.push({ path: "certificateAuthorities", reason: 'is empty; name the authorities, or leave "certificateAuthorities" out' });
  if (principals?.length === 0)
    problems.push({ path: "certificatePrincipals", reason: 'is empty; name the principals, or leave "certificatePrincipals" out' });
  if (principals !== undefined && authorities === undefined)
    problems.push({
      path: "certificatePrincipals",
      reason: "goes with certificateAuthorities, and there are none; name one, or leave it out",
    });
  return problems;
}

/**
 * Where two clients or consumers could log in by one certificate, or an authority's key is somebody's own: sshd would
 * take the first line that matches.
 */
export function checkAuthoritiesAreDistinct(peers: readonly { readonly path: string; readonly peer: PartialPeer }[]): Problem[] {
  const keyOwners = new Map<string, string>();
  for (const { path, peer } of peers)
    for (const [index, text] of (peer.publicKeys ?? []).entries())
      if (text !== undefined && checkPublicKey(text) === undefined)
        keyOwners.set(parsePublicKey(text).fingerprint, `${path}.publicKeys[${index}]`);

  const peerOf = new Map<string, string>();
  return peers.flatMap(({ path, peer }) =>
    each(`${path}.certificateAuthorities`, peer.certificateAuthorities, (text) => {
      if (checkPublicKey(text) !== undefined) return [];
      const { fingerprint } = parsePublicKey(text);
      const keyOwner = keyOwners.get(fingerprint);
      if (keyOwner !== undefined)
        return asProblems(
          "",
          `is also the key ${keyOwner} (${fingerprint}); an authority's key logs nobody in, give one of the two another key`,
        );
      return principalsOf(peer).flatMap((principal) => {
        const pair = `${fingerprint} ${principal}`;
        const other = peerOf.get(pair) ?? path;
        peerOf.set(pair, other);
        if (other === path) return [];
        return asProblems(
          "",
          `${fingerprint} signs for the principal ${quoteForMessage(principal)} of ${other} already; give one of the two another principal in certificatePrincipals`,
        );
      });
    }),
  );
}

function principalsOf({ name, certificatePrincipals }: PartialPeer): readonly string[] {
  const given = certificatePrincipals?.filter((principal) => principal !== undefined);
  return name === undefined ? (given ?? []) : certificatePrincipalsOf({ name, certificatePrincipals: given });
}

function checkAuthority(text: string): string | undefined {
  if (/^\S+-cert-v01@openssh\.com\s/.test(text.trim()))
    return "is an OpenSSH certificate; paste the public key of the authority that signs (the .pub file of what ssh-keygen -s is given)";
  return checkPublicKey(text);
}

function checkPrincipal(text: string): string | undefined {
  if (PRINCIPAL.test(text)) return undefined;
  return `got ${quoteForMessage(text)}; a principal is 1–128 letters, digits and any of "._@:/+-"`;
}

function isSameKey(one: string, other: string): boolean {
  if (checkPublicKey(one) !== undefined || checkPublicKey(other) !== undefined) return false;
  return parsePublicKey(one).fingerprint === parsePublicKey(other).fingerprint;
}
