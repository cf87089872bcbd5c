import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkPublicKey, parsePublicKey, renderPublicKey } from "../../components/core/public-key.ts";
import { uint32, wireFields } from "../../components/core/ssh-wire.ts";
import { ECDSA_P256, ED25519_A } from "../support/keys.ts";
import { fingerprintsOf, listKeys, makeKey, run } from "../support/openssh.ts";
import { problemsOf } from "../support/problems.ts";
import { piecesIn } from "../support/secrets.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();

const ed25519 = makeKey(folder, "ed25519");
const p256 = makeKey(folder, "ecdsa", "-b", "256");
const rsa3072 = makeKey(folder, "rsa", "-b", "3072");

/** Forms that need hardware to be made, so only their blobs are. */
const APPLICATION = Buffer.from("ssh:");
const blobOf = (line: string) => Buffer.from(line.split(" ")[1] ?? "", "base64");
const line = (type: string, blob: Buffer) => `${type} ${blob.toString("base64")}`;
const skEd25519 = line(
  "sk-ssh-ed25519@openssh.com",
  wireFields("sk-ssh-ed25519@openssh.com", blobOf(ed25519.publicKey).subarray(-32), APPLICATION),
);
const skEcdsa = line(
  "sk-ecdsa-sha2-nistp256@openssh.com",
  wireFields("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", blobOf(p256.publicKey).subarray(-65), APPLICATION),
);

const accepted: readonly (readonly [what: string, line: string])[] = [
  ["Ed25519", ed25519.publicKey],
  ["ECDSA P-256", p256.publicKey],
  ["ECDSA P-384", makeKey(folder, "ecdsa", "-b", "384").publicKey],
  ["ECDSA P-521", makeKey(folder, "ecdsa", "-b", "521").publicKey],
  ["RSA 3072", rsa3072.publicKey],
  ["hardware-backed Ed25519", skEd25519],
  ["hardware-backed ECDSA", skEcdsa],
];

const ALLOWED = "Ed25519, ECDSA (P-256, P-384, P-521), their hardware-backed forms, or RSA of at least 3072 bits";
const TRUNCATED = "is cut short or damaged; paste the whole line of the .pub file again";
const PRIVATE =
  "is a PRIVATE key; paste the .pub file instead, and replace this key pair: a private key that has left its machine is no longer one";

test.each(accepted)("a real %s key is read, and its fingerprint is the one ssh-keygen prints", (_what, text) => {
  const key = parsePublicKey(text);
  const [type, blob] = text.split(" ");
  expect(key).toEqual({ type, blob, fingerprint: fingerprintsOf(folder, [text])[0] });
  expect(checkPublicKey(text)).toBeUndefined();
});

test("a key is the same whatever stands around it, and its comment is dropped", () => {
  const [type, blob] = ED25519_A.line.split(" ");
  for (const text of [
    `  ${ED25519_A.line}  `,
    `${ED25519_A.line}\n`,
    `${type}\t${blob}\tme@here`,
    `${ED25519_A.line} "quoted" $(id) comment`,
  ])
    expect(parsePublicKey(text)).toEqual({ type, blob, fingerprint: ED25519_A.fingerprint });
});

test("a key is written as in a .pub file", () => {
  const key = parsePublicKey(ECDSA_P256.line);
  expect(renderPublicKey(key)).toBe(ECDSA_P256.line);
  expect(renderPublicKey(key, "dc1")).toBe(`${ECDSA_P256.line} dc1`);
});

const puttyKey = [
  "PuTTY-User-Key-File-3: ssh-ed25519",
  "Encryption: none",
  "Comment: me",
  "Public-Lines: 2",
  ...(blobOf(ed25519.publicKey)
    .toString("base64")
    .match(/.{1,64}/g) ?? []),
  "Private-Lines: 1",
  "AAAAIJlxWxAqvnTTdkVpcIUjxUnVpBFEzpj4zIcUfKTYXVxz",
  "Private-MAC: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
].join("\n");

