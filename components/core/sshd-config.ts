import { type CidrBlock, renderCidr } from "./cidr.ts";
import { CIPHERS } from "./cipher.ts";
import type { LoginUsers } from "./key-set.ts";
import { isAtLeast, type OpenSshVersion } from "./openssh-version.ts";

/** What the configuration of a bastion's sshd depends on. Nothing in it changes with keys or tunnels. */
export interface SshdSettings {
  readonly version: OpenSshVersion;
  readonly sshPort: number;
  /** Address sshd listens on; all of them when left out. */
  readonly listenAddress?: string | undefined;
  /** Also listen on IPv6, for logins and for bind ports. */
  readonly ipv6?: boolean | undefined;
  readonly users: LoginUsers;
  readonly jump?: JumpSettings | undefined;
  /** File with a `HostKey` line for each host key of the moment. */
  readonly hostKeysFile: string;
  /** The command that gives a user's keys, with its arguments, and the user it runs as. */
  readonly authorizedKeysCommand: string;
  readonly authorizedKeysCommandUser: string;
  /** Folder of the files `<user>.conf` with the `PermitListen` and `PermitOpen` of the moment. */
  readonly permitDirectory: string;
  /** Blocks that sshd itself lets log in, where no firewall stands in front of it. */
  readonly allowedSources: readonly CidrBlock[];
  /** Sources that are never shut out for failed logins (OpenSSH ≥ 9.8). */
  readonly penaltyExemptCidrs: readonly CidrBlock[];
  readonly legacyCiphers: boolean;
}

/** A user who is forwarded to hosts that each key names by itself, and whose keys are in no key set. */
export interface JumpSettings {
  readonly user: string;
  /** The command that gives the user's keys, with its arguments. */
  readonly authorizedKeysCommand: string;
  /** The ports, on whatever host, that a key can name at the most. */
  readonly ports: readonly number[];
}

/** Not offered unless asked for: left to itself, an OpenSSH client before 10.0 chooses AES-CTR before AES-GCM. */
const LEGACY_CIPHERS = ["aes256-ctr", "aes192-ctr", "aes128-ctr"];

/** What no user of a bastion may do, whatever a later Match block says. */
const CLOSED = [
  "PasswordAuthentication no",
  "KbdInteractiveAuthentication no",
  "HostbasedAuthentication no",
  "PermitRootLogin no",
  "PermitEmptyPasswords no",
  "AllowTcpForwarding no",
  // Not covered by AllowTcpForwarding nor PermitListen: a Unix socket would be a way around both.
  "AllowStreamLocalForwarding no",
  "AllowAgentForwarding no",
  "X11Forwarding no",
  "PermitTunnel no",
  "PermitTTY no",
  "PermitUserRC no",
  "PermitUserEnvironment no",
];

/**
 * A client that says nothing is asked every 15 s, and has gone after four times that. Before OpenSSH 9.5, sshd asks when
 * more than the interval has passed, in whole seconds, and finds that out at every second interval only.
 */
function renderClientAlive(version: OpenSshVersion): string[] {
  return [`ClientAliveInterval ${isAtLeast(version, 9, 5) ? 15 : 7}`, "ClientAliveCountMax 3"];
}

/** UnusedConnectionTimeout must stay unset: it ends idle tunnels. */
const CONNECTIONS = [
  "TCPKeepAlive yes",
  "LoginGraceTime 30",
  // All customers come back at the same moment after a restart; the default drops them at random from the tenth on.
  "MaxStartups 100:30:300",
];

/**
 * Renders the whole `sshd_config` of an sshd that is the bastion's own and runs without root: no PAM, no PID file,
 * and no other user than those of the bastion.
 */
