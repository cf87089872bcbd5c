import type { BastionStatus } from "./parse-status.ts";
import type { BastionReading } from "./reading.ts";

/** One thing of a bastion that is in a state. */
export interface Fact {
  readonly subject: "bastion" | "tunnel" | "sshd" | "key set" | "host key set" | "mailbox";
  /** Of a tunnel. */
  readonly name: string | null;
  readonly state: string;
  /** Who holds a tunnel: another client that takes over is a change as well. */
  readonly client: string | null;
  readonly clientAddress: string | null;
  /** Why it is in that state, where somebody has said so. */
  readonly reason: string | null;
  /** Whether it is as it should be, so that nobody needs to hear of it at first. */
  readonly isUsual: boolean;
}

/** A fact that was another one before. */
export interface Change extends Omit<Fact, "isUsual"> {
  /** By our clock. */
  readonly at: string;
  readonly stack: string;
}

export interface Observed {
  readonly facts: readonly Fact[];
  readonly changes: readonly Change[];
}

/**
 * Finds out what has changed since the facts before. At first, all tunnels are told.
 *
 * @param before facts of the reading before; `undefined` at first.
 */
export function observe(before: readonly Fact[] | undefined, { stack, status, problem, atMs }: BastionReading): Observed {
  // What is not known any more is taken to be as it was.
  const known = status === undefined ? (before ?? []).filter(({ subject }) => subject !== "bastion") : factsOf(status);
  const facts = [fact("bastion", status === undefined ? { state: "out of reach", reason: problem ?? null } : { isUsual: true }), ...known];
  const changed = facts.filter((now) => {
    const earlier = before?.find((other) => isSameThing(now, other));
    if (earlier === undefined) return now.subject === "tunnel" || !now.isUsual;
    return earlier.state !== now.state || earlier.client !== now.client || earlier.clientAddress !== now.clientAddress;
  });
  const gone = (before ?? []).filter((earlier) => !facts.some((now) => isSameThing(now, earlier)));
  const at = new Date(atMs).toISOString();
  const changes = [...changed, ...gone.map((earlier) => fact(earlier.subject, { name: earlier.name, state: "gone" }))].map(
    ({ isUsual: _isUsual, ...change }) => ({ at, stack, ...change }),
  );
  return { facts, changes };
}

function isSameThing(one: Fact, other: Fact): boolean {
  return one.subject === other.subject && one.name === other.name;
}

function factsOf({ tunnels, sshd, keySet, hostKeysRefused, mailbox }: BastionStatus): Fact[] {
  return [
    ...tunnels.map(({ name, state, client, clientAddress }) =>
      fact("tunnel", { name, state, client, clientAddress, isUsual: state === "up" }),
    ),
    fact("sshd", sshd.listening ? { isUsual: true } : { state: "down", reason: sshd.lastExit }),
    fact("key set", keySet.refused === null ? { isUsual: true } : { state: "refused", reason: keySet.refused.reason }),
    fact("host key set", hostKeysRefused === null ? { isUsual: true } : { state: "refused", reason: hostKeysRefused }),
    fact("mailbox", !mailbox?.problem ? { isUsual: true } : { state: "not usable", reason: mailbox.problem }),
  ];
}

function fact(subject: Fact["subject"], parts: Partial<Fact>): Fact {
  return { subject, name: null, state: "as usual", client: null, clientAddress: null, reason: null, isUsual: false, ...parts };
}

/** Renders a change as a line for a person or a log. */
export function renderChange({ at, stack, subject, name, state, client, clientAddress, reason }: Change): string {
  const what = name === null ? subject : `${subject} ${name}`;
  const who = client === null ? "" : ` (${client}${clientAddress === null ? "" : ` from ${clientAddress}`})`;
  const why = reason === null ? "" : `: ${reason.replaceAll(/\s*\n\s*/g, " ")}`;
  return `${at} ${stack}: ${what} is ${state}${who}${why}\n`;
}
