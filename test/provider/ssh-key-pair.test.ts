import { createPrivateKey, createPublicKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parsePublicKey } from "../../components/core/public-key.ts";
import { withoutSecrets } from "../../components/provider/property-values.ts";
import { sshKeyPairKind } from "../../components/provider/ssh-key-pair.ts";
import { fingerprintsOf, run } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();

interface KeyPairState {
  readonly algorithm: string;
  readonly comment: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly privateKeyOpenSsh: string;
  readonly privateKeyPem: string;
}

/** The public half that ssh-keygen reads out of a private key. */
function publicHalfOf(privateKey: string): string {
  const file = join(folder, "key");
  writeFileSync(file, privateKey, { mode: 0o600 });
  return run("ssh-keygen", ["-y", "-P", "", "-f", file]).trim();
}

test.each([
  ["ed25519", "ssh-ed25519"],
  ["ecdsa-p256", "ecdsa-sha2-nistp256"],
  ["rsa-3072", "ssh-rsa"],
])("an %s pair is made: the private half is secret, and real ssh-keygen reads it", async (algorithm, type) => {
  const { id, state } = await sshKeyPairKind.create({ algorithm, comment: "dc1" });
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(Object.keys(state).sort()).toEqual(["algorithm", "comment", "fingerprint", "privateKeyOpenSsh", "privateKeyPem", "publicKey"]);
  expect(Object.keys(state).filter((key) => pulumi.runtime.isRpcSecret(state[key]))).toEqual(["privateKeyOpenSsh", "privateKeyPem"]);

  const pair = withoutSecrets(state) as KeyPairState;
  expect(pair).toMatchObject({ algorithm, comment: "dc1" });
  expect(pair.publicKey.split(" ")).toEqual([type, parsePublicKey(pair.publicKey).blob]);
  expect(publicHalfOf(pair.privateKeyOpenSsh)).toBe(`${pair.publicKey} dc1`);
  expect(fingerprintsOf(folder, [pair.publicKey])).toEqual([pair.fingerprint]);
});

test("an RSA pair comes in PEM as well, and both forms are one key", async () => {
  const pair = withoutSecrets((await sshKeyPairKind.create({ algorithm: "rsa-3072", comment: "flow" })).state) as KeyPairState;
  expect(pair.privateKeyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n[\s\S]+\n-----END RSA PRIVATE KEY-----\n$/);
  expect(createPrivateKey(pair.privateKeyPem).asymmetricKeyDetails?.modulusLength).toBe(3072);
  expect(publicHalfOf(pair.privateKeyPem).split(" ").slice(0, 2).join(" ")).toBe(pair.publicKey);
  expect(createPublicKey(pair.privateKeyPem).asymmetricKeyType).toBe("rsa");
});

test("the other algorithms have no PEM form", async () => {
  for (const algorithm of ["ed25519", "ecdsa-p256"])
    expect(withoutSecrets((await sshKeyPairKind.create({ algorithm, comment: "x" })).state)).toMatchObject({ privateKeyPem: "" });
});

test("every pair is another one", async () => {
  const pairs = await Promise.all(Array.from({ length: 5 }, () => sshKeyPairKind.create({ algorithm: "ed25519", comment: "x" })));
  expect(new Set(pairs.map(({ state }) => state.fingerprint)).size).toBe(5);
  expect(new Set(pairs.map(({ id }) => id)).size).toBe(5);
});

test("without a comment the key has none", async () => {
  const pair = withoutSecrets((await sshKeyPairKind.create({ algorithm: "ed25519" })).state) as KeyPairState;
  expect(publicHalfOf(pair.privateKeyOpenSsh)).toBe(pair.publicKey);
});

test.each(["ed25519", "ecdsa-p256", "rsa-3072"])("the inputs of an %s pair are accepted as they are", (algorithm) => {
  const inputs = { algorithm, comment: "x" };
  expect(sshKeyPairKind.check?.(inputs, {})).toEqual({ inputs, problems: [] });
});

test.each([
  ["rsa-2048", '"rsa-2048"'],
  ["dsa", '"dsa"'],
  ["constructor", '"constructor"'],
  [undefined, "undefined"],
  [3072, "3072"],
])("the algorithm %j is refused", (algorithm, shown) => {
  expect(sshKeyPairKind.check?.({ algorithm }, {}).problems).toEqual([
    { path: "algorithm", reason: `got ${shown}; allowed is ed25519, ecdsa-p256, rsa-3072` },
  ]);
});

test("another algorithm is another key pair, another comment is not", () => {
  const state = { algorithm: "ed25519", comment: "a", publicKey: "k" };
  expect(sshKeyPairKind.diff(state, { algorithm: "ed25519", comment: "b" })).toEqual({ changed: false, replaces: [] });
  expect(sshKeyPairKind.diff(state, { algorithm: "rsa-3072", comment: "a" })).toEqual({ changed: true, replaces: ["algorithm"] });
});
