import { type PublicKey, publicKeyFromBlob } from "./public-key.ts";
import { mpint, uint32, wireFields } from "./ssh-wire.ts";

/**
 * The numbers a private key is made of, as a JSON Web Key (RFC 7518, RFC 8037): what `node:crypto` exports.
 * Values are base64url.
 */
export interface PrivateKeyNumbers {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly d?: string;
  readonly n?: string;
  readonly e?: string;
  readonly p?: string;
  readonly q?: string;
  readonly qi?: string;
}

/** The public half of a private key. */
export function publicKeyOf(key: PrivateKeyNumbers): PublicKey {
  const { type, publicFields } = describeKey(key);
  return publicKeyFromBlob(type, wireFields(type, ...publicFields));
}

/**
 * Renders a private key the way `ssh-keygen` writes it (`-----BEGIN OPENSSH PRIVATE KEY-----`, not encrypted):
 * the one form that every OpenSSH reads for every key type. Format: PROTOCOL.key of OpenSSH.
 *
 * @param checkNumber any 32 random bits; they show a reader that a decryption came out right.
 */
export function renderOpenSshPrivateKey(key: PrivateKeyNumbers, comment: string, checkNumber: number): string {
  const { type, publicFields, privateFields } = describeKey(key);
  const secret = Buffer.concat([uint32(checkNumber >>> 0), uint32(checkNumber >>> 0), wireFields(type, ...privateFields, comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1));
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    wireFields("none", "none", ""),
    uint32(1),
    wireFields(wireFields(type, ...publicFields), Buffer.concat([secret, padding])),
  ]);
  const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

interface KeyDescription {
  readonly type: string;
  readonly publicFields: readonly (Buffer | string)[];
  readonly privateFields: readonly (Buffer | string)[];
}

function describeKey(key: PrivateKeyNumbers): KeyDescription {
  const number = (name: keyof PrivateKeyNumbers): Buffer => {
    const value = key[name];
    if (value === undefined) throw new TypeError(`a ${key.kty} private key needs the number "${name}"`);
    return Buffer.from(value, "base64url");
  };
  if (key.kty === "OKP" && key.crv === "Ed25519") {
    const point = number("x");
    return { type: "ssh-ed25519", publicFields: [point], privateFields: [point, Buffer.concat([number("d"), point])] };
  }
  if (key.kty === "EC" && key.crv === "P-256") {
    const point = Buffer.concat([Buffer.of(4), number("x"), number("y")]);
    return {
      type: "ecdsa-sha2-nistp256",
      publicFields: ["nistp256", point],
      privateFields: ["nistp256", point, mpint(number("d"))],
    };
  }
  if (key.kty === "RSA") {
    const [n, e, d, p, q, qi] = (["n", "e", "d", "p", "q", "qi"] as const).map((name) => mpint(number(name)));
    return {
      type: "ssh-rsa",
      publicFields: [e ?? "", n ?? ""],
      privateFields: [n ?? "", e ?? "", d ?? "", qi ?? "", p ?? "", q ?? ""],
    };
  }
  throw new TypeError(`no OpenSSH form for a key of type ${key.kty} ${key.crv ?? ""}`);
}
