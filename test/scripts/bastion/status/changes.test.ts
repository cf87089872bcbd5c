import { expect, test } from "vitest";
import { type Fact, observe, renderChange } from "../../../../scripts/bastion/status/changes.ts";
import type { BastionStatus } from "../../../../scripts/bastion/status/parse-status.ts";
import type { BastionReading } from "../../../../scripts/bastion/status/reading.ts";
import { EXAMPLE_STATUS } from "./example-status.ts";

const AT_MS = Date.parse("2026-06-01T12:00:01Z");
const [orders, billing, flow] = EXAMPLE_STATUS.tunnels as [Tunnel, Tunnel, Tunnel];
type Tunnel = BastionStatus["tunnels"][number];

const withStatus = (changes: Partial<BastionStatus> = {}): BastionReading => ({
  stack: "acme",
  status: { ...EXAMPLE_STATUS, ...changes },
  atMs: AT_MS,
});
const outOfReach: BastionReading = { stack: "acme", problem: "Connection refused\n  by it", atMs: AT_MS };

/** The lines that are told of readings, one after the other. */
function linesOf(...readings: readonly BastionReading[]): string[][] {
  let facts: readonly Fact[] | undefined;
  return readings.map((reading) => {
    const observed = observe(facts, reading);
    facts = observed.facts;
    return observed.changes.map((change) => renderChange(change).replace("2026-06-01T12:00:01.000Z acme: ", "").trimEnd());
  });
}

const AT_FIRST = ["tunnel orders is up (dc1 from 198.51.100.7)", "tunnel billing is silent (dr-site)", "tunnel flow is down"];

test("at first all tunnels are told, and then nothing while nothing changes but bytes", () => {
  const moved = { ...orders, bytesReceived: 9999, silentSeconds: 0, openConnections: 7 };
  expect(linesOf(withStatus(), withStatus({ tunnels: [moved, billing, flow] }))).toEqual([AT_FIRST, []]);
});

test("a fall, a return, another client, and a tunnel that is no more are told", () => {
  const down = { ...orders, state: "down" as const, client: null, clientAddress: null };
  const other = { ...orders, client: "dr-site" };
  expect(
    linesOf(
      withStatus(),
      withStatus({ tunnels: [down, billing, flow] }),
      withStatus({ tunnels: [orders, billing, flow] }),
      withStatus({ tunnels: [other, billing, flow] }),
      withStatus({ tunnels: [other, billing] }),
    ),
  ).toEqual([
    AT_FIRST,
    ["tunnel orders is down"],
    ["tunnel orders is up (dc1 from 198.51.100.7)"],
    ["tunnel orders is up (dr-site from 198.51.100.7)"],
    ["tunnel flow is gone"],
  ]);
});

test("a bastion that is out of reach is told once, and what is known of its tunnels is not told again", () => {
  expect(linesOf(withStatus(), outOfReach, { ...outOfReach, problem: "timed out" }, withStatus())).toEqual([
    AT_FIRST,
    ["bastion is out of reach: Connection refused by it"],
    [],
    ["bastion is as usual"],
  ]);
  expect(linesOf(outOfReach, withStatus())).toEqual([
    ["bastion is out of reach: Connection refused by it"],
    ["bastion is as usual", ...AT_FIRST],
  ]);
});

test.each([
  {
    changes: { sshd: { ...EXAMPLE_STATUS.sshd, listening: false, lastExit: "signal 9" } },
    said: "sshd is down: signal 9",
    subject: "sshd",
  },
  {
    changes: { keySet: { ...EXAMPLE_STATUS.keySet, refused: { digest: "e", reason: "no JSON" } } },
    said: "key set is refused: no JSON",
    subject: "key set",
  },
  { changes: { hostKeysRefused: "no key" }, said: "host key set is refused: no key", subject: "host key set" },
  {
    changes: { mailbox: { checkedAt: null, problem: "no answer", hostFiles: { digest: null, refused: null } } },
    said: "mailbox is not usable: no answer",
    subject: "mailbox",
  },
])("$said: told at first, and when it is over", ({ changes, said, subject }) => {
  expect(linesOf(withStatus(changes), withStatus(), withStatus(changes))).toEqual([
    [...AT_FIRST, said],
    [`${subject} is as usual`],
    [said],
  ]);
});

test("a change is plain data", () => {
  expect(observe(undefined, withStatus({ tunnels: [orders] })).changes).toEqual([
    {
      at: "2026-06-01T12:00:01.000Z",
      stack: "acme",
      subject: "tunnel",
      name: "orders",
      state: "up",
      client: "dc1",
      clientAddress: "198.51.100.7",
      reason: null,
    },
  ]);
});
