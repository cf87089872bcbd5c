import { expect, test } from "vitest";
import { parseStatus } from "../../../../scripts/bastion/status/parse-status.ts";
import { EXAMPLE_STATUS } from "./example-status.ts";

const [orders] = EXAMPLE_STATUS.tunnels;
const parse = (changes: object) => parseStatus(JSON.stringify({ ...EXAMPLE_STATUS, ...changes }));

test("what a bastion says is read as it is, and what a later one says beside that is left out", () => {
  expect(parse({})).toEqual(EXAMPLE_STATUS);
  expect(parse({ mailbox: null, later: { more: 1 } })).toEqual({ ...EXAMPLE_STATUS, mailbox: null });
});

test("words of other programs lose what would draw on a terminal", () => {
  const said = parse({ keySet: { ...EXAMPLE_STATUS.keySet, refused: { digest: "e", reason: "line 1:\n\tno\u001b[2J key\n" } } });
  expect(said.keySet.refused?.reason).toBe("line 1: no [2J key");
});

test.each([
  {
    what: "a name that draws",
    changes: { tunnels: [{ ...orders, name: "or\u001b[2Jders" }] },
    said: "tunnels[0].name: has control characters",
  },
  {
    what: "a line feed in an address",
    changes: { tunnels: [{ ...orders, clientAddress: "a\nb" }] },
    said: "tunnels[0].clientAddress: has control characters",
  },
  { what: "a state that is none", changes: { tunnels: [{ ...orders, state: "odd" }] }, said: /^tunnels\[0\]\.state: / },
  { what: "a time without its zone", changes: { at: "2026-06-01T12:00:00" }, said: /^at: / },
  { what: "a negative count", changes: { tunnels: [{ ...orders, openConnections: -1 }] }, said: /^tunnels\[0\]\.openConnections: / },
  { what: "another version", changes: { version: 2 }, said: /^version: / },
  { what: "several at once", changes: { sshd: null, keys: undefined }, said: /^keys: .*\nsshd: / },
])("$what is refused", ({ changes, said }) => {
  expect(() => parse(changes)).toThrow(said);
});

test("what is no JSON is refused", () => {
  expect(() => parseStatus("<html>")).toThrow("status.json: is not JSON");
});
