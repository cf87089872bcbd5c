import { createHash, createPublicKey } from "node:crypto";
import { InvalidInputError, looksLikePrivateKey, quoteForMessage } from "./problem.ts";
import { mpint, WireReader } from "./ssh-wire.ts";

/** A public key that a client, a consumer or a host may have. */
export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, … */
  readonly type: string;
  /** The key itself, base64, as it stands in an `authorized_keys` line. */
  readonly blob: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** RSA keys below this are refused (NIST SP 800-57: 3072 bits match 128 bits of security). */
export const MINIMUM_RSA_BITS = 3072;
const MAXIMUM_RSA_BITS = 16384;

/** Checks what follows the type in a key's blob; gives the reason for a refusal. */
type BlobCheck = (fields: WireReader) => string | undefined;

const KEY_TYPES: Readonly<Record<string, BlobCheck>> = {
  "ssh-ed25519": checkEd25519,
  "ecdsa-sha2-nistp256": (fields) => checkEcdsa(fields, "nistp256", 65),
  "ecdsa-sha2-nistp384": (fields) => checkEcdsa(fields, "nistp384", 97),
  "ecdsa-sha2-nistp521": (fields) => checkEcdsa(fields, "nistp521", 133),
  "sk-ssh-ed25519@openssh.com": (fields) => checkEd25519(fields) ?? checkApplication(fields),
  "sk-ecdsa-sha2-nistp256@openssh.com": (fields) => checkEcdsa(fields, "nistp256", 65) ?? checkApplication(fields),
  "ssh-rsa": checkRsa,
};

const ALLOWED = "Ed25519, ECDSA (P-256, P-384, P-521), their hardware-backed forms, or RSA of at least 3072 bits";
const TRUNCATED = "is cut short or damaged; paste the whole line of the .pub file again";

/**
 * Reads one line of a `.pub` file: type, base64, and an optional comment, which is dropped (the bastion writes
 * the client's name in its place).
 *
 * Refuses, each with its remedy: private keys, certificates, DSA, RSA below 3072 bits, damaged keys, other file
 * formats, and lines that bring `authorized_keys` options of their own. The message never repeats the input.
 *
 * @throws InvalidInputError with an empty path.
 */
export function parsePublicKey(text: string): PublicKey {
  const reason = checkForm(text.trim());
  if (typeof reason === "string") throw new InvalidInputError([{ path: "", reason }]);
  return reason;
}

/** Why a text is not an acceptable public key, or `undefined` if it is one. */
export function checkPublicKey(text: string): string | undefined {
  const result = checkForm(text.trim());
  return typeof result === "string" ? result : undefined;
}

/** Renders a key as in a `.pub` file. */
export function renderPublicKey({ type, blob }: PublicKey, comment?: string): string {
  return comment === undefined ? `${type} ${blob}` : `${type} ${blob} ${comment}`;
}

/** Takes a key from its blob, which has been checked or made here. */
export function publicKeyFromBlob(type: string, bytes: Buffer): PublicKey {
  const digest = createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "");
  return { type, blob: bytes.toString("base64"), fingerprint: `SHA256:${digest}` };
}

/** Size of an RSA key in bits; of another key, `undefined`. */
export function rsaBitsOf({ type, blob }: PublicKey): number | undefined {
  if (type !== "ssh-rsa") return undefined;
  const fields = new WireReader(Buffer.from(blob, "base64"));
  const [, , modulus] = [fields.next(), fields.next(), fields.next()];
  return modulus === undefined ? undefined : bitLength(modulus);
}

function bitLength(number: Buffer): number {
  return BigInt(`0x0${number.toString("hex")}`).toString(2).length;
}

