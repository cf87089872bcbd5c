import { expect, test } from "vitest";
import { type Evidence, evidenceOfHostKeys, evidenceOfKeys, type LoginStatus } from "../../../../scripts/bastion/rotate/evidence.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString();
const session = (fingerprint: string, minute: number, clientAddress: string | null = "198.51.100.7") => ({
  fingerprint,
  clientAddress,
  since: at(minute),
});
const login = (fingerprint: string, minute: number | null) => ({ fingerprint, lastLoginAt: minute === null ? null : at(minute) });
const status = (changes: Partial<LoginStatus>): LoginStatus => ({ sessions: [], keys: [], hostKeys: [], ...changes });
const evidence = (changes: Partial<Evidence>): Evidence => ({ againstFinishing: [], untold: [], againstAbandoning: [], ...changes });

const OLD_HELD = "the old key holds a session from 198.51.100.7, since 2026-11-22T12:01:00.000Z";
const NEW_HELD = "the new key holds a session from 198.51.100.7, since 2026-11-22T12:05:00.000Z";
const UNSEEN = "the new key has not logged in yet";

test.each<[what: string, status: Partial<LoginStatus>, expected: Partial<Evidence>]>([
  ["nobody ever logged in", { keys: [login("new", null), login("old", null)] }, { againstFinishing: [UNSEEN] }],
  ["the old one is in use", { sessions: [session("old", 1)] }, { againstFinishing: [OLD_HELD, UNSEEN] }],
  [
    "both are in use",
    { sessions: [session("old", 1), session("new", 5)] },
    { againstFinishing: [OLD_HELD], againstAbandoning: [NEW_HELD] },
  ],
  ["the new one is in use", { sessions: [session("new", 5)] }, { againstAbandoning: [NEW_HELD] }],
  [
    "the new one was the last to log in",
    { keys: [login("old", 1), login("new", 5)] },
    { againstAbandoning: ["the last login was with the new key, at 2026-11-22T12:05:00.000Z"] },
  ],
  [
    "the new one was tried, and the old one came back",
    { keys: [login("old", 7), login("new", 5)] },
    { againstFinishing: ["the last login was with the old key, at 2026-11-22T12:07:00.000Z"] },
  ],
  [
    "the new one was tried while the old one stayed",
    { sessions: [session("old", 1)], keys: [login("old", 1), login("new", 5)] },
    { againstFinishing: [OLD_HELD] },
  ],
  ["others do what they like", { sessions: [session("other", 1)], keys: [login("other", 2)] }, { againstFinishing: [UNSEEN] }],
  [
    "an address is not known",
    { sessions: [session("new", 5, null)] },
    { againstAbandoning: ["the new key holds a session from an unknown address, since 2026-11-22T12:05:00.000Z"] },
  ],
])("%s", (_what, changes, expected) => {
  expect(evidenceOfKeys(status(changes), { newKey: "new", oldKey: "old", isAskedWithOwnKey: false })).toEqual(evidence(expected));
});

test("who asks with the key in question proves nothing by that, but an old key that is held is held", () => {
  const asked = (sessions: LoginStatus["sessions"]) =>
    evidenceOfKeys(status({ sessions }), { newKey: "new", oldKey: "old", isAskedWithOwnKey: true });
  const untold = ["the status was read with this operator's own key, so nobody can tell who else uses it"];
  expect(asked([session("new", 9)])).toEqual(evidence({ untold }));
  expect(asked([session("new", 9), session("old", 1)])).toEqual(evidence({ untold, againstFinishing: [OLD_HELD] }));
});

const PEERS = {
  clients: [
    { name: "dc1", fingerprints: ["a", "b"] },
    { name: "dr-site", fingerprints: ["c"] },
  ],
  consumers: [{ name: "flow", fingerprints: ["d"] }],
};
const ANNOUNCED = [
  { announcedOnly: false, since: at(1) },
  { announcedOnly: true, since: at(10) },
];

test.each<[what: string, status: Partial<LoginStatus>, againstFinishing: readonly string[]]>([
  [
    "everybody has logged in since",
    { hostKeys: ANNOUNCED, sessions: [session("b", 11), session("c", 12)], keys: [login("a", 2), login("d", 13)] },
    [],
  ],
  [
    "some have not, or not with all sessions",
    { hostKeys: ANNOUNCED, sessions: [session("a", 2), session("b", 11)], keys: [login("c", 3)] },
    [
      "client dc1 has not logged in since they are announced: its session is from 198.51.100.7, since 2026-11-22T12:02:00.000Z",
      "client dr-site has not logged in since they are announced",
      "consumer flow has not logged in since they are announced",
    ],
  ],
  ["the bastion has not got them yet", { hostKeys: ANNOUNCED.slice(0, 1) }, ["the bastion does not announce them yet"]],
])("of the next host keys, %s", (_what, changes, againstFinishing) => {
  expect(evidenceOfHostKeys(status(changes), PEERS)).toEqual(evidence({ againstFinishing }));
});
