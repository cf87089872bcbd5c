import type { PeerSpec } from "./bastion-spec.ts";

/** A principal that sshd compares as a whole: no comma, no quote, no pattern. */
export const PRINCIPAL = /^[\w.@:/+-]{1,128}$/;

/** How a client or a consumer may log in with an OpenSSH certificate. */
export interface CertificateLogin {
  /** Fingerprints of the authorities whose certificates are taken. */
  readonly authorities: readonly string[];
  /** Principals of which a certificate has to name one. */
  readonly principals: readonly string[];
}

/** Whom the certificates of a client or consumer have to name: what was given, or its own name. */
export function certificatePrincipalsOf({
  name,
  certificatePrincipals,
}: Pick<PeerSpec, "name" | "certificatePrincipals">): readonly string[] {
  return certificatePrincipals === undefined ? [name] : [...new Set(certificatePrincipals)];
}