function checkForm(text: string): PublicKey | string {
  if (text === "") return "is empty; paste the line of the customer's .pub file";
  if (looksLikePrivateKey(text))
    return "is a PRIVATE key; paste the .pub file instead, and replace this key pair: a private key that has left its machine is no longer one";
  if (/^---- BEGIN SSH2/.test(text)) return "is in the SSH2 (RFC 4716) format; convert it with: ssh-keygen -i -f FILE";
  if (/^-----BEGIN RSA PUBLIC KEY/.test(text)) return "is in a PEM format; convert it with: ssh-keygen -i -m PEM -f FILE";
  if (/^-----BEGIN/.test(text)) return "is in a PEM format; convert it with: ssh-keygen -i -m PKCS8 -f FILE";
  if (/[\r\n]/.test(text)) return "has more than one line; give one key per entry";

  const [type = "", blob = ""] = text.split(/\s+/);
  if (type.endsWith("-cert-v01@openssh.com"))
    return "is an OpenSSH certificate; paste the plain public key (the .pub file that was signed): a certificate brings rights and an expiry of its own";
  if (type === "ssh-dss" || type === "ssh-dsa") return `is a DSA key, which OpenSSH no longer accepts; allowed is ${ALLOWED}`;
  const check = Object.hasOwn(KEY_TYPES, type) ? KEY_TYPES[type] : undefined;
  if (check === undefined) {
    if (/\s(?:ssh|ecdsa|sk)-\S+\s+AAAA/.test(text))
      return 'begins with options; paste the key alone ("ssh-ed25519 AAAA…"): the bastion writes the options itself';
    return `does not begin with a key type that is accepted (it begins with ${quoteForMessage(text.slice(0, 12))}); allowed is ${ALLOWED}`;
  }

  const bytes = Buffer.from(blob, "base64");
  if (bytes.toString("base64") !== blob) return TRUNCATED;
  const fields = new WireReader(bytes);
  if (fields.next()?.toString("latin1") !== type) return TRUNCATED;
  return check(fields) ?? (fields.isAtEnd ? publicKeyFromBlob(type, bytes) : TRUNCATED);
}

function checkEd25519(fields: WireReader): string | undefined {
  return fields.next()?.length === 32 ? undefined : TRUNCATED;
}

function checkEcdsa(fields: WireReader, curve: string, pointLength: number): string | undefined {
  const name = fields.next()?.toString("latin1");
  const point = fields.next();
  return name === curve && point?.length === pointLength && point[0] === 4 && isOnCurve(curve, point) ? undefined : TRUNCATED;
}

/** sshd drops the line of a key whose point is not on its curve, without a word. */
function isOnCurve(curve: string, point: Buffer): boolean {
  const half = (point.length - 1) / 2;
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)].map((number) => number.toString("base64url"));
  try {
    createPublicKey({ key: { kty: "EC", crv: curve.replace("nistp", "P-"), x: x ?? "", y: y ?? "" }, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function checkApplication(fields: WireReader): string | undefined {
  return fields.next()?.includes(0) === false ? undefined : TRUNCATED;
}

function checkRsa(fields: WireReader): string | undefined {
  const exponent = fields.next();
  const modulus = fields.next();
  if (exponent === undefined || modulus === undefined || !isPositive(exponent) || !isPositive(modulus)) return TRUNCATED;
  // With 1 anybody could sign, and no RSA key has an even one.
  if ((exponent.at(-1) ?? 0) % 2 === 0 || exponent.equals(Buffer.of(1))) return TRUNCATED;
  const bits = bitLength(modulus);
  if (bits < MINIMUM_RSA_BITS)
    return `is an RSA key of ${bits} bits; at least ${MINIMUM_RSA_BITS} are needed. Make a new one with: ssh-keygen -t ed25519`;
  if (bits > MAXIMUM_RSA_BITS) return `is an RSA key of ${bits} bits; OpenSSH takes at most ${MAXIMUM_RSA_BITS}`;
  return undefined;
}

/** A positive `mpint` in its one spelling (RFC 4251 §5): with its top bit set it is negative, with zeros too many a second text of the key. */
function isPositive(number: Buffer): boolean {
  return number.length > 0 && (number.readUInt8(0) & 0x80) === 0 && mpint(number).equals(number);
}