export function renderStandaloneSshdConfig(settings: SshdSettings): string {
  const { version, sshPort, hostKeysFile, users, jump, allowedSources } = settings;
  const names = [...new Set([users.tunnel, users.consumer])];
  const logins = [...names, ...(jump === undefined ? [] : [jump.user])];
  return lines(
    "# Written by pulumi-reverse-bastion; changes are overwritten by the next `pulumi up`.",
    `Port ${sshPort}`,
    ...renderListening(settings),
    `Include ${quoteArgument(hostKeysFile)}`,
    "UsePAM no",
    "PidFile none",
    "UseDNS no",
    "PrintMotd no",
    "LogLevel VERBOSE",
    // Which process opens which bind port: sshd tells nobody else, and dead clients are found by it.
    "LogVerbose channels.c:channel_setup_fwd_listener_tcpip():*",
    `AllowUsers ${logins.flatMap((name) => allowedSources.map((block) => `${name}@${renderCidr(block)}`)).join(" ")}`,
    "AuthenticationMethods publickey",
    "AuthorizedKeysFile none",
    "RequiredRSASize 3072",
    "Compression no",
    `Ciphers ${[...CIPHERS, ...(settings.legacyCiphers ? LEGACY_CIPHERS : [])].join(",")}`,
    ...CLOSED,
    ...renderClientAlive(version),
    ...CONNECTIONS,
    ...renderPenalties(settings),
    ...names.flatMap((name) => renderUserMatch(name, settings)),
    ...(jump === undefined ? [] : renderJumpMatch(jump, settings)),
    "Match all",
  );
}

/** The family also governs forwards: with both, a second client could get half of a port that is taken, so IPv6 is asked for. */
function renderListening({ listenAddress, ipv6 = false }: SshdSettings): string[] {
  const addresses = listenAddress === undefined ? ["0.0.0.0", ...(ipv6 ? ["::"] : [])] : [listenAddress];
  return [...addresses.map((address) => `ListenAddress ${address}`), `AddressFamily ${ipv6 ? "any" : "inet"}`];
}

function renderPenalties({ version, penaltyExemptCidrs }: SshdSettings): string[] {
  if (!isAtLeast(version, 9, 8) || penaltyExemptCidrs.length === 0) return [];
  return [`PerSourcePenaltyExemptList ${penaltyExemptCidrs.map(renderCidr).join(",")}`];
}

function renderUserMatch(user: string, { users, permitDirectory, ...settings }: SshdSettings): string[] {
  const directions = users.tunnel === users.consumer ? "yes" : user === users.tunnel ? "remote" : "local";
  return [
    ...renderMatch(user, directions, settings),
    `    Include ${quoteArgument(`${permitDirectory}/${user}.conf`)}`,
    // The first value counts: nothing above can be lifted by the included file, and these hold only where it is missing.
    "    PermitListen none",
    "    PermitOpen none",
  ];
}

function renderJumpMatch({ user, authorizedKeysCommand, ports }: JumpSettings, { authorizedKeysCommandUser }: SshdSettings): string[] {
  return [
    ...renderMatch(user, "local", { authorizedKeysCommand, authorizedKeysCommandUser }),
    "    PermitListen none",
    // Beside these, sshd asks the key: a forward has to be permitted by both.
    `    PermitOpen ${ports.map((port) => `*:${port}`).join(" ")}`,
  ];
}

function renderMatch(
  user: string,
  directions: "yes" | "remote" | "local",
  { authorizedKeysCommand, authorizedKeysCommandUser }: Pick<SshdSettings, "authorizedKeysCommand" | "authorizedKeysCommandUser">,
): string[] {
  return [
    `Match User ${user}`,
    "    AuthenticationMethods publickey",
    `    AuthorizedKeysCommand ${authorizedKeysCommand}`,
    `    AuthorizedKeysCommandUser ${authorizedKeysCommandUser}`,
    `    AllowTcpForwarding ${directions}`,
    "    GatewayPorts clientspecified",
    // No shell, command, sftp or scp, not even as a session that then fails; forwards need none.
    "    MaxSessions 0",
    "    ForceCommand /usr/bin/false",
  ];
}

/** Quotes a path for sshd_config, where a space would begin another argument. */
export function quoteArgument(text: string): string {
  return /^[\w./@%+-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

function lines(...text: readonly string[]): string {
  return `${text.join("\n")}\n`;
}
