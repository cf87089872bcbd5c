import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { SSH_LINES } from "../../components/kit/doctor/ssh-log.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { exampleKit, writeKit } from "./example-kit.ts";

const folder = temporaryFolder();
writeKit(folder, exampleKit().values());

describe("what doctor.ps1 finds", () => {
  const end = "kex_exchange_identification: ";

  test.each<[keyof typeof SSH_LINES, string, readonly string[]]>([
    ["version", "OpenSSH_for_Windows_7.7p1, LibreSSL 2.6.5", ["7", "7"]],
    ["version", "OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2", ["9", "5"]],
    ["version", "OpenSSH_10.0p2 Debian-7, OpenSSL 3.5.1 1 Jul 2025", ["10", "0"]],
    ["connecting", "debug1: Connecting to bastion.example.com [192.0.2.1] port 2222.", ["192.0.2.1"]],
    ["connecting", "debug1: Connecting to bastion.example.com [2001:db8::1] port 2222.", ["2001:db8::1"]],
    ["greeting", "SSH-2.0-OpenSSH_10.0p2 Debian-7\r\n", ["OpenSSH_10.0p2 Debian-7"]],
    ["greeting", "Welcome\r\nSSH-1.99-Server\n", ["Server"]],
    ["greeted", "debug1: Remote protocol version 2.0, remote software version OpenSSH_10.0", []],
    ["banner", `debug1: ${end}banner line 0: Not allowed at this time`, [`${end}banner line 0: Not allowed at this time`]],
    ["hostKey", "debug1: Server host key: ssh-ed25519 SHA256:abc", ["ssh-ed25519 SHA256:abc"]],
    ["hostKeyKnown", "debug1: Host '[bastion.example.com]:2222' is known and matches the ED25519 host key.", []],
    ["otherHostKey", "The fingerprint for the ED25519 key sent by the remote host is\nSHA256:abc.\nPlease", ["SHA256:abc."]],
    ["authenticated", 'Authenticated to bastion.example.com ([192.0.2.1]:2222) using "publickey".', []],
    ["authenticated", "Authenticated to bastion.example.com ([192.0.2.1]:2222).", []],
    ["forwardRefused", "debug1: Remote: port forwarding refused", []],
    ["forwardAnswered", "debug1: remote forward success for: listen 0.0.0.0:15000, connect db.internal:5432", ["success", "0.0.0.0:15000"]],
    ["forwardAnswered", "debug1: remote forward failure for: listen 8080, connect 127.0.0.1:7", ["failure", "8080"]],
  ])("%s in %j", (name, text, groups) => {
    expect(SSH_LINES[name].exec(text)?.slice(1)).toEqual(groups);
  });

  test.each<[keyof typeof SSH_LINES, string]>([
    ["version", "dropbear v2022.83"],
    ["greeting", "HTTP/1.1 400 Bad Request\r\n"],
    ["greeting", "SSH-1.5-Server\r\n"],
    ["greeting", "SSH-2.0-cut"],
    ["hostKeyKnown", "debug1: Host 'bastion' is known and has another key."],
    ["authenticated", "debug1: Authenticated to nobody"],
  ])("no %s in %j", (name, text) => {
    expect(SSH_LINES[name].test(text)).toBe(false);
  });

  test("of the ssh of this machine: its version, and every forward of a kit", () => {
    expect(SSH_LINES.version.test(spawnSync("ssh", ["-V"], { encoding: "utf8" }).stderr)).toBe(true);
    const { stdout } = spawnSync("ssh", ["-G", "-F", "./ssh_config", "bastion"], { cwd: folder, encoding: "utf8" });
    expect(stdout.split("\n").flatMap((line) => SSH_LINES.remoteForward.exec(line)?.[1] ?? [])).toEqual([
      "[0.0.0.0]:15000",
      "[0.0.0.0]:15001",
      "8080",
      "[203.0.113.2]:15002",
    ]);
  });
});