const privateKeys: readonly (readonly [format: string, text: string])[] = [
  ["OpenSSH's format", ed25519.privateKey],
  ["OpenSSH's format, encrypted", makeKey(folder, "ed25519", "-N", "a passphrase", "-a", "1").privateKey],
  ["PKCS#1 PEM", makeKey(folder, "rsa", "-b", "1024", "-m", "PEM").privateKey],
  ["PKCS#8 PEM", makeKey(folder, "rsa", "-b", "1024", "-m", "PKCS8").privateKey],
  ["SEC 1 PEM", makeKey(folder, "ecdsa", "-m", "PEM").privateKey],
  ["PEM, encrypted", makeKey(folder, "ecdsa", "-m", "PEM", "-N", "a passphrase").privateKey],
  ["PuTTY's format", puttyKey],
];

test.each(privateKeys)("a private key in %s is refused as one, and no piece of it is repeated", (_format, text) => {
  for (const pasted of [text, text.trim(), text.replaceAll("\n", "\r\n"), text.replaceAll("\n", " "), `${ed25519.publicKey}\n${text}`]) {
    expect(problemsOf(() => parsePublicKey(pasted))).toEqual([{ path: "", reason: PRIVATE }]);
    expect(checkPublicKey(pasted)).toBe(PRIVATE);
  }
});

test.each(privateKeys)("no line and no rest of a private key in %s is accepted or repeated", (_format, text) => {
  const lines = text.trim().split("\n");
  const body = lines.filter((candidate) => !candidate.startsWith("-----"));
  for (const pasted of [...lines, body.join("\n"), body.join(""), `ssh-ed25519 ${body.join("")}`, `ssh-rsa ${body.join("")}`]) {
    const reason = checkPublicKey(pasted);
    // PuTTY's file holds the public key as well, which may be read; everything else is no key.
    expect(reason).toBeTypeOf("string");
    expect(piecesIn(reason ?? "", text)).toEqual([]);
  }
});

test("a private key in OpenSSH's format is told from its first line alone, without the header", () => {
  expect(checkPublicKey(ed25519.privateKey.split("\n")[1] ?? "")).toBe(PRIVATE);
  expect(checkPublicKey(ed25519.privateKey.split("\n").slice(1, -2).join(""))).toBe(PRIVATE);
});

test.each([1024, 2048])("an RSA key of %d bits is refused, with a way to a better one", (bits) => {
  const { publicKey } = makeKey(folder, "rsa", "-b", `${bits}`);
  const reason = `is an RSA key of ${bits} bits; at least 3072 are needed. Make a new one with: ssh-keygen -t ed25519`;
  expect(problemsOf(() => parsePublicKey(publicKey))).toEqual([{ path: "", reason }]);
});

test("an RSA key is measured by its number, not by the bytes it is written in", () => {
  const rsa = (modulus: Buffer) => line("ssh-rsa", wireFields("ssh-rsa", Buffer.of(1, 0, 1), modulus));
  const odd = (bytes: number, first: number) => Buffer.concat([Buffer.of(first), Buffer.alloc(bytes - 2, 0xa5), Buffer.of(1)]);
  expect(checkPublicKey(rsa(odd(384, 0x7f)))).toBe(
    "is an RSA key of 3071 bits; at least 3072 are needed. Make a new one with: ssh-keygen -t ed25519",
  );
  expect(checkPublicKey(rsa(Buffer.concat([Buffer.of(0), odd(384, 0x80)])))).toBeUndefined();
  expect(checkPublicKey(rsa(Buffer.concat([Buffer.of(0), odd(2048, 0x80)])))).toBeUndefined();
  expect(checkPublicKey(rsa(odd(2049, 0x01)))).toBe("is an RSA key of 16385 bits; OpenSSH takes at most 16384");
});

