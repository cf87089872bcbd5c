import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { addItem, removeField, removeItem, setField, UneditableYamlError } from "../../../../scripts/bastion/rotate/edit-yaml.ts";

const CLIENT = ["clients", 0];
const KEYS = [...CLIENT, "publicKeys"];

/** A change of a client, the file before it and after it. What the change adds, its opposite takes away again. */
test.each([
  {
    how: "on one line",
    before: "# Ours.\nclients:\n  - { name: dc1, generateKey: ed25519, tunnels: [orders] } # theirs\n\ntunnels: []\n",
    after: "# Ours.\nclients:\n  - { name: dc1, generateKey: ed25519, keyGeneration: 2, tunnels: [orders] } # theirs\n\ntunnels: []\n",
  },
  {
    how: "on lines of its own",
    before: "clients:\n  - name: dc1\n    generateKey: ed25519   # made\n    tunnels:\n      - orders\n",
    after: "clients:\n  - name: dc1\n    generateKey: ed25519   # made\n    keyGeneration: 2\n    tunnels:\n      - orders\n",
  },
  {
    how: "as the last line, which has no end",
    before: "clients:\n- name: dc1\n  generateKey: ed25519",
    after: "clients:\n- name: dc1\n  generateKey: ed25519\n  keyGeneration: 2\n",
    again: "clients:\n- name: dc1\n  generateKey: ed25519\n",
  },
  {
    how: "behind the field that has the dash",
    before: "clients:\n  -   generateKey: ed25519\n      name: dc1\n",
    after: "clients:\n  -   generateKey: ed25519\n      keyGeneration: 2\n      name: dc1\n",
  },
  {
    how: "with the line ends of Windows",
    before: "clients:\r\n  - name: dc1\r\n    generateKey: ed25519\r\n",
    after: "clients:\r\n  - name: dc1\r\n    generateKey: ed25519\r\n    keyGeneration: 2\r\n",
  },
  {
    how: "in JSON",
    before: '{"clients": [{"name": "dc1", "generateKey": "ed25519"}]}',
    after: '{"clients": [{"name": "dc1", "generateKey": "ed25519", "keyGeneration": 2}]}',
  },
])("a field is added behind another one, and taken away again: $how", ({ before, after, again = before }) => {
  expect(setField(before, CLIENT, "keyGeneration", 2, "generateKey")).toBe(after);
  expect(removeField(after, CLIENT, "keyGeneration")).toBe(again);
});

test("a field that is there gets its value, and keeps what stands around it", () => {
  const file = "clients:\n  - name: dc1\n    keyGeneration:  3 # the third\n    generateKey: ed25519\n";
  expect(setField(file, CLIENT, "keyGeneration", 14, "generateKey")).toBe(file.replace("3 #", "14 #"));
});

test.each([
  ["the first of a line", "clients: [{ keyGeneration: 2, name: dc1 }]\n", "clients: [{ name: dc1 }]\n"],
  ["behind the dash", "clients:\n  - keyGeneration: 2\n    name: dc1\n", "clients:\n  - name: dc1\n"],
])("a field is taken away where it is %s", (_where, before, after) => {
  expect(removeField(before, CLIENT, "keyGeneration")).toBe(after);
});

test("a field of the file itself", () => {
  const file = "customer: acme\ntarget: local # here\n\nclients: []\n";
  const announced = "customer: acme\ntarget: local # here\nannounceNextHostKeys: true\n\nclients: []\n";
  expect(setField(file, [], "announceNextHostKeys", true, "target")).toBe(announced);
  expect(removeField(announced, [], "announceNextHostKeys")).toBe(file);
});

