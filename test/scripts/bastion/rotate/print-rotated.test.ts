import { expect, test } from "vitest";
import { Outcome, type Rotated } from "../../../../scripts/bastion/rotate/outcome.ts";
import { describeRotated, renderRotated } from "../../../../scripts/bastion/rotate/print-rotated.ts";
import { plain } from "../../../../scripts/bastion/terminal.ts";

const CLIENT: Rotated = {
  stack: "acme",
  subject: { kind: "client", name: "dc1" },
  title: "client dc1",
  isGenerated: true,
  outcome: Outcome.Begun,
  reasons: [],
};
const IMPORTED: Rotated = {
  ...CLIENT,
  subject: { kind: "client", name: "dc1", publicKey: "…", publicKeyFile: "my keys/dc1.pub" },
  isGenerated: false,
};
const HOST: Rotated = { ...CLIENT, subject: { kind: "host" }, title: "the host keys", isGenerated: false };

test.each<[what: string, rotated: Rotated, text: string]>([
  [
    "a generated key is handed over",
    CLIENT,
    `Client dc1 of acme: begun, both keys are accepted
  Hand the new key over, and have it take the old one's place; then the same command finishes.
Next:
  bastion key acme --client dc1 --recipient RECIPIENT --out dc1.key.age
  bastion rotate acme --client dc1
`,
  ],
  [
    "an imported one is with its owner",
    { ...IMPORTED, outcome: Outcome.Waiting, reasons: ["the new key has not logged in yet"] },
    `Client dc1 of acme: waiting, both keys are accepted
  the new key has not logged in yet
Next:
  bastion rotate acme --client dc1 --public-key 'my keys/dc1.pub'
`,
  ],
  [
    "what is finished needs nothing more",
    { ...CLIENT, outcome: Outcome.Finished },
    "Client dc1 of acme: finished, the old ones are gone\n",
  ],
  [
    "host keys that are finished are for the kits",
    { ...HOST, outcome: Outcome.Finished },
    `The host keys of acme: finished, the old ones are gone
  Whoever has not learned the new keys is refused, and needs the new known_hosts: send their kits anew.
Next:
  bastion kit acme --client NAME
`,
  ],
])("%s", (_what, rotated, text) => {
  expect(renderRotated(rotated, plain)).toBe(text);
});

test("as plain data it has neither key nor prose", () => {
  expect(describeRotated({ ...IMPORTED, outcome: Outcome.Waiting, reasons: ["why"] })).toEqual({
    stack: "acme",
    kind: "client",
    name: "dc1",
    outcome: "waiting",
    reasons: ["why"],
    next: ["bastion rotate acme --client dc1 --public-key 'my keys/dc1.pub'"],
  });
  expect(describeRotated({ ...HOST, outcome: Outcome.Nothing, reasons: [] })).toEqual({
    stack: "acme",
    kind: "host",
    outcome: "nothing",
    reasons: [],
    next: [],
  });
});
