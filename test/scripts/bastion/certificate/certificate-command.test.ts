import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePublicKey } from "../../../../components/core/public-key.ts";
import { renderSignedCertificate } from "../../../../scripts/bastion/certificate/print-certificate.ts";
import { readAuthority, signCertificate } from "../../../../scripts/bastion/certificate/sign-certificate.ts";
import { parseValidFor, renderValidity } from "../../../../scripts/bastion/certificate/validity.ts";
import { certificateFileOf, refuseOtherFile, writeCertificate } from "../../../../scripts/bastion/certificate/write-certificate.ts";
import { createProgram } from "../../../../scripts/bastion/program.ts";
import { plain } from "../../../../scripts/bastion/terminal.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const at = (file: string) => join(folder, file);
const keygen = (...args: readonly string[]) => execFileSync("ssh-keygen", args, { encoding: "utf8", env: { ...process.env, TZ: "UTC" } });
keygen("-q", "-N", "", "-C", "key", "-t", "ed25519", "-f", at("key"));
keygen("-q", "-N", "", "-C", "rsa", "-t", "rsa", "-b", "3072", "-f", at("rsa"));
writeFileSync(at("taken"), "");

/** Types a command that ends before any stack is asked: the folder is no project. */
async function type(...args: readonly string[]): Promise<unknown> {
  const program = createProgram({ folder, print: () => {}, emphasize: plain, interruption: signal });
  for (const command of program.commands) command.configureOutput({ writeErr: () => {} });
  return program.parseAsync(["certificate", ...args], { from: "user" }).catch((error: unknown) => error);
}

const OF_DC1 = ["--client", "dc1", "--ca", "rsa", "--public-key"];

test.each([
  { args: ["--ca", "rsa", "--public-key", "key.pub"], exitCode: 2, said: /^name one: --client NAME or --consumer NAME$/ },
  { args: [...OF_DC1, "key.pub", "--consumer", "flow"], exitCode: 2, said: /^name one/ },
  {
    args: [...OF_DC1, "key.pub", "--valid-for", "soon"],
    exitCode: 2,
    said: /^--valid-for: got "soon"; expected a time such as 90m, 8h or 1d/,
  },
  { args: [...OF_DC1, "key.pub", "--serial", "-1"], exitCode: 2, said: /^--serial: got "-1"; expected a whole number of at most 64 bits$/ },
  { args: [...OF_DC1, "key.pub", "--serial", "18446744073709551616"], exitCode: 2, said: /^--serial/ },
  { args: [...OF_DC1, "none.pub"], exitCode: 3, said: /^there is no file .*none\.pub, which is to have the public key$/ },
  { args: [...OF_DC1, "key"], exitCode: 1, said: /\/key is a PRIVATE key; paste the \.pub file instead/ },
  { args: [...OF_DC1, "key.pub", "--out", "taken"], exitCode: 1, said: /taken is there already/ },
  { args: [...OF_DC1, "key.pub", "--out", "taken/x"], exitCode: 1, said: /taken is no folder; name another file with --out$/ },
  { args: [...OF_DC1, "key.pub"], exitCode: 3, said: /^there is no Pulumi\.yaml/ },
  { args: ["--client", "dc1", "--ca", "rsa"], exitCode: 1, said: /required option '--public-key <file>' not specified/ },
])("bastion certificate $args is refused", async ({ args, exitCode, said }) => {
  expect(await type(...args)).toMatchObject({ exitCode, message: expect.stringMatching(said) });
});

test.each([
  ["8h", "20261122165500:20261123010000"],
  ["90m", "20261122165500:20261122183000"],
  ["1d12h30s", "20261122165500:20261124050030"],
  ["1s", "20261122165500:20261122170001"],
  ["3650d", "20261122165500:20361119170000"],
])("valid for %s is from five minutes before", (text, expected) => {
  expect(renderValidity(parseValidFor(text, Date.UTC(2026, 10, 22, 17, 0, 0, 999)))).toBe(expected);
});

test.each(["", "8", "h", "0h", "-1h", "8 h", "8H", "3651d", "999999999w", "1h;id"])("valid for %j is none", (text) => {
  expect(() => parseValidFor(text, 0)).toThrow("--valid-for: got ");
});

