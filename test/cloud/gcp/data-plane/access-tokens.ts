import { randomBytes } from "node:crypto";

/** A token of a service account, for a while. */
export interface AccessToken {
  readonly value: string;
  readonly email: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

const LIFETIME_MS = 3_600_000;
/** A new one is handed out this long before the present one ends. */
const OVERLAP_MS = 5 * 60_000;

/** Hands out the tokens of service accounts, and knows them again. */
export class AccessTokens {
  readonly #byValue = new Map<string, AccessToken>();
  readonly #current = new Map<string, AccessToken>();

  /** The present token of an instance's service account. */
  issue(instanceId: string, email: string, scopes: readonly string[]): AccessToken {
    const holder = [instanceId, email, ...scopes].join(" ");
    const known = this.#current.get(holder);
    if (known !== undefined && known.expiresAt - OVERLAP_MS > Date.now()) return known;
    const token = { value: `ya29.c.${randomBytes(96).toString("base64url")}`, email, scopes, expiresAt: Date.now() + LIFETIME_MS };
    this.#current.set(holder, token);
    this.#byValue.set(token.value, token);
    return token;
  }

  /** The token of a value, while it is good. */
  find(value: string): AccessToken | undefined {
    const token = this.#byValue.get(value);
    return token !== undefined && token.expiresAt > Date.now() ? token : undefined;
  }
}
