import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { contentOf, exampleKit } from "./example-kit.ts";

const LABEL = "reverse-bastion-tunnel-acme-dr-site";
const READ_PLIST = "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
const kit = exampleKit();

describe("what a Mac is given", () => {
  test("is a property list that says, in the words of launchd.plist(5), how ssh is kept running", () => {
    const input = contentOf(kit, `macos/${LABEL}.plist`);
    expect(JSON.parse(execFileSync("python3", ["-c", READ_PLIST], { input, encoding: "utf8" }))).toEqual({
      Label: LABEL,
      UserName: "_reversebastion",
      GroupName: "_reversebastion",
      WorkingDirectory: `/Library/Application Support/${LABEL}`,
      ProgramArguments: ["/usr/bin/ssh", "-F", "./ssh_config", "-N", "-T", "bastion"],
      RunAtLoad: true,
      KeepAlive: true,
      ThrottleInterval: 10,
      ProcessType: "Interactive",
      SoftResourceLimits: { NumberOfFiles: 8192 },
      HardResourceLimits: { NumberOfFiles: 8192 },
      Umask: 0o77,
      StandardErrorPath: `/var/log/${LABEL}.log`,
    });
  });

  test("has its log rotated, in the fields of newsyslog.conf(5)", () => {
    const lines = contentOf(kit, "macos/newsyslog.conf").split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(/\s+/))).toEqual([
      [`/var/log/${LABEL}.log`, "_reversebastion:admin", "640", "2", "1000", "*", "N"],
    ]);
  });
});
