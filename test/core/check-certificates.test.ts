import { expect, test } from "vitest";
import type { ClientSpec } from "../../components/core/bastion-spec.ts";
import { checkBastion } from "../../components/core/check-bastion.ts";
import { EXAMPLE } from "../support/bastions.ts";
import { ED25519_A, ED25519_AUTHORITY, ED25519_B, ED25519_C, RSA_3072 } from "../support/keys.ts";

const CA = ED25519_AUTHORITY.line;
/** RSA of 2048 bits: type, exponent and a modulus of that length. */
const RSA_2048 = `ssh-rsa ${Buffer.concat([field(Buffer.from("ssh-rsa")), field(Buffer.of(1, 0, 1)), field(Buffer.alloc(257, 0xc5).fill(0, 0, 1))]).toString("base64")}`;

const check = (clients: readonly ClientSpec[], consumers: readonly ClientSpec[] = []) => checkBastion({ ...EXAMPLE, clients, consumers });
const withClient = (changes: Partial<ClientSpec>) => check([{ name: "dc1", certificateAuthorities: [CA], ...changes }]);

test.each<[string, Partial<ClientSpec>]>([
  ["alone", {}],
  ["beside keys", { publicKeys: [ED25519_A.line] }],
  ["beside a generated key", { generateKey: "ed25519" }],
  ["an old and a new one", { certificateAuthorities: [CA, RSA_3072.line] }],
  ["principals as other systems have them", { certificatePrincipals: ["dc1", "ops@acme.example", "spiffe://acme/dc1", "a_b+c:d"] }],
])("an authority may stand %s", (_what, changes) => {
  expect(withClient(changes)).toEqual([]);
});

test.each<[string, Partial<ClientSpec>, string, string]>([
  [
    "no authority",
    { certificateAuthorities: [] },
    "certificateAuthorities",
    'is empty; name the authorities, or leave "certificateAuthorities" out',
  ],
  [
    "a certificate",
    { certificateAuthorities: ["ssh-ed25519-cert-v01@openssh.com AAAA dc1"] },
    "certificateAuthorities[0]",
    "is an OpenSSH certificate; paste the public key of the authority that signs (the .pub file of what ssh-keygen -s is given)",
  ],
  [
    "a line with options",
    { certificateAuthorities: [`cert-authority ${CA}`] },
    "certificateAuthorities[0]",
    'begins with options; paste the key alone ("ssh-ed25519 AAAA…"): the bastion writes the options itself',
  ],
  [
    "a short RSA key",
    { certificateAuthorities: [RSA_2048] },
    "certificateAuthorities[0]",
    "is an RSA key of 2048 bits; at least 3072 are needed. Make a new one with: ssh-keygen -t ed25519",
  ],
  [
    "one authority twice",
    { certificateAuthorities: [CA, `${CA} again`] },
    "certificateAuthorities[1]",
    "is the same key as certificateAuthorities[0]; name it once",
  ],
  [
    "no principal",
    { certificatePrincipals: [] },
    "certificatePrincipals",
    'is empty; name the principals, or leave "certificatePrincipals" out',
  ],
  ...["a,b", "a b", "*", 'a"b', "", "é"].map((principal): [string, Partial<ClientSpec>, string, string] => [
    `the principal ${JSON.stringify(principal)}`,
    { certificatePrincipals: ["dc1", principal] },
    "certificatePrincipals[1]",
    `got ${JSON.stringify(principal)}; a principal is 1–128 letters, digits and any of "._@:/+-"`,
  ]),
  [
    "principals without an authority",
    { certificateAuthorities: undefined, generateKey: "ed25519", certificatePrincipals: ["dc1"] },
    "certificatePrincipals",
    "goes with certificateAuthorities, and there are none; name one, or leave it out",
  ],
])("%s is refused", (_what, changes, path, reason) => {
  expect(withClient(changes)).toContainEqual({ path: `clients[0].${path}`, reason });
});

test("an empty list of authorities is no way to log in", () => {
  expect(withClient({ certificateAuthorities: [] }).map(({ path }) => path)).toEqual([
    "clients[0].publicKeys",
    "clients[0].certificateAuthorities",
  ]);
});

test("one authority may sign for several peers, as long as no principal is of two", () => {
  const dc1: ClientSpec = { name: "dc1", certificateAuthorities: [CA] };
  expect(check([dc1, { name: "dc2", certificateAuthorities: [CA] }], [{ name: "flow", certificateAuthorities: [CA] }])).toEqual([]);
  const reason = (principal: string, other: string) =>
    `${ED25519_AUTHORITY.fingerprint} signs for the principal "${principal}" of ${other} already; give one of the two another principal in certificatePrincipals`;
  expect(check([dc1, { name: "dc2", certificateAuthorities: [CA], certificatePrincipals: ["x", "dc1"] }], [{ ...dc1 }])).toEqual([
    { path: "clients[1].certificateAuthorities[0]", reason: reason("dc1", "clients[0]") },
    { path: "consumers[0].certificateAuthorities[0]", reason: reason("dc1", "clients[0]") },
  ]);
  // Another authority's principals are other ones.
  expect(check([dc1, { name: "dc2", certificateAuthorities: [RSA_3072.line], certificatePrincipals: ["dc1"] }])).toEqual([]);
});

test("an authority's key is nobody's own, wherever it stands", () => {
  const reason = (owner: string) =>
    `is also the key ${owner} (${ED25519_C.fingerprint}); an authority's key logs nobody in, give one of the two another key`;
  const client: ClientSpec = { name: "dc1", certificateAuthorities: [CA, ED25519_C.line] };
  expect(check([client], [{ name: "flow", publicKeys: [ED25519_B.line, ED25519_C.line] }])).toEqual([
    { path: "clients[0].certificateAuthorities[1]", reason: reason("consumers[0].publicKeys[1]") },
  ]);
  expect(withClient({ certificateAuthorities: [ED25519_C.line], publicKeys: [ED25519_C.line] })).toEqual([
    { path: "clients[0].certificateAuthorities[0]", reason: reason("clients[0].publicKeys[0]") },
  ]);
});

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
