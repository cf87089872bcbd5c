import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  quoteForShell,
  renderClientCommand,
  renderConsumerCommand,
  renderLocalForward,
  renderRemoteForward,
  type SshLogin,
} from "../../components/core/ssh-command.ts";
import { exampleTunnels } from "../support/bastions.ts";
import { run, sshSettings, wordsOf } from "../support/openssh.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
// ssh passes over a key file that is not there.
writeFileSync(join(folder, "dc1.key"), "", { mode: 0o600 });

const LOGIN: SshLogin = {
  host: "bastion.example.com",
  sshPort: 2222,
  user: "tunnel",
  identityFile: "./dc1.key",
  knownHostsFile: "./known_hosts",
};
const tunnels = exampleTunnels();
const OPTIONS =
  "-o IdentitiesOnly=yes -o UserKnownHostsFile=./known_hosts -o StrictHostKeyChecking=yes -o UpdateHostKeys=yes -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o TCPKeepAlive=yes -o ConnectTimeout=10 -o Ciphers=aes128-gcm@openssh.com,aes256-gcm@openssh.com";

test("what follows -R says where the bind port listens, and what it leads to", () => {
  expect(tunnels.map(renderRemoteForward)).toEqual([
    "0.0.0.0:15000:orders-db.acme.internal:5432",
    "0.0.0.0:15001:[2001:db8::7]:3306",
    // A bare port lands on loopback.
    "8080:db.acme.internal:5678",
    "203.0.113.2:15002:DESTINATION:PORT",
  ]);
});

test("what follows -L gives a tunnel the same port on one's own machine", () => {
  expect(tunnels.map(renderLocalForward)).toEqual([
    "15000:localhost:15000",
    "15001:localhost:15001",
    "8080:localhost:8080",
    "15002:203.0.113.2:15002",
  ]);
});

test("a client's command, to the letter", () => {
  expect(renderClientCommand(LOGIN, [tunnels[0] as never, tunnels[2] as never])).toBe(
    `ssh -N -T -i ./dc1.key -p 2222 ${OPTIONS} -R 0.0.0.0:15000:orders-db.acme.internal:5432 -R 8080:db.acme.internal:5678 tunnel@bastion.example.com`,
  );
});

test("a consumer's command, to the letter", () => {
  expect(
    renderConsumerCommand({ ...LOGIN, user: "consumer", identityFile: "./flow.key" }, [tunnels[2] as never, tunnels[3] as never]),
  ).toBe(`ssh -N -T -i ./flow.key -p 2222 ${OPTIONS} -L 8080:localhost:8080 -L 15002:203.0.113.2:15002 consumer@bastion.example.com`);
});

test("no command turns the host key check off", () => {
  for (const command of [renderClientCommand(LOGIN, tunnels), renderConsumerCommand(LOGIN, tunnels)]) {
    expect(command).not.toMatch(/StrictHostKeyChecking[= ](?!yes)|\/dev\/null|NoHostAuthentication|accept-new/i);
    expect(command).toMatch(/ -o StrictHostKeyChecking=yes /);
  }
});

test("a shell and ssh read a client's command as it was meant", () => {
  const words = wordsOf(renderClientCommand(LOGIN, tunnels.slice(0, 3)));
  expect(words.shift()).toBe("ssh");
  expect(sshSettings(folder, ["-F", "none", ...words])).toMatchObject({
    host: ["bastion.example.com"],
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
    sessiontype: ["none"],
    requesttty: ["false"],
    remoteforward: ["[0.0.0.0]:15000 [orders-db.acme.internal]:5432", "[0.0.0.0]:15001 [2001:db8::7]:3306", "8080 [db.acme.internal]:5678"],
  });
});

test("a shell and ssh read a consumer's command as it was meant", () => {
  const [, ...args] = wordsOf(renderConsumerCommand({ ...LOGIN, user: "consumer" }, tunnels));
  expect(sshSettings(folder, ["-F", "none", ...args])).toMatchObject({
    user: ["consumer"],
    localforward: ["15000 [localhost]:15000", "15001 [localhost]:15001", "8080 [localhost]:8080", "15002 [203.0.113.2]:15002"],
  });
});

test("the bastion's host cannot become an option, a command or a second word", () => {
  for (const host of ["-oProxyCommand=id", "$(id)", "a b", "a;id", "a'b", "`id`", "a\nb", "2001:db8::2"]) {
    const words = wordsOf(renderClientCommand({ ...LOGIN, host }, tunnels.slice(0, 1)));
    expect(words.at(-1)).toBe(`tunnel@${host}`);
    expect(words.length).toBe(30);
  }
});

test.each([
  ["plain", "plain"],
  ["./a-b_c.key", "./a-b_c.key"],
  ["0.0.0.0:15000:db:5432", "0.0.0.0:15000:db:5432"],
  ["[2001:db8::7]:3306", "'[2001:db8::7]:3306'"],
  ["a b", "'a b'"],
  ["it's", "'it'\\''s'"],
  ["$(id)", "'$(id)'"],
  ["", "''"],
  ["~/key", "'~/key'"],
  ["*", "'*'"],
])("the word %j is typed as %s", (word, typed) => {
  expect(quoteForShell(word)).toBe(typed);
});

test("a real shell takes every quoted word as it was", () => {
  const word = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          "\\",
          "$",
          "`",
          "(",
          ")",
          " ",
          "\t",
          "\n",
          "*",
          "?",
          "~",
          "#",
          "!",
          ";",
          "&",
          "|",
          "<",
          ">",
          "=",
          "a",
          "-",
        ),
        { maxLength: 10 },
      )
      .map((all) => all.join("")),
  );
  // One shell for many words: a process for each would take minutes.
  fc.assert(
    fc.property(
      fc.array(
        word.map((text) => text.replaceAll("\0", "")),
        { minLength: 50, maxLength: 200 },
      ),
      (words) => {
        expect(
          run("sh", ["-c", `printf '%s\\0' ${words.map(quoteForShell).join(" ")}`])
            .split("\0")
            .slice(0, -1),
        ).toEqual(words);
      },
    ),
    { numRuns: 20 },
  );
});
