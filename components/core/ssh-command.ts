import { CIPHERS } from "./cipher.ts";
import { renderDestination } from "./destination.ts";
import { loopbackHostOf, type PlacedTunnel, requestedBindAddress, statusDestination } from "./forward.ts";
import type { SshEndpoint } from "./known-hosts.ts";

/** A login, and the two files it needs, as they are called where the command is typed. */
export interface SshLogin extends SshEndpoint {
  readonly user: string;
  /** Private key, `-i`. */
  readonly identityFile: string;
  /** File with the bastion's pinned host keys. */
  readonly knownHostsFile: string;
}

/**
 * Options of every command and `ssh_config` we hand out, in the order they are printed.
 *
 * The host key is pinned, and the next one is learned when the bastion announces it. A refused forward ends ssh, so
 * that what supervises it tries again. A dead path is noticed within 45 s. Only the named key is offered, since each
 * further one counts as a failed login. The cipher is named, since OpenSSH before 10.0 would choose AES-CTR of a
 * bastion that has it too.
 */
export function sshOptions({ identityFile, knownHostsFile }: SshLogin): readonly (readonly [name: string, value: string])[] {
  return [
    ["IdentityFile", identityFile],
    ["IdentitiesOnly", "yes"],
    ["UserKnownHostsFile", knownHostsFile],
    ["StrictHostKeyChecking", "yes"],
    ["UpdateHostKeys", "yes"],
    ["ExitOnForwardFailure", "yes"],
    ["ServerAliveInterval", "15"],
    ["ServerAliveCountMax", "3"],
    ["TCPKeepAlive", "yes"],
    ["ConnectTimeout", "10"],
    ["Ciphers", CIPHERS.join(",")],
  ];
}

/** What follows `-R` for a tunnel: `0.0.0.0:15000:db.internal:5432`. */
export function renderRemoteForward(tunnel: PlacedTunnel): string {
  const destination = tunnel.destination === undefined ? "DESTINATION:PORT" : renderDestination(tunnel.destination);
  return `${requestedBindAddress(tunnel.bindAddress)}${tunnel.bindPort}:${destination}`;
}

/** What follows `-L` to reach a tunnel from one's own machine, at the same port on loopback. */
export function renderLocalForward({ bindAddress, bindPort }: PlacedTunnel): string {
  return `${bindPort}:${loopbackHostOf(bindAddress)}:${bindPort}`;
}

/** What follows `-L` to read the bastion's status from one's own machine, at the same port on loopback. */
export function renderStatusForward(statusPort: number): string {
  return `${statusPort}:${statusDestination(statusPort)}`;
}

/** Renders the command by which a client opens tunnels, several on one connection. */
export function renderClientCommand(login: SshLogin, tunnels: readonly PlacedTunnel[]): string {
  return renderCommand(
    login,
    tunnels.flatMap((tunnel) => ["-R", renderRemoteForward(tunnel)]),
  );
}

/** Renders the command by which a consumer reaches tunnels. */
export function renderConsumerCommand(login: SshLogin, tunnels: readonly PlacedTunnel[]): string {
  return renderCommand(
    login,
    tunnels.flatMap((tunnel) => ["-L", renderLocalForward(tunnel)]),
  );
}

/** Renders the command that keeps the bastion's status and metrics at a port of one's own machine. */
export function renderOperatorCommand(login: SshLogin, statusPort: number): string {
  return renderCommand(login, ["-L", renderStatusForward(statusPort)]);
}

function renderCommand(login: SshLogin, forwards: readonly string[]): string {
  const [, ...options] = sshOptions(login);
  const words = [
    "ssh",
    "-N",
    "-T",
    "-i",
    login.identityFile,
    "-p",
    `${login.sshPort}`,
    ...options.flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ...forwards,
    `${login.user}@${login.host}`,
  ];
  return words.map(quoteForShell).join(" ");
}

/** Quotes a word for POSIX shells, only where it needs it. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
