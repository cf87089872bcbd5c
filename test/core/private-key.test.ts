import { createECDH, createPublicKey, generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PrivateKeyNumbers, publicKeyOf, renderOpenSshPrivateKey } from "../../components/core/private-key.ts";
import { parsePublicKey, renderPublicKey } from "../../components/core/public-key.ts";
import { fingerprintsOf, run } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();

const numbersOf = (type: "ed25519" | "rsa") =>
  (type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 3072 }) : generateKeyPairSync("ed25519")).privateKey.export({
    format: "jwk",
  }) as PrivateKeyNumbers;

/** The P-256 key whose secret number is this one. */
function ecNumbers(secret: Buffer): PrivateKeyNumbers {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const text = (bytes: Buffer) => bytes.toString("base64url");
  return { kty: "EC", crv: "P-256", x: text(point.subarray(1, 33)), y: text(point.subarray(33)), d: text(secret) };
}

/** Reads a key back with the real ssh-keygen: the public half, with the comment. */
function readBack(privateKey: string): string {
  const file = join(folder, "key");
  writeFileSync(file, privateKey, { mode: 0o600 });
  return run("ssh-keygen", ["-y", "-P", "", "-f", file]).trim();
}

/** A key file taken apart, by PROTOCOL.key of OpenSSH and by nothing of ours. */
function takeApart(text: string) {
  const lines = text.split("\n");
  const bytes = Buffer.from(lines.slice(1, -2).join(""), "base64");
  let at = 0;
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = () => take(4).readUInt32BE();
  const field = () => take(number());
  const magic = take(15).toString("latin1");
  const [cipher, kdf, kdfOptions] = [field().toString(), field().toString(), field().toString()];
  const count = number();
  const publicBlob = field();
  const privateLength = number();
  const privateStart = at;
  const checks = [number(), number()];
  const type = field().toString();
  const fieldCount = { "ssh-ed25519": 2, "ecdsa-sha2-nistp256": 3, "ssh-rsa": 6 }[type] ?? 0;
  const fields = Array.from({ length: fieldCount }, field);
  const comment = field().toString();
  const padding = [...bytes.subarray(at)];
  return {
    lines,
    magic,
    cipher,
    kdf,
    kdfOptions,
    count,
    publicBlob,
    privateLength,
    privateStart,
    checks,
    type,
    fields,
    comment,
    padding,
    bytes,
  };
}

/** Secret numbers of P-256 with every shape at the top: the sign bit set, whole bytes of zeros, and both together. */
const secret = fc
  .tuple(fc.nat({ max: 31 }), fc.constantFrom(0x01, 0x7f, 0x80, 0x81, 0xfe, 0xff), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([zeros, first, rest]) => Buffer.concat([Buffer.alloc(zeros), Buffer.of(first), rest]).subarray(0, 32))
  // The order of the group begins with ffffffff00000000.
  .map((bytes) => (bytes.subarray(0, 4).equals(Buffer.alloc(4, 0xff)) ? Buffer.concat([Buffer.of(0x80), bytes.subarray(1)]) : bytes));

test("an ECDSA key of any secret number is written as PROTOCOL.key says, and its number as an mpint", () => {
  fc.assert(
    fc.property(secret, fc.string({ unit: "grapheme-ascii", maxLength: 20 }), fc.nat({ max: 2 ** 31 - 1 }), (number, comment, check) => {
      const key = ecNumbers(number);
      const parts = takeApart(renderOpenSshPrivateKey(key, comment, check));
      const publicKey = publicKeyOf(key);
      const point = Buffer.concat([Buffer.of(4), Buffer.from(key.x ?? "", "base64url"), Buffer.from(key.y ?? "", "base64url")]);
      expect(parts).toMatchObject({ magic: "openssh-key-v1\0", cipher: "none", kdf: "none", kdfOptions: "", count: 1 });
      expect(parts).toMatchObject({ type: "ecdsa-sha2-nistp256", comment, checks: [check, check] });
      expect(parts.publicBlob.toString("base64")).toBe(publicKey.blob);

      const [curve, writtenPoint, scalar = Buffer.alloc(0)] = parts.fields;
      expect(curve?.toString()).toBe("nistp256");
      expect(writtenPoint?.equals(point)).toBe(true);
      expect(BigInt(`0x0${scalar.toString("hex")}`)).toBe(BigInt(`0x${number.toString("hex")}`));
      expect(scalar.readUInt8(0) & 0x80, "not negative").toBe(0);
      expect(scalar.readUInt8(0) === 0 && (scalar.readUInt8(1) & 0x80) === 0, "no zero too many").toBe(false);

      expect(parts.privateStart + parts.privateLength).toBe(parts.bytes.length);
      expect(parts.privateLength % 8).toBe(0);
      expect(parts.padding).toEqual([1, 2, 3, 4, 5, 6, 7].slice(0, parts.padding.length));
    }),
    { numRuns: 400 },
  );
});

