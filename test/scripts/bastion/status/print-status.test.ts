import { expect, test } from "vitest";
import { renderBytes, renderDuration } from "../../../../scripts/bastion/quantities.ts";
import { describeReadings, renderReadings } from "../../../../scripts/bastion/status/print-status.ts";
import { exitCodeOf } from "../../../../scripts/bastion/status/reading.ts";
import { type Emphasize, plain } from "../../../../scripts/bastion/terminal.ts";
import { EXAMPLE_STATUS } from "./example-status.ts";

const ESCAPE = "\u001b";
/** What is emphasized is seen to be, and as wide as before. */
const coloured: Emphasize = (emphasis, text) =>
  emphasis === "green" || emphasis === "red" ? `${ESCAPE}[3${emphasis === "red" ? 1 : 2}m${text}${ESCAPE}[39m` : text;

const TABLE = `acme
  tunnel   port   state   since       client   from          connections  received  sent
  orders   15000  up      3 h 12 min  dc1      198.51.100.7  2            1.20 kB   34.5 MB
  billing  15001  silent  42 s        dr-site  –             –            –         –
  flow     8080   down    –           –        –             0            –         –
`;

test("a table says how each tunnel is, by the bastion's clock", () => {
  expect(renderReadings([{ stack: "acme", status: EXAMPLE_STATUS, atMs: 0 }], 0, plain)).toBe(TABLE);
});

test("durations go on by our clock", () => {
  const shown = renderReadings([{ stack: "acme", status: EXAMPLE_STATUS, atMs: 5000 }], 65_000, plain);
  expect(shown).toContain(" 3 h 13 min ");
  expect(shown).toContain(" 1 min 42 s ");
});

test("colours leave the columns where they are", () => {
  const shown = renderReadings([{ stack: "acme", status: EXAMPLE_STATUS, atMs: 0 }], 0, coloured);
  expect(shown).toContain(`${ESCAPE}[32mup${ESCAPE}[39m      3 h`);
  expect(shown).toContain(`${ESCAPE}[31msilent${ESCAPE}[39m  42 s`);
  expect(shown.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, "g"), "")).toBe(TABLE);
});

test("what else needs somebody stands below the table", () => {
  const status = {
    ...EXAMPLE_STATUS,
    sshd: { ...EXAMPLE_STATUS.sshd, listening: false, lastExit: "exit status 255 after 0.1 s" },
    keySet: { ...EXAMPLE_STATUS.keySet, refused: { digest: "e", reason: "not a JSON document" } },
    hostKeysRefused: "not a private key",
    mailbox: { checkedAt: null, problem: "the store does not answer", hostFiles: { digest: null, refused: null } },
    keys: [
      { user: "tunnel", name: "dc1", fingerprint: "SHA256:a", expiresAt: "2026-07-01T12:00:00Z", lastLoginAt: null },
      { user: "tunnel", name: "dc2", fingerprint: "SHA256:c", expiresAt: "2026-07-01T12:00:01Z", lastLoginAt: null },
      { user: "consumer", name: "flow", fingerprint: "SHA256:f", expiresAt: "2026-06-01T12:00:00Z", lastLoginAt: null },
    ],
  };
  expect(renderReadings([{ stack: "acme", status, atMs: 0 }], 0, plain)).toBe(`${TABLE}  ! sshd does not run: exit status 255 after 0.1 s
  ! the newest keys are refused, those before stay in force: not a JSON document
  ! the newest host keys are refused, those before stay in force: not a private key
  ! what was deployed last has not arrived: the store does not answer
  ! a key of dc1 (tunnel) expires in 30 d 0 h: SHA256:a
  ! a key of flow (consumer) has expired: SHA256:f
`);
});

test("bastions stand one below the other, those that cannot be asked too, and those not yet asked not at all", () => {
  const readings = [
    { stack: "globex", problem: "no operator\n  operators:", atMs: 0 },
    { stack: "hooli", atMs: 0 },
    { stack: "acme", status: EXAMPLE_STATUS, atMs: 0 },
  ];
  expect(renderReadings(readings, 0, plain)).toBe(`globex\n  cannot be asked: no operator\n    operators:\n\n${TABLE}`);
  expect(describeReadings(readings)).toEqual({
    bastions: [
      { stack: "globex", status: null, problem: "no operator\n  operators:" },
      { stack: "hooli", status: null, problem: null },
      { stack: "acme", status: EXAMPLE_STATUS, problem: null },
    ],
  });
});

test.each([
  { what: "all are up", states: ["up", "up"], exitCode: 0 },
  { what: "one is silent", states: ["up", "silent"], exitCode: 5 },
  { what: "one is down", states: ["down"], exitCode: 5 },
  { what: "there are none", states: [], exitCode: 0 },
  { what: "a bastion cannot be asked, and a tunnel is down", states: ["down"], problem: "gone", exitCode: 1 },
] as const)("where $what it ends with $exitCode", ({ states, exitCode, ...rest }) => {
  const [tunnel] = EXAMPLE_STATUS.tunnels;
  if (tunnel === undefined) throw new Error("the example has a tunnel");
  const status = { ...EXAMPLE_STATUS, tunnels: states.map((state) => ({ ...tunnel, state })) };
  const others = "problem" in rest ? [{ stack: "globex", problem: rest.problem, atMs: 0 }] : [];
  expect(exitCodeOf([{ stack: "acme", status, atMs: 0 }, ...others])).toBe(exitCode);
});

test.each([
  [-3, "0 s"],
  [59.9, "59 s"],
  [60, "1 min 0 s"],
  [3599, "59 min 59 s"],
  [3600, "1 h 0 min"],
  [86_399, "23 h 59 min"],
  [86_400, "1 d 0 h"],
  [1_000_000, "11 d 13 h"],
])("%d seconds are %s", (seconds, text) => expect(renderDuration(seconds)).toBe(text));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [9_999, "10.0 kB"],
  [999_499, "999 kB"],
  [999_500, "1.00 MB"],
  [34_500_000, "34.5 MB"],
  [1e18, "1.00 EB"],
])("%d bytes are %s", (bytes, text) => expect(renderBytes(bytes)).toBe(text));