test("a certificate allows forwards for its principals, and nothing else; RSA signs with SHA-2", async () => {
  const authority = await readAuthority(at("rsa"), signal);
  expect(authority).toEqual({ fingerprint: keygen("-l", "-f", at("rsa.pub")).split(" ")[1], isRsa: true });
  expect(await readAuthority(at("key.pub"), signal)).toMatchObject({ isRsa: false });
  const publicKey = parsePublicKey(readFileSync(at("key.pub"), "utf8"));
  const validity = { from: Date.UTC(2026, 10, 22, 17), until: Date.UTC(2026, 10, 22, 18) };
  const request = { publicKey, keyId: "acme/dc1/7", serial: 2n ** 64n - 1n, principals: ["dc1", "site"], validity };
  const certificate = await signCertificate(at("rsa"), authority, request, signal);
  writeFileSync(at("x-cert.pub"), certificate);
  const [, ...lines] = keygen("-L", "-f", at("x-cert.pub"))
    .split("\n")
    .map((line) => line.trim());
  expect(lines).toEqual([
    "Type: ssh-ed25519-cert-v01@openssh.com user certificate",
    `Public key: ED25519-CERT ${publicKey.fingerprint}`,
    `Signing CA: RSA ${authority.fingerprint} (using rsa-sha2-512)`,
    'Key ID: "acme/dc1/7"',
    "Serial: 18446744073709551615",
    "Valid: from 2026-11-22T17:00:00 to 2026-11-22T18:00:00",
    "Principals:",
    "dc1",
    "site",
    "Critical Options: (none)",
    "Extensions:",
    "permit-port-forwarding",
    "",
  ]);
});

test("what is no authority, or cannot sign, is said with the file", async () => {
  await expect(readAuthority(at("taken"), signal)).rejects.toThrow(/taken is no key of an authority: .*not a public key file/);
  const authority = await readAuthority(at("key.pub"), signal);
  const publicKey = parsePublicKey(readFileSync(at("key.pub"), "utf8"));
  const request = { publicKey, keyId: "x", serial: 1n, principals: ["x"], validity: { from: 0, until: 1000 } };
  const before = process.env.SSH_AUTH_SOCK;
  delete process.env.SSH_AUTH_SOCK;
  await expect(signCertificate(at("key.pub"), authority, request, signal)).rejects.toThrow(/^ssh-keygen did not sign it: .*agent/);
  if (before !== undefined) process.env.SSH_AUTH_SOCK = before;
});

test("an earlier certificate is replaced, and what is none only by force", async () => {
  expect(certificateFileOf("dir/dc1.key.pub")).toBe("dir/dc1.key-cert.pub");
  expect(certificateFileOf("dc1")).toBe("dc1-cert.pub");
  const options = { force: false, interruption: signal };
  await writeCertificate(at("new/c"), "ssh-ed25519-cert-v01@openssh.com AAAA first\n", options);
  await writeCertificate(at("new/c"), "ssh-ed25519-cert-v01@openssh.com AAAA second\n", options);
  expect(readFileSync(at("new/c"), "utf8")).toContain("second");
  await expect(writeCertificate(at("taken"), "x", options)).rejects.toThrow("is there already");
  await writeCertificate(at("taken"), "x", { ...options, force: true });
  expect(readFileSync(at("taken"), "utf8")).toBe("x");
  expect(() => refuseOtherFile(folder, { force: true })).toThrow("is no regular file");
});

test("what was signed, to the letter", () => {
  const signed = {
    stack: "acme",
    role: "client",
    name: "dc1",
    out: "./dc1.key-cert.pub",
    keyId: "acme/dc1/7",
    serial: "7",
    principals: ["dc1", "site"],
    validFrom: "2026-11-22T16:55:00Z",
    validUntil: "2026-11-23T01:00:00Z",
    fingerprint: "SHA256:key",
    authority: "SHA256:ca",
  } as const;
  expect(renderSignedCertificate(signed, plain)).toBe(`Certificate of client dc1 of acme: ./dc1.key-cert.pub
  key id      acme/dc1/7
  principals  dc1, site
  valid       2026-11-22T16:55:00Z until 2026-11-23T01:00:00Z
  key         SHA256:key
  signed by   SHA256:ca

It is no secret. It goes beside the private key as dc1.key-cert.pub, where ssh finds it by itself.
`);
});
