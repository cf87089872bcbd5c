import { randomBytes } from "node:crypto";

/** Keys of a role for a while. */
export interface TemporaryCredentials {
  readonly keyId: string;
  readonly secret: string;
  readonly token: string;
  readonly roleName: string;
  readonly instanceId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const LIFETIME_MS = 6 * 3_600_000;
/** New ones are handed out this long before the present ones end. */
const OVERLAP_MS = 5 * 60_000;

/** Hands out the credentials of instances' roles, and knows them again. */
export class CredentialStore {
  readonly #byKeyId = new Map<string, TemporaryCredentials>();
  readonly #current = new Map<string, TemporaryCredentials>();

  /** The present credentials of an instance in a role. */
  issue(instanceId: string, roleName: string): TemporaryCredentials {
    const known = this.#current.get(instanceId);
    const now = Date.now();
    if (known !== undefined && known.roleName === roleName && known.expiresAt - OVERLAP_MS > now) return known;
    const credentials: TemporaryCredentials = {
      keyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secret: randomBytes(30).toString("base64"),
      token: randomBytes(96).toString("base64"),
      roleName,
      instanceId,
      issuedAt: now,
      expiresAt: now + LIFETIME_MS,
    };
    this.#current.set(instanceId, credentials);
    this.#byKeyId.set(credentials.keyId, credentials);
    return credentials;
  }

  /** The credentials with this key, be they over or not. */
  find(keyId: string): TemporaryCredentials | undefined {
    return this.#byKeyId.get(keyId);
  }
}
