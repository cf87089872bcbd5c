import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseCidr } from "../../components/core/cidr.ts";
import type { LoginUsers } from "../../components/core/key-set.ts";
import { quoteArgument, renderStandaloneSshdConfig, type SshdSettings } from "../../components/core/sshd-config.ts";
import { makeKey, runSshd, sshdSettings, UNPRIVILEGED_ID } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
chmodSync(folder, 0o755);

const USERS: LoginUsers = { tunnel: "tunnel", consumer: "consumer" };
const hostKeyFiles = [makeKey(folder, "ed25519").path, makeKey(folder, "ecdsa").path];
for (const file of hostKeyFiles) if (process.getuid?.() === 0) chownSync(file, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
const hostKeysFile = join(folder, "host-keys.conf");
writeFileSync(hostKeysFile, hostKeyFiles.map((file) => `HostKey ${file}\n`).join(""));

function settings(changes: Partial<SshdSettings> = {}): SshdSettings {
  return {
    version: { major: 9, minor: 2 },
    sshPort: 2222,
    users: USERS,
    hostKeysFile: "/bastion/live/host-keys.conf",
    authorizedKeysCommand: "/usr/bin/python3 -I -S /bastion/keys.py %u %t %k",
    authorizedKeysCommandUser: "tunnel",
    permitDirectory: "/bastion/live",
    allowedSources: [parseCidr("198.51.100.0/24"), parseCidr("2001:db8::/32")],
    penaltyExemptCidrs: [],
    legacyCiphers: false,
    ...changes,
  };
}

let files = 0;

/** Writes a configuration, and the files it includes, where the machine's sshd can judge it. */
function installed(changes: Partial<SshdSettings> = {}, permits: Readonly<Record<string, string>> = {}): string {
  files += 1;
  const permitDirectory = changes.permitDirectory ?? join(folder, `permits ${files}`);
  mkdirSync(permitDirectory, { recursive: true });
  for (const [user, text] of Object.entries(permits)) writeFileSync(join(permitDirectory, `${user}.conf`), text);
  const file = join(folder, `sshd_config_${files}`);
  writeFileSync(file, renderStandaloneSshdConfig(settings({ hostKeysFile, permitDirectory, ...changes })));
  return file;
}

/** Those of the effective values that a test is about. */
function effective(file: string, user: string, ...keywords: readonly string[]): Record<string, string[] | undefined> {
  const all = sshdSettings(file, user);
  return Object.fromEntries(keywords.map((keyword) => [keyword, all[keyword]]));
}

const PERMITS = {
  tunnel: "PermitListen 15000 15001 localhost:8080 127.0.0.1:8080\nPermitOpen none\n",
  consumer: "PermitListen none\nPermitOpen localhost:8080 127.0.0.1:8080\n",
};

const NOTHING_BUT_FORWARDS = {
  passwordauthentication: ["no"],
  kbdinteractiveauthentication: ["no"],
  hostbasedauthentication: ["no"],
  permitrootlogin: ["no"],
  permitemptypasswords: ["no"],
  allowstreamlocalforwarding: ["no"],
  allowagentforwarding: ["no"],
  x11forwarding: ["no"],
  permittunnel: ["no"],
  permittty: ["no"],
  permituserrc: ["no"],
  permituserenvironment: ["no"],
};

test("the configuration of a bastion, to the letter", () => {
  expect(
    renderStandaloneSshdConfig(settings()),
  ).toBe(`# Written by pulumi-reverse-bastion; changes are overwritten by the next \`pulumi up\`.
Port 2222
ListenAddress 0.0.0.0
AddressFamily inet
Include /bastion/live/host-keys.conf
UsePAM no
PidFile none
UseDNS no
PrintMotd no
LogLevel VERBOSE
LogVerbose channels.c:channel_setup_fwd_listener_tcpip():*
AllowUsers tunnel@198.51.100.0/24 tunnel@2001:db8::/32 consumer@198.51.100.0/24 consumer@2001:db8::/32
AuthenticationMethods publickey
AuthorizedKeysFile none
RequiredRSASize 3072
Compression no
Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com
PasswordAuthentication no
KbdInteractiveAuthentication no
HostbasedAuthentication no
PermitRootLogin no
PermitEmptyPasswords no
AllowTcpForwarding no
AllowStreamLocalForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitTunnel no
PermitTTY no
PermitUserRC no
PermitUserEnvironment no
ClientAliveInterval 7
ClientAliveCountMax 3
TCPKeepAlive yes
LoginGraceTime 30
MaxStartups 100:30:300
Match User tunnel
    AuthenticationMethods publickey
    AuthorizedKeysCommand /usr/bin/python3 -I -S /bastion/keys.py %u %t %k
    AuthorizedKeysCommandUser tunnel
    AllowTcpForwarding remote
    GatewayPorts clientspecified
    MaxSessions 0
    ForceCommand /usr/bin/false
    Include /bastion/live/tunnel.conf
    PermitListen none
    PermitOpen none
Match User consumer
    AuthenticationMethods publickey
    AuthorizedKeysCommand /usr/bin/python3 -I -S /bastion/keys.py %u %t %k
    AuthorizedKeysCommandUser tunnel
    AllowTcpForwarding local
    GatewayPorts clientspecified
    MaxSessions 0
    ForceCommand /usr/bin/false
    Include /bastion/live/consumer.conf
    PermitListen none
    PermitOpen none
Match all
`);
});

test("the machine's own sshd accepts the configuration, with and without the included files", () => {
  for (const changes of [{}, { legacyCiphers: true }, { users: { tunnel: "me", consumer: "me" } }, { listenAddress: "127.0.0.1" }]) {
    expect(runSshd(["-t", "-f", installed(changes)])).toBe("");
    expect(runSshd(["-t", "-f", installed(changes, PERMITS)])).toBe("");
  }
});

test("sshd as a whole: one port, IPv4, its own keys, no PAM, dead clients noticed within a minute", () => {
  const file = installed({ sshPort: 2200, listenAddress: "127.0.0.1" }, PERMITS);
  expect(
    effective(
      file,
      "tunnel",
      ...[
        "port",
        "listenaddress",
        "addressfamily",
        "hostkey",
        "usepam",
        "pidfile",
        "usedns",
        "loglevel",
        "logverbose",
        "requiredrsasize",
        "compression",
      ],
      ...["clientaliveinterval", "clientalivecountmax", "tcpkeepalive", "logingracetime", "maxstartups", "unusedconnectiontimeout"],
    ),
  ).toEqual({
    port: ["2200"],
    listenaddress: ["127.0.0.1:2200"],
    addressfamily: ["inet"],
    hostkey: hostKeyFiles,
    usepam: ["no"],
    pidfile: ["none"],
    usedns: ["no"],
    loglevel: ["VERBOSE"],
    logverbose: ["channels.c:channel_setup_fwd_listener_tcpip():*"],
    requiredrsasize: ["3072"],
    compression: ["no"],
    clientaliveinterval: ["7"],
    clientalivecountmax: ["3"],
    tcpkeepalive: ["yes"],
    logingracetime: ["30"],
    maxstartups: ["100:30:300"],
    // Absent before OpenSSH 9.5, "none" since: it would end idle tunnels.
    unusedconnectiontimeout: sshdSettings(file, "tunnel").unusedconnectiontimeout === undefined ? undefined : ["none"],
  });
});

test("without a listen address, sshd listens on all IPv4 addresses", () => {
  expect(effective(installed(), "tunnel", "listenaddress")).toEqual({ listenaddress: ["0.0.0.0:2222"] });
});

test("with IPv6, sshd also listens on all IPv6 addresses, and so may bind ports", () => {
  const both = { listenaddress: ["0.0.0.0:2222", "[::]:2222"], addressfamily: ["any"] };
  expect(effective(installed({ ipv6: true }), "tunnel", "listenaddress", "addressfamily")).toEqual(both);
  expect(effective(installed({ ipv6: false }), "tunnel", "listenaddress", "addressfamily")).toEqual({
    listenaddress: ["0.0.0.0:2222"],
    addressfamily: ["inet"],
  });
  expect(renderStandaloneSshdConfig(settings({ ipv6: true }))).toContain("\nListenAddress 0.0.0.0\nListenAddress ::\nAddressFamily any\n");
});

test("the ciphers are AES-GCM only: a client of any release ends up with it", () => {
  for (const user of ["tunnel", "consumer", "somebody"])
    expect(effective(installed(), user, "ciphers")).toEqual({ ciphers: ["aes128-gcm@openssh.com,aes256-gcm@openssh.com"] });
});

test("with legacy ciphers AES-CTR comes after, and chacha20 still not at all", () => {
  expect(effective(installed({ legacyCiphers: true }), "tunnel", "ciphers")).toEqual({
    ciphers: ["aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"],
  });
});

test("only the bastion's users are let in, and only from where clients may come", () => {
  // sshd prints them one a line.
  expect(effective(installed(), "tunnel", "allowusers")).toEqual({
    allowusers: ["tunnel@198.51.100.0/24", "tunnel@2001:db8::/32", "consumer@198.51.100.0/24", "consumer@2001:db8::/32"],
  });
});

test.each(["tunnel", "consumer", "somebody", "root"])("%s can have no password, shell, pty, agent, Unix socket or device", (user) => {
  expect(effective(installed({}, PERMITS), user, ...Object.keys(NOTHING_BUT_FORWARDS))).toEqual(NOTHING_BUT_FORWARDS);
});

const RIGHTS = [
  ...["authenticationmethods", "authorizedkeysfile", "authorizedkeyscommand", "authorizedkeyscommanduser"],
  ...["allowtcpforwarding", "gatewayports", "permitlisten", "permitopen", "maxsessions", "forcecommand"],
];

test("the tunnel user may listen where the included file says, and connect nowhere", () => {
  expect(effective(installed({}, PERMITS), "tunnel", ...RIGHTS)).toEqual({
    authenticationmethods: ["publickey"],
    authorizedkeysfile: ["none"],
    authorizedkeyscommand: ["/usr/bin/python3 -I -S /bastion/keys.py %u %t %k"],
    authorizedkeyscommanduser: ["tunnel"],
    allowtcpforwarding: ["remote"],
    gatewayports: ["clientspecified"],
    permitlisten: ["*:15000 *:15001 localhost:8080 127.0.0.1:8080"],
    permitopen: ["none"],
    maxsessions: ["0"],
    forcecommand: ["/usr/bin/false"],
  });
});

test("the consumer may connect where the included file says, and listen nowhere", () => {
  expect(effective(installed({}, PERMITS), "consumer", ...RIGHTS)).toEqual({
    authenticationmethods: ["publickey"],
    authorizedkeysfile: ["none"],
    authorizedkeyscommand: ["/usr/bin/python3 -I -S /bastion/keys.py %u %t %k"],
    authorizedkeyscommanduser: ["tunnel"],
    allowtcpforwarding: ["local"],
    gatewayports: ["clientspecified"],
    permitlisten: ["none"],
    permitopen: ["localhost:8080 127.0.0.1:8080"],
    maxsessions: ["0"],
    forcecommand: ["/usr/bin/false"],
  });
});

test("another user has no keys and no forwards", () => {
  expect(effective(installed({}, PERMITS), "somebody", "authorizedkeysfile", "authorizedkeyscommand", "allowtcpforwarding")).toEqual({
    authorizedkeysfile: ["none"],
    authorizedkeyscommand: ["none"],
    allowtcpforwarding: ["no"],
  });
});

test("a user whose included file is missing may forward nothing", () => {
  for (const [user, permits] of [
    ["tunnel", { consumer: PERMITS.consumer }],
    ["consumer", { tunnel: PERMITS.tunnel }],
  ] as const)
    expect(effective(installed({}, permits), user, "permitlisten", "permitopen")).toEqual({ permitlisten: ["none"], permitopen: ["none"] });
});

test("an included file cannot give its user more than forwards in the user's own direction", () => {
  const greedy =
    "PermitListen any\nPermitOpen any\nAllowTcpForwarding yes\nMaxSessions 10\nPermitTTY yes\nForceCommand /bin/sh\nAllowStreamLocalForwarding yes\n";
  const file = installed({}, { tunnel: greedy });
  // What stands before the include wins; sessions are limited after it, since the file is our own.
  expect(effective(file, "tunnel", "allowtcpforwarding", "authorizedkeyscommand")).toEqual({
    allowtcpforwarding: ["remote"],
    authorizedkeyscommand: ["/usr/bin/python3 -I -S /bastion/keys.py %u %t %k"],
  });
  expect(
    effective(file, "consumer", ...["allowtcpforwarding", "permitlisten", "permitopen", "maxsessions", "permittty", "forcecommand"]),
  ).toEqual({
    allowtcpforwarding: ["local"],
    permitlisten: ["none"],
    permitopen: ["none"],
    maxsessions: ["0"],
    permittty: ["no"],
    forcecommand: ["/usr/bin/false"],
  });
});

test("where one user stands for both, it may do both, and is named once", () => {
  const both = "PermitListen 15000\nPermitOpen localhost:8080\n";
  const file = installed({ users: { tunnel: "me", consumer: "me" }, authorizedKeysCommandUser: "me" }, { me: both });
  expect(effective(file, "me", "allowusers", ...RIGHTS)).toEqual({
    allowusers: ["me@198.51.100.0/24", "me@2001:db8::/32"],
    authenticationmethods: ["publickey"],
    authorizedkeysfile: ["none"],
    authorizedkeyscommand: ["/usr/bin/python3 -I -S /bastion/keys.py %u %t %k"],
    authorizedkeyscommanduser: ["me"],
    allowtcpforwarding: ["yes"],
    gatewayports: ["clientspecified"],
    permitlisten: ["*:15000"],
    permitopen: ["localhost:8080"],
    maxsessions: ["0"],
    forcecommand: ["/usr/bin/false"],
  });
  expect(effective(file, "tunnel", "allowtcpforwarding")).toEqual({ allowtcpforwarding: ["no"] });
});

// A user who is forwarded to workloads.

const JUMP = { user: "jump", authorizedKeysCommand: "/usr/bin/python3 -I -S /bastion/jump.py %u %t %k", ports: [2222, 22] };

test("with a user who is forwarded further, the configuration has one more block, and who may come is the same", () => {
  const without = renderStandaloneSshdConfig(settings());
  const clients = "@198.51.100.0/24 consumer@2001:db8::/32";
  expect(renderStandaloneSshdConfig(settings({ jump: JUMP }))).toBe(
    without.replace(clients, `${clients} jump@198.51.100.0/24 jump@2001:db8::/32`).replace(
      "\nMatch all\n",
      `
Match User jump
    AuthenticationMethods publickey
    AuthorizedKeysCommand /usr/bin/python3 -I -S /bastion/jump.py %u %t %k
    AuthorizedKeysCommandUser tunnel
    AllowTcpForwarding local
    GatewayPorts clientspecified
    MaxSessions 0
    ForceCommand /usr/bin/false
    PermitListen none
    PermitOpen *:2222 *:22
Match all
`,
    ),
  );
});

test("that user may connect to those ports, as far as the key permits, listen nowhere, and have nothing else", () => {
  const file = installed({ jump: JUMP }, PERMITS);
  expect(runSshd(["-t", "-f", file])).toBe("");
  expect(effective(file, "jump", "allowusers", ...RIGHTS, ...Object.keys(NOTHING_BUT_FORWARDS))).toEqual({
    ...NOTHING_BUT_FORWARDS,
    allowusers: ["tunnel", "consumer", "jump"].flatMap((user) => [`${user}@198.51.100.0/24`, `${user}@2001:db8::/32`]),
    authenticationmethods: ["publickey"],
    authorizedkeysfile: ["none"],
    authorizedkeyscommand: ["/usr/bin/python3 -I -S /bastion/jump.py %u %t %k"],
    authorizedkeyscommanduser: ["tunnel"],
    allowtcpforwarding: ["local"],
    gatewayports: ["clientspecified"],
    permitlisten: ["none"],
    permitopen: ["*:2222 *:22"],
    maxsessions: ["0"],
    forcecommand: ["/usr/bin/false"],
  });
  for (const user of ["tunnel", "consumer"])
    expect(effective(file, user, ...RIGHTS)).toEqual(effective(installed({}, PERMITS), user, ...RIGHTS));
});

test.each([
  [{ major: 9, minor: 4 }, 7],
  [{ major: 9, minor: 5 }, 15],
  [{ major: 10, minor: 0 }, 15],
])("a client that says nothing is asked every 15 s, whatever sshd %j makes of its interval", (version, seconds) => {
  const lines = renderStandaloneSshdConfig(settings({ version })).split("\n");
  expect(lines.filter((line) => line.startsWith("ClientAlive"))).toEqual([`ClientAliveInterval ${seconds}`, "ClientAliveCountMax 3"]);
});

test("sources that are never penalised are named where sshd knows penalties, from 9.8 on", () => {
  const penaltyExemptCidrs = [parseCidr("10.0.0.0/8"), parseCidr("198.51.100.7/32")];
  const lineOf = (version: SshdSettings["version"], cidrs = penaltyExemptCidrs) =>
    renderStandaloneSshdConfig(settings({ version, penaltyExemptCidrs: cidrs }))
      .split("\n")
      .filter((line) => line.includes("Penalt"));
  expect(lineOf({ major: 9, minor: 8 })).toEqual(["PerSourcePenaltyExemptList 10.0.0.0/8,198.51.100.7/32"]);
  expect(lineOf({ major: 10, minor: 0 })).toEqual(["PerSourcePenaltyExemptList 10.0.0.0/8,198.51.100.7/32"]);
  expect(lineOf({ major: 9, minor: 7 })).toEqual([]);
  expect(lineOf({ major: 10, minor: 0 }, [])).toEqual([]);
});

test.each([
  ["/var/lib/bastion/key", "/var/lib/bastion/key"],
  ["/srv/acme@eu+1%/key_1.pub", "/srv/acme@eu+1%/key_1.pub"],
  ["/srv/my bastion/key", '"/srv/my bastion/key"'],
  ['/srv/a"b\\c', '"/srv/a\\"b\\\\c"'],
  ["/srv/a#b", '"/srv/a#b"'],
  ["", '""'],
])("the path %j stands in sshd_config as %s", (path, argument) => {
  expect(quoteArgument(path)).toBe(argument);
});

test("sshd reads a quoted path as it was meant", () => {
  const odd = join(folder, `a "b" c#d`);
  mkdirSync(odd);
  const [key = ""] = hostKeyFiles;
  const include = join(odd, "host-keys.conf");
  writeFileSync(include, `HostKey ${key}\n`);
  expect(effective(installed({ hostKeysFile: include }), "tunnel", "hostkey")).toEqual({ hostkey: [key] });
});
