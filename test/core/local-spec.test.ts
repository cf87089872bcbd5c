import { expect, test } from "vitest";
import { checkDirectory, checkLocal } from "../../components/core/local-spec.ts";

test("nothing given, nothing wrong", () => {
  expect(checkLocal({})).toEqual([]);
});

test.each(["127.0.0.1", "203.0.113.2", "localhost", "bastion", "bastion.acme-corp.example.com"])("%s can be dialled", (host) => {
  expect(checkLocal({ host })).toEqual([]);
});

test.each(["", "a b", "a\nProxyCommand id", "-oProxyCommand=id", "$(id)", "a'b", "user@host", "host:2222", "[::1]", "1.2.3", "a;b"])(
  "%j cannot be a host: it is printed in commands and files",
  (host) => {
    expect(checkLocal({ host })).toEqual([
      { path: "host", reason: `got ${JSON.stringify(host)}; expected the name or IPv4 address that clients dial` },
    ]);
  },
);

test.each(["", "localhost", "::1", "0.0.0.0:22", "127.0.0.1\nPermitRootLogin yes", "300.0.0.1"])(
  "sshd cannot listen on %j",
  (listenAddress) => {
    expect(checkLocal({ listenAddress })).toEqual([
      { path: "listenAddress", reason: `got ${JSON.stringify(listenAddress)}; expected an IPv4 address of this machine` },
    ]);
  },
);

test.each(["0.0.0.0", "127.0.0.1", "203.0.113.2"])("sshd can listen on %s", (listenAddress) => {
  expect(checkLocal({ listenAddress })).toEqual([]);
});

test.each(["/srv/acme", "/var/lib/acme_1/a@b+c-d.e", "/srv/..acme", "/srv/a..b"])("%s can be a bastion's folder", (directory) => {
  expect(checkDirectory(directory)).toBeUndefined();
});

test.each([
  "",
  "/",
  "acme",
  "./acme",
  "~/acme",
  "/srv/",
  "//srv",
  "/srv/my acme",
  '/srv/"',
  "/srv/a\nb",
  "/srv/$(id)",
  "/srv/%h",
  "/srv/..",
  "/srv/../etc",
  "/srv/./a",
  "/a*",
])("%j cannot be a bastion's folder", (directory) => {
  const reason = `got ${JSON.stringify(directory)}; expected an absolute path of letters, digits and "._@+-"`;
  expect(checkDirectory(directory)).toBe(reason);
  expect(checkLocal({ directory })).toEqual([{ path: "directory", reason }]);
});

test("all problems come at once", () => {
  expect(checkLocal({ host: "", listenAddress: "", directory: "" }).map(({ path }) => path)).toEqual([
    "host",
    "listenAddress",
    "directory",
  ]);
});
