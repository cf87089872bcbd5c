import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDns, hostNameIn } from "../../components/core/dns-spec.ts";

test.each([
  { zone: "ssh.example.com" },
  { zone: "example" },
  { zone: "xn--bcher-kva.example" },
  { zone: "Example.COM", zoneId: "Z0123456789ABCDEFGHIJ", name: "acme" },
  { zone: "example.com", name: "acme.eu-1" },
  {},
])("%j is a name", (dns) => {
  expect(checkDns(dns)).toEqual([]);
});

test.each([
  "",
  " ",
  "ssh.example.com.",
  ".example.com",
  "a..b",
  "-a.example",
  "ssh_1.example.com",
  "bücher.example",
  "192.0.2.1",
  "a\nb",
  "*.a",
])("%j is neither a zone nor a name below one", (text) => {
  const got = `got ${JSON.stringify(text)}`;
  expect(checkDns({ zone: text, name: text })).toEqual([
    { path: "zone", reason: `${got}; expected the zone's name, such as ssh.example.com` },
    { path: "name", reason: `${got}; expected a name below the zone, such as acme` },
  ]);
});

test("the record is named after the bastion, unless it has a name of its own", () => {
  expect(hostNameIn({ zone: "ssh.example.com" }, "acme")).toBe("acme.ssh.example.com");
  expect(hostNameIn({ zone: "ssh.example.com", name: "a.b" }, "acme")).toBe("a.b.ssh.example.com");
});

test("whatever is missing or odd, it is checked without a crash", () => {
  const text = fc.option(fc.string(), { nil: undefined });
  fc.assert(
    fc.property(fc.record({ zone: text, zoneId: text, name: text }), (dns) => {
      for (const { path, reason } of checkDns(dns)) {
        expect(["zone", "name"]).toContain(path);
        expect(reason).not.toMatch(/undefined|\n/);
      }
    }),
  );
});
