import { randomBytes } from "node:crypto";

/** A token of a managed identity, for a while and for one service. */
export interface AccessToken {
  readonly value: string;
  /** The identity's application, and the object that policies name it by. */
  readonly clientId: string;
  readonly principalId: string;
  /** What it is good for, such as `https://vault.azure.net`. */
  readonly resource: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const LIFETIME_MS = 24 * 3_600_000;
/** The service keeps a token, and hands it out until this long before its end. */
const OVERLAP_MS = 12 * 3_600_000;

/** Hands out the tokens of managed identities, and knows them again. */
export class AccessTokens {
  readonly #byValue = new Map<string, AccessToken>();
  readonly #current = new Map<string, AccessToken>();

  /** The present token of an identity for a service. */
  issue({ clientId, principalId }: Pick<AccessToken, "clientId" | "principalId">, resource: string): AccessToken {
    const holder = `${clientId} ${resource}`;
    const known = this.#current.get(holder);
    const now = Date.now();
    if (known !== undefined && known.expiresAt - OVERLAP_MS > now) return known;
    const value = [
      { typ: "JWT", alg: "RS256" },
      { aud: resource, appid: clientId, oid: principalId },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .concat(randomBytes(96).toString("base64url"))
      .join(".");
    const token = { value, clientId, principalId, resource, issuedAt: now, expiresAt: now + LIFETIME_MS };
    this.#current.set(holder, token);
    this.#byValue.set(value, token);
    return token;
  }

  /** The token of a value, be it over or not. */
  find(value: string): AccessToken | undefined {
    return this.#byValue.get(value);
  }
}
