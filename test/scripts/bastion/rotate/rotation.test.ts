import { expect, test } from "vitest";
import type { BastionDescription } from "../../../../components/core/describe-bastion.ts";
import { Stage } from "../../../../scripts/bastion/rotate/locate-rotation.ts";
import { lookAtRotation, type Subject } from "../../../../scripts/bastion/rotate/rotation.ts";
import { parseBastionFile } from "../../../support/customer-files.ts";
import { ED25519_A, ED25519_B, ED25519_C } from "../../../support/keys.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const NEW_KEY = `${ED25519_B.line} me@dc2`;

const HEAD = `# Theirs.
customer: acme
target: local

clientCidrs: [198.51.100.0/24]
consumerCidrs: [10.20.0.0/16]
tunnels: [{ name: orders }]
`;

/** A file with a client that is written in one of several ways. */
const fileWith = (client: string) => `${HEAD}clients:
  - { name: dr-site, publicKeys: [${ED25519_C.line}] } # stays
  - ${client}
`;

const GENERATED = fileWith("{ name: dc1, generateKey: ed25519 }");
const IMPORTED = fileWith(`name: dc1\n    publicKeys:\n      - ${ED25519_A.line} # since 2024`);

/** A stack in which dc1 has these keys. */
function deployed(keys: { readonly fingerprints?: readonly string[]; readonly keyGenerations?: readonly number[] }, hostKeys = [1]) {
  const peer = { name: "dc1", fingerprints: [], keyGenerations: [], ...keys };
  return {
    clients: [peer],
    consumers: [],
    operators: [],
    hostKeys: hostKeys.map((generation) => ({ generation })),
  } as unknown as BastionDescription;
}

const look = (text: string, subject: Subject, stack: BastionDescription, now = NOW) =>
  lookAtRotation(subject, parseBastionFile(text), stack, now);

test("a generated key: each change of the file is one that a person would make, and abandoning leaves no trace", () => {
  const { edits, stage } = look(GENERATED, { kind: "client", name: "dc1" }, deployed({ keyGenerations: [1] }));
  expect(stage).toBe(Stage.Settled);
  const begun = edits.begin(GENERATED);
  expect(begun).toBe(fileWith("{ name: dc1, generateKey: ed25519, keyGeneration: 2, keepPreviousKey: true }"));

  const changing = look(begun, { kind: "client", name: "dc1" }, deployed({ keyGenerations: [2, 1], fingerprints: ["new", "old"] }));
  expect(changing.stage).toBe(Stage.Changing);
  expect(changing.edits.abandon(begun)).toBe(GENERATED);
  const finished = changing.edits.finish(begun);
  expect(finished).toBe(fileWith("{ name: dc1, generateKey: ed25519, keyGeneration: 2 }"));

  const next = look(finished, { kind: "client", name: "dc1" }, deployed({ keyGenerations: [2] }));
  expect(next.edits.begin(finished)).toBe(fileWith("{ name: dc1, generateKey: ed25519, keyGeneration: 3, keepPreviousKey: true }"));
  const third = look(next.edits.begin(finished), { kind: "client", name: "dc1" }, deployed({ keyGenerations: [3, 2] }));
  expect(third.edits.abandon(next.edits.begin(finished))).toBe(finished);
});

test("an imported key: the new one stands beside the old one, then alone", () => {
  const subject: Subject = { kind: "client", name: "dc1", publicKey: NEW_KEY };
  const { edits, stage, obstacle } = look(IMPORTED, subject, deployed({ fingerprints: [ED25519_A.fingerprint] }));
  expect({ stage, obstacle }).toEqual({ stage: Stage.Settled, obstacle: undefined });
  const begun = edits.begin(IMPORTED);
  expect(begun).toBe(`${IMPORTED}      - "${NEW_KEY}"\n`);

  const both = [ED25519_A.fingerprint, ED25519_B.fingerprint];
  const changing = look(begun, subject, deployed({ fingerprints: both }));
  expect(changing.stage).toBe(Stage.Changing);
  expect(changing.edits.abandon(begun)).toBe(IMPORTED);
  const finished = changing.edits.finish(begun);
  expect(finished).toBe(fileWith(`name: dc1\n    publicKeys:\n      - "${NEW_KEY}"`));
  expect(look(finished, subject, deployed({ fingerprints: both })).stage).toBe(Stage.Finishing);
});