test("a DSA key is refused, whatever is behind its name", () => {
  const fields = [Buffer.alloc(128, 0x55), Buffer.alloc(20, 0x55), Buffer.alloc(128, 0x55), Buffer.alloc(128, 0x55)];
  const reason = `is a DSA key, which OpenSSH no longer accepts; allowed is ${ALLOWED}`;
  expect(problemsOf(() => parsePublicKey(`${line("ssh-dss", wireFields("ssh-dss", ...fields))} me`))).toEqual([{ path: "", reason }]);
  expect(checkPublicKey("ssh-dsa AAAA")).toBe(reason);
});

test("a certificate is refused: it brings rights of its own", () => {
  run("ssh-keygen", ["-q", "-s", p256.path, "-I", "id", "-n", "tunnel", `${ed25519.path}.pub`]);
  const certificate = run("cat", [`${ed25519.path}-cert.pub`]);
  expect(certificate).toMatch(/^ssh-ed25519-cert-v01@openssh\.com /);
  const reason =
    "is an OpenSSH certificate; paste the plain public key (the .pub file that was signed): a certificate brings rights and an expiry of its own";
  expect(problemsOf(() => parsePublicKey(certificate))).toEqual([{ path: "", reason }]);
  // Under a plain name it would pass for a key.
  expect(checkPublicKey(certificate.replace("-cert-v01@openssh.com", ""))).toBe(TRUNCATED);
});

test.each(["restrict", 'command="/bin/sh"', 'from="10.0.0.0/8",permitlisten="15000"', 'environment="A=b c"', "cert-authority"])(
  "a line that brings options of its own is refused: %s",
  (options) => {
    expect(checkPublicKey(`${options} ${ed25519.publicKey}`)).toBe(
      'begins with options; paste the key alone ("ssh-ed25519 AAAA…"): the bastion writes the options itself',
    );
  },
);

test.each([
  ["SSH2", ["-e", "-m", "RFC4716"], "is in the SSH2 (RFC 4716) format; convert it with: ssh-keygen -i -f FILE"],
  ["PEM (PKCS#8)", ["-e", "-m", "PKCS8"], "is in a PEM format; convert it with: ssh-keygen -i -m PKCS8 -f FILE"],
  ["PEM (PKCS#1)", ["-e", "-m", "PEM"], "is in a PEM format; convert it with: ssh-keygen -i -m PEM -f FILE"],
])("a public key in the form %s is refused, with a conversion that works", (form, convert, reason) => {
  const file = `${folder}/converted`;
  const text = run("ssh-keygen", [...convert, "-f", rsa3072.path]);
  expect(problemsOf(() => parsePublicKey(text))).toEqual([{ path: "", reason }]);

  // What the message tells to type brings back the key.
  writeFileSync(file, text);
  const command = reason.split(": ")[1]?.replace("FILE", file).split(" ").slice(1) ?? [];
  expect(parsePublicKey(run("ssh-keygen", command)), form).toEqual(parsePublicKey(rsa3072.publicKey));
});

test("two keys in one entry are refused, also with an empty line between them", () => {
  for (const separator of ["\n", "\r\n", "\r", "\n\n"])
    expect(checkPublicKey(`${ed25519.publicKey}${separator}${p256.publicKey}`)).toBe("has more than one line; give one key per entry");
});

test.each(["", "  ", "\n"])("an empty text (%j) is refused", (text) => {
  expect(checkPublicKey(text)).toBe("is empty; paste the line of the customer's .pub file");
});

test.each([
  ["AAAAC3NzaC1lZDI1NTE5AAAAIK5x", '"AAAAC3NzaC1l"'],
  ["ssh-ed25519x AAAA", '"ssh-ed25519x"'],
  ["ssh-ed448 AAAA", '"ssh-ed448 AA"'],
  ["SSH-ED25519 AAAA", '"SSH-ED25519 "'],
  ["constructor AAAA", '"constructor "'],
  ["__proto__ AAAA", '"__proto__ AA"'],
  ["/home/me/.ssh/id_ed25519.pub", '"/home/me/.ss"'],
  ["\u001b[2J", '"\\u001b[2J"'],
])("%j begins with no key type", (text, start) => {
  expect(checkPublicKey(text)).toBe(`does not begin with a key type that is accepted (it begins with ${start}); allowed is ${ALLOWED}`);
});

