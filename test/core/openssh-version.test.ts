import { expect, test } from "vitest";
import { isAtLeast, parseOpenSshVersion } from "../../components/core/openssh-version.ts";
import { problemsOf } from "../support/problems.ts";

test.each([
  ["OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026", { major: 9, minor: 2 }],
  ["OpenSSH_9.2, OpenSSL 3.0.19 27 Jan 2026", { major: 9, minor: 2 }],
  ["OpenSSH_9.6p1 Ubuntu-3ubuntu13.5, OpenSSL 3.0.13 30 Jan 2024", { major: 9, minor: 6 }],
  ["OpenSSH_10.0p2 Debian-7+deb13u4, OpenSSL 3.5.7", { major: 10, minor: 0 }],
  ["OpenSSH_9.9p2, LibreSSL 3.3.6", { major: 9, minor: 9 }],
  ["OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2\nOpenSSH_9.5p1", { major: 9, minor: 5 }],
  ["sshd: illegal option -- V\nOpenSSH_9.1p1 Debian-1, OpenSSL 3.0.7", { major: 9, minor: 1 }],
  ["OpenSSH_12.34p1", { major: 12, minor: 34 }],
])("%j is version $major.$minor", (text, expected) => {
  expect(parseOpenSshVersion(text)).toEqual(expected);
});

test.each([
  ["OpenSSH_9.0p1", "9.0"],
  ["OpenSSH_8.9p1 Ubuntu-3ubuntu0.10, OpenSSL 3.0.2 15 Mar 2022", "8.9"],
  ["OpenSSH_7.10p1", "7.10"],
])("%s is too old", (text, version) => {
  const reason = `got OpenSSH ${version}; at least 9.1 is needed (Debian 12 and Ubuntu 24.04 have newer ones)`;
  expect(problemsOf(() => parseOpenSshVersion(text))).toEqual([{ path: "", reason }]);
});

test.each(["", "Dropbear v2022.83", "openssh 9.2", "OpenSSH_nine"])("%j is no version of OpenSSH", (text) => {
  expect(problemsOf(() => parseOpenSshVersion(text))).toEqual([
    { path: "", reason: `expected OpenSSH's version, got ${JSON.stringify(text)}` },
  ]);
});

test.each([
  [{ major: 9, minor: 8 }, true],
  [{ major: 9, minor: 10 }, true],
  [{ major: 10, minor: 0 }, true],
  [{ major: 9, minor: 7 }, false],
  [{ major: 8, minor: 9 }, false],
])("whether %j is 9.8 or later: %s", (version, expected) => {
  expect(isAtLeast(version, 9, 8)).toBe(expected);
});
