import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { CERTIFICATE_LINES, SSH_LINES } from "../../components/kit/doctor/ssh-log.ts";
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

describe("what doctor.ps1 finds of certificates", () => {
  const keygen = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync("ssh-keygen", words, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC0" },
    });
    expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: "" });
    return stdout;
  };

  const fingerprintOf = (key: string) => keygen("-l", "-f", `${key}.pub`).split(" ")[1] ?? "";

  const [from, to] = ["2020-01-02T03:04:05", "2030-02-03T04:05:06"];
  const compact = (time: string) => time.replaceAll(/[-T:]/g, "");

  beforeAll(() => {
    for (const [key, type] of Object.entries({ ca: "ecdsa", own: "ed25519" })) keygen("-q", "-t", type, "-N", "", "-f", key);
  });

  /** What is found in what the ssh-keygen of this machine prints of a certificate that it has signed so. */
  const printed = (...options: string[]): string[][] => {
    keygen("-q", "-s", "ca", "-I", "an id: 1", "-z", "7", ...options, "own.pub");
    const lines = keygen("-L", "-f", "./own-cert.pub").split("\n");
    return lines.flatMap((line) => {
      const found = CERTIFICATE_LINES.field.exec(line) ?? CERTIFICATE_LINES.item.exec(line);
      return found === null ? [] : [found.slice(1)];
    });
  };

  const fieldOf = (found: readonly string[][], name: string) => found.find((one) => one.length === 2 && one[0] === name)?.[1] ?? "";

  test("its fields and lists, as this machine's ssh-keygen prints them", () => {
    const validity = `${compact(from)}:${compact(to)}`;
    const found = printed("-n", "dr-site,x:y@z", "-V", validity, "-O", "clear", "-O", "permit-port-forwarding", "-O", "permit-pty");
    expect(found).toEqual([
      ["Type", "ssh-ed25519-cert-v01@openssh.com user certificate"],
      ["Public key", `ED25519-CERT ${fingerprintOf("own")}`],
      ["Signing CA", expect.stringMatching(/^ECDSA SHA256:/)],
      ["Key ID", '"an id: 1"'],
      ["Serial", "7"],
      ["Valid", `from ${from} to ${to}`],
      ["Principals", ""],
      ["dr-site"],
      ["x:y@z"],
      ["Critical Options", "(none)"],
      ["Extensions", ""],
      ["permit-port-forwarding"],
      ["permit-pty"],
    ]);
  });

  test("nothing in lists that are empty, and who has signed", () => {
    const found = printed("-O", "clear");
    expect(found.slice(-3)).toEqual([
      ["Principals", "(none)"],
      ["Critical Options", "(none)"],
      ["Extensions", "(none)"],
    ]);
    expect(CERTIFICATE_LINES.authority.exec(fieldOf(found, "Signing CA"))?.[1]).toBe(fingerprintOf("ca"));
  });

  test.each([
    { options: ["-n", "x"], isOfUser: true },
    { options: ["-n", "x", "-h"], isOfUser: false },
  ])("whether it is a user's, signed with $options: $isOfUser", ({ options, isOfUser }) => {
    expect(CERTIFICATE_LINES.userType.test(fieldOf(printed(...options), "Type"))).toBe(isOfUser);
  });

  test.each([
    { validity: `${compact(from)}:${compact(to)}`, found: [from, to] },
    { validity: `${compact(from)}:forever`, found: [from, undefined] },
    { validity: `always:${compact(to)}`, found: [undefined, to] },
    { validity: "always:forever", found: [undefined, undefined] },
  ])("when it is valid, in UTC: $validity", ({ validity, found }) => {
    const valid = fieldOf(printed("-n", "x", "-V", validity), "Valid");
    expect([CERTIFICATE_LINES.validFrom.exec(valid)?.[1], CERTIFICATE_LINES.validTo.exec(valid)?.[1]]).toEqual(found);
  });

  test.each([
    ["debug1: Server accepts key: ./a.key ED25519-CERT SHA256:abc explicit", true],
    ["debug1: Server accepts key: pkalg ssh-ed25519-cert-v01@openssh.com blen 400", true],
    ["debug1: Server accepts key: ./a-cert.key ED25519 SHA256:abc explicit", false],
    ["debug1: Server accepts key: pkalg ssh-ed25519 blen 51", false],
    ["debug1: Offering public key: ./a.key ED25519-CERT SHA256:abc explicit", false],
  ])("whether the bastion has taken one, in %j: %s", (line, isTaken) => {
    expect(CERTIFICATE_LINES.accepted.test(line)).toBe(isTaken);
  });
});
