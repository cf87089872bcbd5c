import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkRecipients, encryptForRecipients } from "../../../../scripts/bastion/key/encrypt-for-recipients.ts";
import { encryptWithPassphrase, readPassphrase } from "../../../../scripts/bastion/key/encrypt-with-passphrase.ts";
import { runProgram } from "../../../../scripts/bastion/key/run-program.ts";
import { writePrivateFile } from "../../../../scripts/bastion/private-file.ts";
import { privateKeyOf, privateKeysIn } from "../../../../scripts/bastion/private-keys.ts";
import { ECDSA_P256, ED25519_A } from "../../../support/keys.ts";
import { makeKey } from "../../../support/openssh.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const folder = temporaryFolder();
const interruption = new AbortController().signal;
const key = makeKey(folder, "ed25519");
const PASSPHRASE = ` it's "50 %s" of $HOME \\n ä `;

test("a key that is encrypted with a passphrase is opened with it alone, by ssh-keygen", async () => {
  const encrypted = await encryptWithPassphrase(key.privateKey, PASSPHRASE, interruption);
  const file = join(folder, "encrypted");
  writeFileSync(file, encrypted, { mode: 0o600 });
  const open = (passphrase: string) =>
    execFileSync("ssh-keygen", ["-y", "-P", passphrase, "-f", file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  expect(open(PASSPHRASE)).toBe(key.publicKey);
  for (const wrong of ["", PASSPHRASE.trim()]) expect(() => open(wrong)).toThrow();
});

test("what ssh-keygen cannot read is its failure, and repeats nothing", async () => {
  await expect(encryptWithPassphrase("no key\n", PASSPHRASE, interruption)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/^ssh-keygen did not encrypt the key: Failed to load key /),
  });
});

test("interrupted, it ends with the reason", async () => {
  const reason = new Error("interrupted by SIGINT");
  await expect(encryptWithPassphrase(key.privateKey, PASSPHRASE, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const running = runProgram("sleep", ["600"], { input: "", interruption: controller.signal });
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
});

test.each([
  { content: "a passphrase of ours\n", passphrase: "a passphrase of ours" },
  { content: "  spaces are kept  \r\n", passphrase: "  spaces are kept  " },
  { content: "without an end", passphrase: "without an end" },
])("the passphrase in $content is its only line", ({ content, passphrase }) => {
  writeFileSync(join(folder, "passphrase"), content);
  expect(readPassphrase(join(folder, "passphrase"))).toBe(passphrase);
});

test.each([
  { content: "", said: "has to have 12 to 1000 characters" },
  { content: "elevenchars\n", said: "has to have 12 to 1000 characters" },
  { content: `${"ä".repeat(501)}\n`, said: "has to have 12 to 1000 characters" },
  { content: "a passphrase of ours\nand another\n", said: "has several lines; a passphrase is one" },
  { content: "a passphrase\u0000of ours\n", said: "has control characters, which nobody can type" },
])("a passphrase is refused that $said", ({ content, said }) => {
  writeFileSync(join(folder, "passphrase"), content);
  expect(() => readPassphrase(join(folder, "passphrase"))).toThrow(
    expect.objectContaining({ exitCode: 1, message: expect.stringContaining(said) }),
  );
});

test("a recipient is public, and one that age knows", () => {
  checkRecipients(["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", `${ED25519_A.line} me@host`]);
  for (const { recipient, said } of [
    { recipient: "AGE-SECRET-KEY-1QQQQ", said: "a recipient is a public key, and this one is private" },
    { recipient: key.privateKey, said: "a recipient is a public key, and this one is private" },
    { recipient: ECDSA_P256.line, said: "age encrypts for ssh-ed25519 and ssh-rsa" },
    { recipient: "-o/tmp/x", said: "--recipient: " },
    { recipient: "age1 -o /tmp/x", said: "--recipient: " },
  ])
    expect(() => checkRecipients([recipient])).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(said) }));
});

test("where age is missing, that is said with the remedy", async () => {
  const path = process.env.PATH;
  process.env.PATH = folder;
  try {
    await expect(encryptForRecipients(key.privateKey, [ED25519_A.line], interruption)).rejects.toMatchObject({
      exitCode: 1,
      message: "age is not on the PATH; install it (Debian and Homebrew: age), or deliver the key with --passphrase-file",
    });
  } finally {
    process.env.PATH = path;
  }
});

test("a secret is written for its owner alone, whatever the umask, over nothing that is there", async () => {
  const place = join(folder, "place");
  mkdirSync(place);
  const write = (name: string, content: string, force = false) => writePrivateFile(join(place, name), content, { force, interruption });
  const umask = process.umask(0);
  try {
    await write("new/key", "one\n");
  } finally {
    process.umask(umask);
  }
  expect(statSync(join(place, "new/key")).mode & 0o777).toBe(0o600);
  await write("key", "one\n");
  expect([readFileSync(join(place, "key"), "utf8"), statSync(join(place, "key")).mode & 0o777]).toEqual(["one\n", 0o600]);
  await expect(write("key", "two\n")).rejects.toMatchObject({
    exitCode: 1,
    message: `${join(place, "key")} is there already; name another file with --out, or overwrite it with --force`,
  });
  writeFileSync(join(place, "open"), "", { mode: 0o644 });
  await write("open", "two\n", true);
  expect([readFileSync(join(place, "open"), "utf8"), statSync(join(place, "open")).mode & 0o777]).toEqual(["two\n", 0o600]);
  symlinkSync(join(place, "key"), join(place, "link"));
  for (const taken of ["link", "new"])
    await expect(write(taken, "three\n", true)).rejects.toThrow(`${join(place, taken)} is no regular file; name another with --out`);
  expect(readdirSync(place).filter((name) => name.startsWith("."))).toEqual([]);
});

test("the key of a peer is taken from the outputs, and what is none is not delivered", () => {
  const keys = privateKeysIn({ clientPrivateKeys: { dc1: key.privateKey, odd: `${key.privateKey}#\n` }, consumerPrivateKeys: {} });
  expect(privateKeyOf(keys, "client", "dc1")).toBe(key.privateKey);
  expect(() => privateKeyOf(keys, "consumer", "dc1")).toThrow(
    expect.objectContaining({
      exitCode: 3,
      message: expect.stringContaining("no private key of consumer dc1: its public key was imported"),
    }),
  );
  expect(() => privateKeyOf(keys, "client", "odd")).toThrow(
    expect.objectContaining({ exitCode: 1, message: "what the stack has as private key of client odd is none" }),
  );
});
