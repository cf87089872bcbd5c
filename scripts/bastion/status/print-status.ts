import { renderBytes, renderDuration } from "../quantities.ts";
import { indent, renderTable } from "../table.ts";
import type { Emphasize } from "../terminal.ts";
import type { BastionStatus, KeyStatus, TunnelStatus } from "./parse-status.ts";
import type { BastionReading } from "./reading.ts";

/** Keys that expire within this time are spoken of. */
const EXPIRY_NOTICE_SECONDS = 30 * 24 * 60 * 60;

const HEADING = ["tunnel", "port", "state", "since", "client", "from", "connections", "received", "sent"];

/**
 * Renders how bastions are for a person: a table of tunnels for each, and below it what else needs somebody.
 *
 * @param nowMs by our clock, milliseconds since 1970.
 */
export function renderReadings(readings: readonly BastionReading[], nowMs: number, emphasize: Emphasize): string {
  const known = readings.filter(({ status, problem }) => status !== undefined || problem !== undefined);
  return known.map((reading) => renderReading(reading, nowMs, emphasize)).join("\n");
}

function renderReading({ stack, status, problem, atMs }: BastionReading, nowMs: number, emphasize: Emphasize): string {
  if (status === undefined) {
    const [first = "", ...details] = `${problem}`.split("\n");
    return `${emphasize("bold", stack)}\n  ${emphasize("red", `cannot be asked: ${first}`)}\n${details.map((line) => `  ${line}\n`).join("")}`;
  }
  // A bastion's clock may be wrong: durations are by its own, and go on by ours.
  const nowThereMs = Date.parse(status.at) + Math.max(0, nowMs - atMs);
  const table = renderTable(
    status.tunnels.map((tunnel) => tunnelCells(tunnel, nowThereMs, emphasize)),
    HEADING,
    emphasize,
  );
  const notices = noticesOf(status, nowThereMs).map((notice) => `${emphasize("red", `! ${notice}`)}\n`);
  return `${emphasize("bold", stack)}\n${indent(`${table}${notices.join("")}`)}`;
}

function tunnelCells(tunnel: TunnelStatus, nowMs: number, emphasize: Emphasize): string[] {
  const { name, bindPort, state, since, client, clientAddress, openConnections, bytesReceived, bytesSent } = tunnel;
  return [
    name,
    `${bindPort}`,
    emphasize(state === "up" ? "green" : "red", state),
    since === null ? "–" : renderDuration(secondsBetween(since, nowMs)),
    client ?? "–",
    clientAddress ?? "–",
    openConnections === null ? "–" : `${openConnections}`,
    bytesReceived === null ? "–" : renderBytes(bytesReceived),
    bytesSent === null ? "–" : renderBytes(bytesSent),
  ];
}

function noticesOf({ sshd, keySet, hostKeysRefused, mailbox, keys }: BastionStatus, nowMs: number): string[] {
  return [
    ...(sshd.listening ? [] : [`sshd does not run: ${sshd.lastExit ?? "it is being started"}`]),
    ...(keySet.refused === null ? [] : [`the newest keys are refused, those before stay in force: ${keySet.refused.reason}`]),
    ...(hostKeysRefused === null ? [] : [`the newest host keys are refused, those before stay in force: ${hostKeysRefused}`]),
    ...(mailbox === null || mailbox.problem === null ? [] : [`what was deployed last has not arrived: ${mailbox.problem}`]),
    ...keys.flatMap((key) => expiryNotice(key, nowMs) ?? []),
  ];
}

function expiryNotice({ name, user, fingerprint, expiresAt }: KeyStatus, nowMs: number): string | undefined {
  if (expiresAt === null) return undefined;
  const leftSeconds = -secondsBetween(expiresAt, nowMs);
  if (leftSeconds > EXPIRY_NOTICE_SECONDS) return undefined;
  const when = leftSeconds > 0 ? `expires in ${renderDuration(leftSeconds)}` : "has expired";
  return `a key of ${name} (${user}) ${when}: ${fingerprint}`;
}

function secondsBetween(moment: string, nowMs: number): number {
  return (nowMs - Date.parse(moment)) / 1000;
}

/** Readings as plain data. */
export function describeReadings(readings: readonly BastionReading[]) {
  return { bastions: readings.map(({ stack, status = null, problem = null }) => ({ stack, status, problem })) };
}