test.each(accepted)("a %s key that is cut short is refused, wherever it was cut", (_what, text) => {
  const [type = "", blob = ""] = text.split(" ");
  for (let length = 0; length < blob.length; length += 1)
    expect(checkPublicKey(`${type} ${blob.slice(0, length)}`), `${length}`).toBe(TRUNCATED);
});

test.each(accepted)("a %s key with something behind it, or under another type's name, is refused", (_what, text) => {
  const [type = "", blob = ""] = text.split(" ");
  const bytes = Buffer.from(blob, "base64");
  for (const damaged of [
    Buffer.concat([bytes, Buffer.of(0)]),
    Buffer.concat([bytes, wireFields("x")]),
    Buffer.concat([uint32(2 ** 32 - 1), bytes]),
  ])
    expect(checkPublicKey(line(type, damaged))).toBe(TRUNCATED);
  for (const [, other] of accepted.filter(([, candidate]) => !candidate.startsWith(`${type} `)))
    expect(checkPublicKey(`${other.split(" ")[0]} ${blob}`)).toBe(TRUNCATED);
});

test("base64 that is not spelled exactly as it is written by everybody is refused: one key must have one text", () => {
  const [type = "", blob = ""] = p256.publicKey.split(" ");
  const urlSafe = blob.replaceAll("+", "-").replaceAll("/", "_");
  const otherLastBits = `${blob.slice(0, -2)}${String.fromCharCode(blob.charCodeAt(blob.length - 2) + 1)}=`;
  for (const text of [blob.replace(/=+$/, ""), `${blob}=`, `${blob.slice(0, 20)}.${blob.slice(20)}`, otherLastBits, `"${blob}"`])
    expect(checkPublicKey(`${type} ${text}`)).toBe(TRUNCATED);
  if (urlSafe !== blob) expect(checkPublicKey(`${type} ${urlSafe}`)).toBe(TRUNCATED);
});

test("an ECDSA point in its compressed form is refused", () => {
  const point = blobOf(p256.publicKey).subarray(-65);
  const compressed = Buffer.concat([Buffer.of(2), point.subarray(1, 33)]);
  expect(checkPublicKey(line("ecdsa-sha2-nistp256", wireFields("ecdsa-sha2-nistp256", "nistp256", compressed)))).toBe(TRUNCATED);
});

test("an ECDSA point that is not on its curve is refused: sshd would drop the line", () => {
  for (const text of [p256.publicKey, skEcdsa]) {
    const bytes = blobOf(text);
    const at = text === skEcdsa ? bytes.length - 4 - APPLICATION.length - 1 : bytes.length - 1;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    expect(checkPublicKey(line(text.split(" ")[0] ?? "", bytes))).toBe(TRUNCATED);
  }
});

test("an RSA number that reads as negative is refused: sshd would drop the line", () => {
  const modulus = blobOf(rsa3072.publicKey).subarray(-384);
  expect(checkPublicKey(line("ssh-rsa", wireFields("ssh-rsa", Buffer.of(1, 0, 1), modulus)))).toBe(TRUNCATED);
  expect(checkPublicKey(line("ssh-rsa", wireFields("ssh-rsa", Buffer.of(0x81, 0, 1), Buffer.concat([Buffer.of(0), modulus]))))).toBe(
    TRUNCATED,
  );
});

test("an RSA number with a zero too many is refused: it would be a second text, and a second fingerprint, of one key", () => {
  const modulus = blobOf(rsa3072.publicKey).subarray(-385);
  const rsa = (exponent: Buffer, number: Buffer) => checkPublicKey(line("ssh-rsa", wireFields("ssh-rsa", exponent, number)));
  expect(rsa(Buffer.of(1, 0, 1), modulus)).toBeUndefined();
  expect(rsa(Buffer.of(0, 1, 0, 1), modulus)).toBe(TRUNCATED);
  expect(rsa(Buffer.of(1, 0, 1), Buffer.concat([Buffer.of(0), modulus]))).toBe(TRUNCATED);
});