test("real ssh-keygen reads ECDSA keys with awkward secret numbers", () => {
  // No shorter than half of the curve's bits: OpenSSH refuses such numbers, and no generator makes them.
  const firstBytes = ["01", "7f", "80", "81", "fe", "0001", "007f", "0080", "00000080", "00000000000000000000007f"];
  const numbers = firstBytes.map((hex) => Buffer.from(hex.padEnd(64, "5a"), "hex"));
  for (const number of numbers) {
    const key = ecNumbers(number);
    expect(readBack(renderOpenSshPrivateKey(key, "dc1", 1)), number.toString("hex")).toBe(renderPublicKey(publicKeyOf(key), "dc1"));
  }
});

test("real ssh-keygen reads Ed25519 keys", () => {
  for (let round = 0; round < 3; round += 1) {
    const key = numbersOf("ed25519");
    expect(readBack(renderOpenSshPrivateKey(key, "a comment of words", 2 ** 32 - 1))).toBe(
      renderPublicKey(publicKeyOf(key), "a comment of words"),
    );
  }
});

test("real ssh-keygen reads an RSA key, and an empty comment", () => {
  const key = numbersOf("rsa");
  expect(readBack(renderOpenSshPrivateKey(key, "", 0))).toBe(renderPublicKey(publicKeyOf(key)));
});

test("every length of comment is padded right: ssh-keygen reads it", () => {
  const key = numbersOf("ed25519");
  for (let length = 0; length < 8; length += 1) {
    const comment = "c".repeat(length);
    expect(readBack(renderOpenSshPrivateKey(key, comment, 7))).toBe(
      `${renderPublicKey(publicKeyOf(key))}${length === 0 ? "" : ` ${comment}`}`,
    );
  }
});

test("the public half is a key that is accepted, with ssh-keygen's fingerprint", () => {
  for (const key of [numbersOf("ed25519"), numbersOf("rsa"), ecNumbers(Buffer.alloc(32, 0x42))]) {
    const publicKey = publicKeyOf(key);
    expect(parsePublicKey(renderPublicKey(publicKey))).toEqual(publicKey);
    expect(fingerprintsOf(folder, [renderPublicKey(publicKey)])).toEqual([publicKey.fingerprint]);
  }
});

test("the RSA numbers stand in OpenSSH's order, and belong together", () => {
  const key = numbersOf("rsa");
  const [n, e, d, inverse, p, q] = takeApart(renderOpenSshPrivateKey(key, "x", 1)).fields.map((field) =>
    BigInt(`0x${field.toString("hex")}`),
  ) as [bigint, bigint, bigint, bigint, bigint, bigint];
  const { n: modulus } = createPublicKey({ key: { kty: "RSA", n: key.n, e: key.e } as never, format: "jwk" }).export({ format: "jwk" });
  expect(n).toBe(BigInt(`0x${Buffer.from(modulus ?? "", "base64url").toString("hex")}`));
  expect(p * q).toBe(n);
  expect((inverse * q) % p).toBe(1n);
  expect((d * e) % (p - 1n)).toBe(1n);
});

test("the file is wrapped at 70 characters between its two lines, and ends with a newline", () => {
  const { lines } = takeApart(renderOpenSshPrivateKey(numbersOf("ed25519"), "dc1", 1));
  expect([lines[0], ...lines.slice(-2)]).toEqual(["-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----", ""]);
  expect(lines.slice(1, -3).map((line) => line.length)).toEqual([70, 70, 70, 70]);
});

test.each([
  [{ kty: "EC", crv: "P-384" }, "no OpenSSH form for a key of type EC P-384"],
  [{ kty: "OKP", crv: "X25519" }, "no OpenSSH form for a key of type OKP X25519"],
  [{ kty: "OKP", crv: "Ed25519", x: "AA" }, 'a OKP private key needs the number "d"'],
])("the numbers %j are no key we can write, and the error says what is wrong without them", (key, message) => {
  expect(() => renderOpenSshPrivateKey(key, "x", 1)).toThrow(new TypeError(message));
});
