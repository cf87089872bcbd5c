import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CUSTOMER_DIAGNOSES, type CustomerDiagnosis } from "../../components/kit/doctor/customer-diagnoses.ts";
import {
  type ConnectionOutcome,
  diagnoseBindPort,
  diagnoseConsumerLogin,
  diagnoseHostKeys,
  diagnoseSshPort,
} from "../../components/kit/doctor/diagnose-platform.ts";
import { kitFacts } from "../../components/kit/kit-facts.ts";
import { renderPage } from "../../components/kit/page/page.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { exampleDescription, exampleKit, writeKit } from "./example-kit.ts";

const folder = temporaryFolder();

describe("what doctor.sh makes of what ssh says", () => {
  writeKit(folder, exampleKit().values());
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "dr-site.key")]);
  // Stands for ssh where it connects, and is ssh where it is asked for its version or settings.
  const fake = join(folder, "bin");
  spawnSync("mkdir", [fake]);
  const realSsh = spawnSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).stdout.trim();
  writeFileSync(join(fake, "ssh"), `#!/bin/sh\ncase $1 in -V | -G) exec ${realSsh} "$@" ;; esac\ncat "$SAID" >&2\nexit 255\n`);
  chmodSync(join(fake, "ssh"), 0o755);

  const examine = (lines: readonly string[]) => {
    const said = join(folder, "said");
    writeFileSync(said, lines.map((line) => `${line}\r\n`).join(""));
    const { stdout, stderr, status } = spawnSync("sh", [join(folder, "doctor.sh"), "--json"], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${fake}:${process.env.PATH}`, SAID: said },
    });
    expect(stderr).toBe("");
    const { diagnosis, steps, exitCode, seen } = JSON.parse(stdout) as {
      diagnosis: string;
      seen: string;
      exitCode: number;
      steps: readonly { step: string }[];
    };
    expect(exitCode).toBe(status);
    return { diagnosis, after: steps.at(-1)?.step, exitCode, seen };
  };

  const DIALLED = ["debug1: Connecting to bastion.example.com [192.0.2.1] port 2222."];
  const CONNECTED = [...DIALLED, "debug1: Connection established."];
  const GREETED = [...CONNECTED, "debug1: Remote protocol version 2.0, remote software version OpenSSH_10.0"];
  const KNOWN = [...GREETED, "debug1: Host '[bastion.example.com]:2222' is known and matches the ED25519 host key."];
  const LET_IN = [...KNOWN, 'Authenticated to bastion.example.com ([192.0.2.1]:2222) using "publickey".'];
  const end = (said: string) => `kex_exchange_identification: ${said}`;

  test.each<[CustomerDiagnosis, number, string, readonly string[]]>([
    ["name-unknown", 10, "files", ["ssh: Could not resolve hostname bastion.example.com: Name or service not known"]],
    ["name-unknown", 10, "files", ["ssh: Could not resolve hostname bastion.example.com: nodename nor servname provided, or not known"]],
    ["connection-refused", 10, "name", [...DIALLED, "ssh: connect to host bastion.example.com port 2222: Connection refused"]],
    ["no-route", 10, "name", [...DIALLED, "ssh: connect to host bastion.example.com port 2222: No route to host"]],
    ["no-route", 10, "name", [...DIALLED, "ssh: connect to host bastion.example.com port 2222: Network is unreachable"]],
    ["connection-timeout", 12, "name", [...DIALLED, "ssh: connect to host bastion.example.com port 2222: Operation timed out"]],
    [
      "in-penalty",
      10,
      "tcp",
      [...CONNECTED, `debug1: ${end("banner line 0: Not allowed at this time")}`, end("Connection closed by remote host")],
    ],
    [
      "too-many-logins",
      11,
      "tcp",
      [...CONNECTED, `debug1: ${end("banner line 0: Exceeded MaxStartups")}`, end("Connection closed by remote host")],
    ],
    [
      "not-ssh",
      12,
      "tcp",
      [...CONNECTED, `debug1: ${end("banner line 0: HTTP/1.1 400 Bad Request")}`, end("client sent invalid protocol")],
    ],
    ["no-banner", 12, "tcp", [...CONNECTED, "Connection timed out during banner exchange"]],
    ["closed-before-ssh", 10, "tcp", [...CONNECTED, end("read: Connection reset by peer")]],
    ["closed-before-ssh", 10, "tcp", [...CONNECTED, end("Connection closed by remote host")]],
    ["no-common-algorithm", 10, "banner", [...GREETED, "Unable to negotiate with 192.0.2.1 port 2222: no matching cipher found."]],
    [
      "host-key-not-pinned",
      10,
      "banner",
      [...GREETED, "No ED25519 host key is known for [bastion.example.com]:2222 and you have requested"],
    ],
    ["connection-lost", 12, "banner", [...GREETED, "Connection closed by 192.0.2.1 port 2222"]],
    ["connection-lost", 12, "host key", [...KNOWN, "Connection reset by 192.0.2.1 port 2222"]],
    ["key-wrong", 10, "host key", [...KNOWN, "tunnel@bastion.example.com: Permission denied (publickey)."]],
    ["connection-lost", 12, "login", [...LET_IN, "Connection to bastion.example.com closed by remote host."]],
    ["unexplained", 12, "banner", [...GREETED, "ssh: something new"]],
  ])("%s, %i after %s", (diagnosis, exitCode, after, said) => {
    expect(examine(said)).toEqual({ diagnosis, exitCode, after, seen: expect.stringMatching(/./) });
  });

  test("another host key is shown by its fingerprint", () => {
    const warning = [
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @",
      "The fingerprint for the ED25519 key sent by the remote host is",
    ];
    const { diagnosis, seen } = examine([...GREETED, ...warning, "SHA256:abc.", "Host key verification failed."]);
    expect({ diagnosis, seen }).toEqual({
      diagnosis: "host-key-changed",
      seen: "SHA256:abc. is what answered at bastion.example.com port 2222",
    });
  });

  test("what a server says cannot break the JSON, nor draw on a terminal", () => {
    const { seen } = examine([
      ...CONNECTED,
      `debug1: ${end('banner line 0: "\\\u001b[31m\u00e9')}`,
      end("Connection closed by remote host"),
    ]);
    expect(seen).toBe(end('banner line 0: "\\[31m'));
  });
});

describe("the page's list of failures", () => {
  const page = renderPage(kitFacts({ customer: "acme", description: exampleDescription(), client: "dr-site" }), []);
  const rows = [...page.matchAll(/<tr>\n<th scope="row">[\s\S]*?<\/tr>/g)].map(([row]) =>
    row
      .replaceAll(/<wbr>|<[^>]+>/g, "")
      .replaceAll("&#39;", "'")
      .replaceAll(/\s+/g, " "),
  );

  test.each<CustomerDiagnosis>([
    "name-unknown",
    "connection-refused",
    "connection-timeout",
    "closed-before-ssh",
    "known-hosts-missing",
    "host-key-changed",
    "key-too-open",
    "key-damaged",
    "source-unreachable",
  ])("has the words and the side of doctor.sh for %s", (name) => {
    const { meaning, remedy, side } = CUSTOMER_DIAGNOSES[name];
    const said = remedy.replaceAll("{host}", "bastion.example.com").replaceAll("{sshPort}", "2222").replaceAll("{keyFile}", "dr-site.key");
    const whose = { customer: "yours", platform: "platform", undecided: "yours platform" }[side];
    expect(rows.filter((row) => row.includes(meaning) && row.includes(` ${whose} ${said}`))).toHaveLength(1);
  });
});

describe("what the platform's end makes of a connection", () => {
  const answered = (text: string): ConnectionOutcome => ({ kind: "answered", text });

  test.each([
    [answered("SSH-2.0-OpenSSH_10.0\r\n"), undefined],
    [answered("Welcome\r\nSSH-2.0-OpenSSH_10.0\r\n"), undefined],
    [answered("Not allowed at this time\r\n"), "in-penalty"],
    [answered("Exceeded MaxStartups\r\n"), "too-many-logins"],
    [answered("HTTP/1.1 400 Bad Request\r\n"), "not-ssh"],
    [{ kind: "open" }, "no-banner"],
    [{ kind: "closed" }, "no-banner"],
    [{ kind: "refused" }, "connection-refused"],
    [{ kind: "timeout" }, "connection-timeout"],
    [{ kind: "no-route" }, "no-route"],
    [{ kind: "name-unknown" }, "name-unknown"],
  ] as const)("to the SSH port: %j is %s", (outcome, diagnosis) => {
    expect(diagnoseSshPort(outcome)).toBe(diagnosis);
  });

  test.each([
    ["refused", "tunnel-down"],
    ["closed", "data-source-down"],
    ["open", undefined],
    ["timeout", "bind-port-unreachable"],
    ["no-route", "bind-port-unreachable"],
    ["name-unknown", "consumer-address-unknown"],
  ] as const)("to a bind port: %s is %s", (kind, diagnosis) => {
    expect(diagnoseBindPort({ kind })).toBe(diagnosis);
  });

  test.each([
    [["ssh-ed25519 A", "ssh-rsa B"], ["ssh-ed25519 A"], undefined],
    [["ssh-ed25519 A", "ssh-rsa B"], ["ssh-rsa B", "ssh-ed25519 A"], undefined],
    [["ssh-ed25519 A"], ["ssh-ed25519 C"], "host-key-changed"],
    [["ssh-ed25519 A", "ssh-rsa B"], ["ssh-ed25519 A", "ssh-rsa C"], "host-key-changed"],
    [["ssh-ed25519 A"], ["ssh-rsa B"], "host-keys-unread"],
    [["ssh-ed25519 A"], [], "host-keys-unread"],
  ] as const)("host keys pinned %j, shown %j: %s", (pinned, shown, diagnosis) => {
    expect(diagnoseHostKeys(pinned, shown)).toBe(diagnosis);
  });

  test.each([
    ["Authenticated to bastion", true, undefined],
    ["channel 0: open failed: connect failed: Connection refused", false, "tunnel-down"],
    ["channel 0: open failed: administratively prohibited: open failed", false, "tunnel-not-permitted"],
    ['Load key "a": error in libcrypto\nPermission denied (publickey).', false, "identity-unusable"],
    ["Warning: Identity file a not accessible: No such file or directory.\nno such identity: a: No such file", false, "identity-unusable"],
    ["consumer@bastion: Permission denied (publickey).", false, "identity-refused"],
    ["Host key verification failed.", false, "host-key-changed"],
    ["Authenticated to bastion", false, "data-source-down"],
    ["Connection reset by peer", false, "connection-lost"],
  ] as const)("of a consumer: %j, open %s: %s", (said, isOpen, diagnosis) => {
    expect(diagnoseConsumerLogin(said, isOpen)).toBe(diagnosis);
  });
});
