import { lookup } from "node:dns/promises";
import type { BastionDescription, TunnelDescription } from "../../../components/core/describe-bastion.ts";
import { parseDestination } from "../../../components/core/destination.ts";
import { loopbackHostOf } from "../../../components/core/forward.ts";
import {
  type ConnectionOutcome,
  diagnoseBindPort,
  diagnoseConsumerLogin,
  diagnoseHostKeys,
  diagnoseSshPort,
} from "../../../components/kit/doctor/diagnose-platform.ts";
import { PLATFORM_DIAGNOSES, type PlatformDiagnosis } from "../../../components/kit/doctor/platform-diagnoses.ts";
import { parseRemoteListener } from "../../../components/kit/remote-forward.ts";
import { type Check, concludeReport, type DoctorReport } from "./report.ts";
import { reachLoopback, scanHostKeys } from "./run-ssh.ts";
import { type Connection, tryConnection } from "./try-connection.ts";

export interface ExamineOptions {
  /** A consumer's private key, to reach tunnels as `ssh -L` does. */
  readonly identityFile: string | undefined;
  /** Where the command was typed. */
  readonly folder: string;
  readonly interruption: AbortSignal;
}

/** sshd answers at once; a load balancer or proxy takes its time to give up. */
const SSH_PATIENCE = { connectSeconds: 10, watchSeconds: 10 };
/** A connection through a tunnel is closed as soon as the customer's ssh has been refused by the data source. */
const BIND_PORT_PATIENCE = { connectSeconds: 10, watchSeconds: 2 };
const GREETING = "SSH-2.0-bastion_doctor\r\n";

/** Walks the way of a connection from the platform's end. The bind ports are looked at whatever sshd does. */
export async function examineBastion(stack: string, bastion: BastionDescription, options: ExamineOptions): Promise<DoctorReport> {
  const [ssh, tunnels] = await Promise.all([
    examineSsh(bastion),
    Promise.all(bastion.tunnels.map((tunnel) => examineTunnel(bastion, tunnel, options))),
  ]);
  return concludeReport(stack, ssh, tunnels.flat());
}

async function examineSsh(bastion: BastionDescription): Promise<Check[]> {
  const { host, sshPort } = bastion;
  const endpoint = `${host} port ${sshPort}`;
  const resolved = await lookup(host).catch((error: NodeJS.ErrnoException) => error);
  if (resolved instanceof Error) return [failedCheck("name-unknown", host, `${resolved.code}`)];
  const checks: Check[] = [passedCheck("name", host, resolved.address)];
  const { outcome, milliseconds } = await tryConnection(host, sshPort, SSH_PATIENCE, GREETING);
  const fault = diagnoseSshPort(outcome);
  const isConnected = milliseconds !== undefined;
  if (isConnected) checks.push(passedCheck("tcp", endpoint, `connected in ${milliseconds} ms`));
  if (fault !== undefined) return [...checks, failedCheck(fault, endpoint, describeOutcome(outcome))];
  checks.push(passedCheck("banner", endpoint, describeOutcome(outcome)));
  return [...checks, await examineHostKeys(bastion)];
}

async function examineHostKeys({ host, sshPort, knownHosts, hostKeys }: BastionDescription): Promise<Check> {
  const pinned = knownHosts.split("\n").flatMap((line) => /^\S+ (\S+ \S+)/.exec(line)?.[1] ?? []);
  const shown = await scanHostKeys(host, sshPort, [...new Set(hostKeys.map(({ type }) => type))]);
  const fault = diagnoseHostKeys(pinned, shown);
  const types = shown.map((key) => key.split(" ")[0]).join(", ");
  if (fault === undefined) return passedCheck("host key", host, `${types} as pinned`);
  return failedCheck(fault, host, shown.length === 0 ? "no host key was shown" : `shown: ${types}`);
}

