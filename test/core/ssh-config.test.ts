import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDestination } from "../../components/core/destination.ts";
import type { PlacedTunnel } from "../../components/core/forward.ts";
import type { SshLogin } from "../../components/core/ssh-command.ts";
import { renderClientSshConfig, renderConsumerSshConfig } from "../../components/core/ssh-config.ts";
import { exampleTunnels } from "../support/bastions.ts";
import { sshSettings } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const LOGIN: SshLogin = {
  host: "bastion.example.com",
  sshPort: 2222,
  user: "tunnel",
  identityFile: "./dc1.key",
  knownHostsFile: "./known_hosts",
};
const tunnels = exampleTunnels();

const OPTIONS = `    IdentityFile ./dc1.key
    IdentitiesOnly yes
    UserKnownHostsFile ./known_hosts
    StrictHostKeyChecking yes
    UpdateHostKeys yes
    ExitOnForwardFailure yes
    ServerAliveInterval 15
    ServerAliveCountMax 3
    TCPKeepAlive yes
    ConnectTimeout 10
    Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com
`;

/** What the real ssh makes of a `Host` block. */
function settingsOf(text: string, alias: string) {
  const file = join(folder, "ssh_config");
  writeFileSync(file, text);
  return sshSettings(folder, ["-F", file, alias]);
}

test("a client's Host block, to the letter", () => {
  expect(renderClientSshConfig("bastion-dc1", LOGIN, tunnels)).toBe(`Host bastion-dc1
    HostName bastion.example.com
    Port 2222
    User tunnel
${OPTIONS}    RemoteForward 0.0.0.0:15000 orders-db.acme.internal:5432
    RemoteForward 0.0.0.0:15001 [2001:db8::7]:3306
    RemoteForward 8080 db.acme.internal:5678
    RemoteForward 203.0.113.2:15002 DESTINATION:PORT
`);
});

test("a consumer's Host block, to the letter", () => {
  expect(renderConsumerSshConfig("bastion-flow", { ...LOGIN, user: "consumer" }, tunnels.slice(2))).toBe(`Host bastion-flow
    HostName bastion.example.com
    Port 2222
    User consumer
${OPTIONS}    LocalForward 8080 localhost:8080
    LocalForward 15002 203.0.113.2:15002
`);
});

test("ssh reads a client's Host block as it was meant", () => {
  expect(settingsOf(renderClientSshConfig("bastion-dc1", LOGIN, tunnels.slice(0, 3)), "bastion-dc1")).toMatchObject({
    hostname: ["bastion.example.com"],
    user: ["tunnel"],
    port: ["2222"],
    identityfile: ["./dc1.key"],
    identitiesonly: ["yes"],
    userknownhostsfile: ["./known_hosts"],
    stricthostkeychecking: ["true"],
    exitonforwardfailure: ["yes"],
    serveraliveinterval: ["15"],
    serveralivecountmax: ["3"],
    tcpkeepalive: ["yes"],
    connecttimeout: ["10"],
    ciphers: ["aes128-gcm@openssh.com,aes256-gcm@openssh.com"],
    remoteforward: ["[0.0.0.0]:15000 [orders-db.acme.internal]:5432", "[0.0.0.0]:15001 [2001:db8::7]:3306", "8080 [db.acme.internal]:5678"],
  });
});

test("ssh reads a consumer's Host block as it was meant, and no other host is touched by it", () => {
  const text = renderConsumerSshConfig("bastion-flow", { ...LOGIN, user: "consumer" }, tunnels);
  expect(settingsOf(text, "bastion-flow")).toMatchObject({
    user: ["consumer"],
    localforward: ["15000 [localhost]:15000", "15001 [localhost]:15001", "8080 [localhost]:8080", "15002 [203.0.113.2]:15002"],
  });
  expect(settingsOf(text, "elsewhere")).toMatchObject({ hostname: ["elsewhere"], port: ["22"] });
  expect(settingsOf(text, "elsewhere").localforward).toBeUndefined();
});

test("file names with blanks are quoted", () => {
  const text = renderClientSshConfig(
    "b",
    { ...LOGIN, identityFile: "/keys of mine/dc1.key", knownHostsFile: "/keys of mine/known_hosts" },
    [],
  );
  expect(settingsOf(text, "b")).toMatchObject({
    identityfile: ["/keys of mine/dc1.key"],
    userknownhostsfile: ["/keys of mine/known_hosts"],
  });
});

test("the command and the Host block mean the same forwards, whatever the destination looks like", () => {
  const label = fc.array(fc.constantFrom("a", "b", "1", "0", "-", "_"), { minLength: 1, maxLength: 5 }).map((all) => `x${all.join("")}x`);
  const host = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join(".")),
    fc.ipV4(),
    fc.ipV6().filter((address) => !address.includes("%") && address !== "::"),
  );
  const port = fc.integer({ min: 1, max: 65535 });
  const bindAddress = fc.oneof(
    fc.constantFrom({ scope: "all" as const }, { scope: "loopback" as const }),
    fc.ipV4().map((address) => ({ scope: "address" as const, address })),
  );
  const placed: fc.Arbitrary<PlacedTunnel> = fc
    .record({ host, hostPort: port, bindPort: fc.integer({ min: 1024, max: 32767 }), bindAddress })
    .map(({ host: name, hostPort, ...rest }) => ({
      name: "t",
      requestedBindPort: undefined,
      destination: { host: name, hostPort },
      ...rest,
    }));
  fc.assert(
    fc.property(placed, (tunnel) => {
      const [listen = "", destination = ""] = (/RemoteForward (.+)\n$/.exec(renderClientSshConfig("b", LOGIN, [tunnel]))?.[1] ?? "").split(
        " ",
      );
      const { scope } = tunnel.bindAddress;
      const address = scope === "address" ? `${tunnel.bindAddress.address}:` : scope === "all" ? "0.0.0.0:" : "";
      expect(listen).toBe(`${address}${tunnel.bindPort}`);
      expect(parseDestination(destination)).toEqual(tunnel.destination);
    }),
    { numRuns: 1000 },
  );
});
