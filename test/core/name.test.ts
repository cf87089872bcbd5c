import { expect, test } from "vitest";
import { checkName, checkUserName } from "../../components/core/name.ts";

test.each(["a", "7", "acme", "dr-site", "a--b", "0-0", "constructor", "a".repeat(40)])("%s is a name", (name) => {
  expect(checkName(name)).toBeUndefined();
});

test.each([
  "",
  "-",
  "-a",
  "a-",
  "A",
  "dc_1",
  "dc.1",
  "dc 1",
  " a",
  "a\n",
  "a\nb",
  "a".repeat(41),
  'a"b',
  "a'b",
  "a`id`",
  "$(id)",
  "$HOME",
  "a;b",
  "../a",
  "a/b",
  "%h",
  "ä",
  "а", // Cyrillic
  "__proto__",
])("%j is no name", (name) => {
  const shown = name.length > 40 ? `"${name}"` : JSON.stringify(name);
  expect(checkName(name)).toBe(`got ${shown}; a name is 1–40 of a–z, 0–9 and "-", and begins and ends with a letter or digit`);
});

test.each(["tunnel", "consumer", "_tunnel", "t", "acme-tunnel_1", "a".repeat(32)])("%s can be a login user", (user) => {
  expect(checkUserName(user)).toBeUndefined();
});

test.each([
  "",
  "1a",
  "-a",
  "Tunnel",
  "tun nel",
  "tunnel\n",
  "tunnel\nPermitRootLogin yes",
  "a*",
  "?",
  "!a",
  "a,b",
  "a@b",
  "$(id)",
  'a"b',
  "a".repeat(33),
])("%j cannot be a login user: it would be a pattern, a line or a command of its own", (user) => {
  expect(checkUserName(user)).toBe(
    `got ${JSON.stringify(user)}; a login user is 1–32 of a–z, 0–9, "_" and "-", and begins with a letter or "_"`,
  );
});

test("no tunnel logs in as an account that hosts have anyway: those of Debian's base-passwd, and the first user of each cloud's image", () => {
  const accounts = [
    ...["root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data", "backup", "list", "irc"],
    ...["nobody", "_apt", "sshd"],
    ...["admin", "debian", "ubuntu", "ec2-user", "azureuser"],
  ];
  expect(accounts.filter((user) => checkUserName(user) === undefined)).toEqual([]);
  expect(checkUserName("root")).toBe('"root" is a system account; choose a user of the bastion\'s own, such as "tunnel"');
});