async function examineTunnel(bastion: BastionDescription, tunnel: TunnelDescription, options: ExamineOptions): Promise<Check[]> {
  const overNetwork = await Promise.all(tunnel.consumerAddresses.map((address) => examineAddress(tunnel.name, address)));
  const isOnLoopback = tunnel.consumerAddresses.length === 0;
  const isDown = overNetwork.some(({ diagnosis }) => diagnosis === "tunnel-down");
  if (!isOnLoopback && !isDown) return overNetwork;
  if (options.identityFile === undefined)
    return isOnLoopback
      ? [skippedCheck(tunnel.name, "on the bastion's loopback; looked at with --identity, a consumer's key")]
      : overNetwork;
  const asConsumer = await examineLoopback(bastion, tunnel, { ...options, identityFile: options.identityFile });
  if (isOnLoopback) return [asConsumer];
  // What answers on loopback alone was meant for the network.
  if (asConsumer.result !== "ok" && asConsumer.diagnosis !== "data-source-down") return overNetwork;
  return overNetwork.map((check) =>
    check.diagnosis === "tunnel-down" ? failedCheck("tunnel-on-loopback", check.subject, `${check.seen}, and answers on loopback`) : check,
  );
}

async function examineAddress(name: string, address: string): Promise<Check> {
  const { host, hostPort } = parseDestination(address);
  const connection = await tryConnection(host, hostPort, BIND_PORT_PATIENCE);
  const subject = `${name} at ${address}`;
  const fault = diagnoseBindPort(connection.outcome);
  return fault === undefined ? passedCheck("tunnel", subject, describe(connection)) : failedCheck(fault, subject, describe(connection));
}

async function examineLoopback(
  { host, sshPort, consumerUser: user, knownHosts }: BastionDescription,
  { name, bindPort, remoteForward }: TunnelDescription,
  { identityFile, folder, interruption }: ExamineOptions & { readonly identityFile: string },
): Promise<Check> {
  const bindHost = loopbackHostOf(parseRemoteListener(remoteForward).bindAddress);
  const attempt = await reachLoopback({ host, sshPort, user, knownHosts, identityFile }, bindHost, bindPort, {
    folder,
    watchSeconds: BIND_PORT_PATIENCE.watchSeconds,
    interruption,
  });
  const fault = diagnoseConsumerLogin(attempt.said, attempt.isOpen);
  const subject = `${name} by ssh -L`;
  if (fault === undefined) return passedCheck("tunnel", subject, "connected, and stays open");
  const words = attempt.said.split(/\r?\n/).filter((line) => line !== "" && !/^(?:debug\d|Authenticated|Transferred|Bytes)/.test(line));
  return failedCheck(fault, subject, words.at(-1) ?? "closed at once");
}

function describe({ outcome, milliseconds }: Connection): string {
  const said = describeOutcome(outcome);
  return milliseconds === undefined ? said : `connected in ${milliseconds} ms, ${said}`;
}

function describeOutcome(outcome: ConnectionOutcome): string {
  switch (outcome.kind) {
    case "name-unknown":
      return "the name does not resolve";
    case "refused":
      return "connection refused";
    case "timeout":
      return "nothing answered in 10 s";
    case "no-route":
      return "no route to it";
    case "closed":
      return "closed at once, without a word";
    case "open":
      return "stays open";
    case "answered":
      return `answered ${renderGreeting(outcome.text)}`;
  }
}

/** The first line of what a server said; nothing in it may draw on the terminal. */
function renderGreeting(text: string): string {
  const [line = ""] = text.split("\n");
  return JSON.stringify(
    line
      .trim()
      .slice(0, 80)
      .replaceAll(/[^\x20-\x7e]+/g, "…"),
  );
}

function passedCheck(step: string, subject: string, seen: string): Check {
  return { step, subject, result: "ok", seen };
}

function skippedCheck(subject: string, seen: string): Check {
  return { step: "tunnel", subject, result: "skipped", seen };
}

function failedCheck(diagnosis: PlatformDiagnosis, subject: string, seen: string): Check {
  return { step: PLATFORM_DIAGNOSES[diagnosis].step, subject, result: "failed", seen, diagnosis };
}