test("an RSA exponent that is none, or with which anybody could sign, is refused", () => {
  const modulus = blobOf(rsa3072.publicKey).subarray(-385);
  for (const exponent of [Buffer.alloc(0), Buffer.of(0), Buffer.of(1), Buffer.of(2), Buffer.of(1, 0, 0)])
    expect(checkPublicKey(line("ssh-rsa", wireFields("ssh-rsa", exponent, modulus))), exponent.toString("hex")).toBe(TRUNCATED);
});

test("a hardware-backed key whose application has a NUL in it is refused: sshd would drop the line", () => {
  const point = blobOf(ed25519.publicKey).subarray(-32);
  const withApplication = (application: Buffer) =>
    checkPublicKey(line("sk-ssh-ed25519@openssh.com", wireFields("sk-ssh-ed25519@openssh.com", point, application)));
  expect(withApplication(Buffer.from("ssh:acme"))).toBeUndefined();
  expect(withApplication(Buffer.from("ss\0:"))).toBe(TRUNCATED);
});

test("whatever happens to a key on its way is refused, or is still a key to ssh-keygen", () => {
  type Damage = (bytes: Buffer) => Buffer;
  const place = fc.nat({ max: 9999 }).map((n) => n / 10_000);
  const damage: fc.Arbitrary<Damage> = fc.oneof(
    // A byte or bit changed, a piece cut out, doubled or put in; a field's length changed.
    fc.tuple(place, fc.nat({ max: 255 })).map(
      ([at, value]): Damage =>
        (bytes) => {
          const copy = Buffer.from(bytes);
          copy[Math.floor(at * copy.length)] = value;
          return copy;
        },
    ),
    fc.tuple(place, fc.nat({ max: 7 })).map(
      ([at, bit]): Damage =>
        (bytes) => {
          const copy = Buffer.from(bytes);
          const index = Math.floor(at * copy.length);
          copy[index] = (copy[index] ?? 0) ^ (1 << bit);
          return copy;
        },
    ),
    place.map(
      (at): Damage =>
        (bytes) =>
          bytes.subarray(0, Math.floor(at * bytes.length)),
    ),
    fc.tuple(place, fc.integer({ min: 1, max: 8 })).map(
      ([at, length]): Damage =>
        (bytes) => {
          const start = Math.floor(at * bytes.length);
          return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
        },
    ),
    fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
      ([at, more]): Damage =>
        (bytes) => {
          const start = Math.floor(at * bytes.length);
          return Buffer.concat([bytes.subarray(0, start), more, bytes.subarray(start)]);
        },
    ),
  );
  const damagedLine = fc
    .tuple(fc.constantFrom(...accepted.map(([, text]) => text)), fc.array(damage, { minLength: 1, maxLength: 2 }))
    .map(([text, damages]) =>
      line(
        text.split(" ")[0] ?? "",
        damages.reduce<Buffer>((bytes, apply) => apply(bytes), blobOf(text)),
      ),
    );

  const seed = Date.now() | 0;
  const candidates = [...new Set(fc.sample(damagedLine, { numRuns: 4000, seed }))];
  const taken = candidates.filter((candidate) => checkPublicKey(candidate) === undefined);
  const known = new Set(fingerprintsOf(folder, taken));
  expect(taken.length).toBeGreaterThan(200);
  const unknown = taken.filter((candidate) => !known.has(parsePublicKey(candidate).fingerprint));
  expect(unknown.slice(0, 3), `${unknown.length} of ${taken.length}, seed ${seed}`).toEqual([]);
  // The type is ssh-keygen's as well, and no RSA key is weaker than it seemed.
  expect(listKeys(folder, taken).filter((listed) => / \(RSA\)$/.test(listed) && Number.parseInt(listed, 10) < 3072)).toEqual([]);
}, 60_000);
