import { createHash } from "node:crypto";
import { type PublicKey, renderPublicKey } from "./public-key.ts";

/** A host and the port its sshd listens on. */
export interface SshEndpoint {
  readonly host: string;
  readonly sshPort: number;
}

/** How `ssh` looks a host up in `known_hosts`: `[host]:2222`, or the bare name on port 22 (sshd(8)). */
export function knownHostsName({ host, sshPort }: SshEndpoint): string {
  return sshPort === 22 ? host : `[${host}]:${sshPort}`;
}

/** Renders the `known_hosts` file that pins a bastion: a line for each of its host keys. */
export function renderKnownHosts(endpoint: SshEndpoint, hostKeys: readonly PublicKey[]): string {
  return hostKeys.map((key) => `${knownHostsName(endpoint)} ${renderPublicKey(key)}\n`).join("");
}

/** SSHFP algorithm numbers (RFC 4255, RFC 6594, RFC 7479). */
const SSHFP_ALGORITHMS: Readonly<Record<string, number>> = { "ssh-rsa": 1, "ecdsa-sha2-nistp256": 3, "ssh-ed25519": 4 };

/** Renders the value of a key's SSHFP record: algorithm, 2 for SHA-256, digest. */
export function renderSshfp(key: PublicKey): string {
  const digest = createHash("sha256").update(Buffer.from(key.blob, "base64")).digest("hex");
  return `${SSHFP_ALGORITHMS[key.type]} 2 ${digest}`;
}

/** Renders the URL form of an endpoint, `ssh://user@host:port`; the port is always spelled out. */
export function renderSshUrl(user: string, { host, sshPort }: SshEndpoint): string {
  return `ssh://${user}@${host.includes(":") ? `[${host}]` : host}:${sshPort}`;
}
