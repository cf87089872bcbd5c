import type { PeerRole } from "../private-keys.ts";
import { indent, renderTable } from "../table.ts";
import type { Emphasize } from "../terminal.ts";

/** What `bastion certificate` has signed. */
export interface SignedCertificate {
  readonly stack: string;
  readonly role: PeerRole;
  readonly name: string;
  /** The file, as it was named. */
  readonly out: string;
  readonly keyId: string;
  /** As a text: it may have 64 bits. */
  readonly serial: string;
  readonly principals: readonly string[];
  /** ISO 8601, UTC. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** Fingerprint of the key that was signed. */
  readonly fingerprint: string;
  /** Fingerprint of the key that signed. */
  readonly authority: string;
}

/** Renders for a person what was signed, and where it goes. */
export function renderSignedCertificate(signed: SignedCertificate, emphasize: Emphasize): string {
  const { stack, role, name, out, keyId, principals, validFrom, validUntil, fingerprint, authority } = signed;
  const rows = [
    ["key id", keyId],
    ["principals", principals.join(", ")],
    ["valid", `${validFrom} until ${validUntil}`],
    ["key", fingerprint],
    ["signed by", authority],
  ];
  return `${emphasize("bold", `Certificate of ${role} ${name} of ${stack}: ${out}`)}
${indent(renderTable(rows))}
It is no secret. It goes beside the private key as ${name}.key-cert.pub, where ssh finds it by itself.
`;
}