test.each([
  {
    how: "on one line",
    before: "clients:\n  - { name: dc1, publicKeys: [ssh-ed25519 AAAA me@dc1] }\n",
    after: 'clients:\n  - { name: dc1, publicKeys: [ssh-ed25519 AAAA me@dc1, "ssh-ed25519 BBBB"] }\n',
  },
  {
    how: "on lines of their own",
    before: "clients:\n  - name: dc1\n    publicKeys:\n      - ssh-ed25519 AAAA # old\n    expiresAt: 2030-01-01\n",
    after:
      'clients:\n  - name: dc1\n    publicKeys:\n      - ssh-ed25519 AAAA # old\n      - "ssh-ed25519 BBBB"\n    expiresAt: 2030-01-01\n',
  },
  {
    how: "behind a text of several lines",
    before: "clients:\n  - publicKeys:\n    - >-\n      ssh-ed25519\n      AAAA\n    name: dc1\n",
    after: 'clients:\n  - publicKeys:\n    - >-\n      ssh-ed25519\n      AAAA\n    - "ssh-ed25519 BBBB"\n    name: dc1\n',
  },
])("an item is added to a list, and taken away again: $how", ({ before, after }) => {
  expect(addItem(before, KEYS, "ssh-ed25519 BBBB")).toBe(after);
  expect(removeItem(after, KEYS, 1)).toBe(before);
});

test.each([
  ["on one line", 'clients: [{ publicKeys: ["a", "b"] }]\n', 'clients: [{ publicKeys: ["b"] }]\n'],
  [
    "on lines of their own",
    "clients:\n  - publicKeys:\n      - a # old\n      # new\n      - b\n",
    "clients:\n  - publicKeys:\n      # new\n      - b\n",
  ],
  [
    "a text of several lines",
    "clients:\n  - publicKeys:\n      - >-\n        a\n        c\n      - b\n",
    "clients:\n  - publicKeys:\n      - b\n",
  ],
])("the first item is taken out of a list %s", (_how, before, after) => {
  expect(removeItem(before, KEYS, 0)).toBe(after);
});

test.each([
  ["an alias", "base: &base { name: dc1, generateKey: ed25519 }\nclients: [*base]\n"],
  ["a field that is shared by an alias", "first: &first { generateKey: ed25519 }\nclients:\n  - { name: dc1 }\n"],
  ["explicit keys", "clients:\n  - ? name\n    : dc1\n    ? generateKey\n    : ed25519\n    ? tunnels\n    : []\n"],
])("a file with %s at that place is refused", (_what, file) => {
  expect(() => setField(file, CLIENT, "keyGeneration", 2, "generateKey")).toThrow(UneditableYamlError);
});

test("the only key of a list is never taken out", () => {
  expect(() => removeItem("clients:\n  - publicKeys:\n      - a\n", KEYS, 0)).toThrow(UneditableYamlError);
  expect(() => removeItem("clients: [{ publicKeys: [a] }]\n", KEYS, 0)).toThrow(UneditableYamlError);
});

test("whatever else is in the file, every other line stays as it is", () => {
  const comment = fc.stringMatching(/^( {0,4}# ?[a-z:{}[\]"' -]{0,20})?$/);
  const scalar = fc.constantFrom("plain", '"quoted: text"', "'it''s'", "{ a: 1, b: [2, 3] }", "|\n      a\n\n      b", "2030-01-01", "~");
  fc.assert(
    fc.property(
      fc.array(comment, { minLength: 6, maxLength: 6 }),
      fc.array(scalar, { minLength: 3, maxLength: 3 }),
      fc.nat(2),
      (c, s, at) => {
        const clients = [0, 1, 2].map(
          (i) => `  - name: dc${i}\n    other: ${s[i]}\n${c[i]}\n    generateKey: ed25519 ${c[i + 3]}\n    last: ${s[2 - i]}\n`,
        );
        const file = `${c[0]}\ncustomer: acme\n\nclients:\n${clients.join(`${c[1]}\n`)}`;
        const changed = setField(file, ["clients", at], "keyGeneration", 2, "generateKey");
        const [before, after] = [file.split("\n"), changed.split("\n")];
        const place = after.indexOf("    keyGeneration: 2");
        expect(after.toSpliced(place, 1)).toEqual(before);
        expect((parse(changed) as { clients: { keyGeneration?: number }[] }).clients.map(({ keyGeneration }) => keyGeneration)).toEqual(
          [0, 1, 2].map((i) => (i === at ? 2 : undefined)),
        );
        expect(removeField(changed, ["clients", at], "keyGeneration")).toBe(file);
      },
    ),
  );
});