test("the host keys: announced, then counted up", () => {
  const { edits, stage } = look(GENERATED, { kind: "host" }, deployed({}, [1, 1]));
  expect(stage).toBe(Stage.Settled);
  const begun = edits.begin(GENERATED);
  expect(begun).toBe(GENERATED.replace("target: local\n", "target: local\nannounceNextHostKeys: true\n"));
  expect(look(begun, { kind: "host" }, deployed({}, [1, 1])).stage).toBe(Stage.Beginning);
  const changing = look(begun, { kind: "host" }, deployed({}, [1, 1, 2, 2]));
  expect(changing.stage).toBe(Stage.Changing);
  expect(changing.edits.abandon(begun)).toBe(GENERATED);
  const finished = changing.edits.finish(begun);
  expect(finished).toBe(GENERATED.replace("target: local\n", "target: local\nhostKeyGeneration: 2\n"));
  expect(look(finished, { kind: "host" }, deployed({}, [1, 1, 2, 2])).stage).toBe(Stage.Finishing);
  expect(look(GENERATED, { kind: "host" }, deployed({}, [1, 1, 2, 2])).stage).toBe(Stage.Abandoning);
  expect(look(finished, { kind: "host" }, deployed({}, [2, 2])).stage).toBe(Stage.Settled);
});

test("the only key cannot take its own place, nor one of several the place of all", () => {
  const { fingerprint } = ED25519_A;
  expect(
    look(IMPORTED, { kind: "client", name: "dc1", publicKey: ED25519_A.line }, deployed({ fingerprints: [fingerprint] })).obstacle,
  ).toBe(
    `${fingerprint} is the only key of client dc1 already: either this change is finished, or --public-key names the key that is to go`,
  );
  const two = fileWith(`{ name: dc1, publicKeys: [${ED25519_A.line}, ${ED25519_B.line}] }`);
  const third = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  expect(
    look(two, { kind: "client", name: "dc1", publicKey: third }, deployed({ fingerprints: [fingerprint, ED25519_B.fingerprint] })).obstacle,
  ).toBe("client dc1 has 2 keys beside it, and which of them is to go only you know; change them in the customer's file");
});

test("a key that has expired is not changed for one that has, too", () => {
  const file = fileWith("{ name: dc1, generateKey: ed25519, expiresAt: 2026-11-22T12:00Z }");
  const lockOut = "the keys of client dc1 have expired, a new one would be born expired; give it another expiresAt first";
  const at = (now: number) => look(file, { kind: "client", name: "dc1" }, deployed({ keyGenerations: [1] }), now).lockOut;
  expect([at(NOW - 1), at(NOW)]).toEqual([undefined, lockOut]);
});

test.each<[what: string, text: string, subject: Subject, reason: string]>([
  [
    "somebody unknown",
    GENERATED,
    { kind: "client", name: "dc2" },
    'there is no client "dc2" in the customer\'s file; there is: dr-site, dc1',
  ],
  [
    "a role that nobody has",
    GENERATED,
    { kind: "operator", name: "ops" },
    'there is no operator "ops" in the customer\'s file; there is: none',
  ],
  [
    "somebody who is not deployed",
    GENERATED,
    { kind: "client", name: "dr-site", publicKey: NEW_KEY },
    "client dr-site is in the customer's file, and not deployed yet; deploy it with: bastion up",
  ],
  [
    "a public key for a generated one",
    GENERATED,
    { kind: "client", name: "dc1", publicKey: NEW_KEY },
    "the key of client dc1 is generated, so the next one is too; leave --public-key out",
  ],
  [
    "no public key for an imported one",
    IMPORTED,
    { kind: "client", name: "dc1" },
    "the key of client dc1 is imported; name the new one's .pub file with --public-key, each time until it is finished",
  ],
])("%s is refused", (_what, text, subject, reason) => {
  expect(() => look(text, subject, deployed({}))).toThrow(reason);
});
