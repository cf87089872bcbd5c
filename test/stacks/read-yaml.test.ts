import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { InvalidInputError } from "../../components/core/problem.ts";
import { parseCustomer } from "../../stacks/parse-customer.ts";
import { readYaml } from "../../stacks/read-yaml.ts";
import { problemsOf } from "../support/problems.ts";

test("a file is read as YAML 1.2 means it", () => {
  expect(readYaml("a: 2027-06-30\nb: [on, 0o17, 1_000, ~]\n", "x.yaml").content).toEqual({ a: "2027-06-30", b: ["on", 15, "1_000", null] });
});

test.each([
  ["a: 1\na: 2\n", 2, "Map keys must be unique"],
  ['a: "x\n', 2, "a quote, bracket, colon or comma is missing"],
  ["a:\n\t- b\n", 2, "a tab stands where only spaces indent"],
  ["a: 1\n---\nb: 2\n", 2, "a second document begins here; one file is one customer"],
])("%j is refused at its line, in words of our own", (text, line, what) => {
  expect(problemsOf(() => readYaml(text, "x.yaml"))).toContainEqual({ path: `x.yaml:${line}`, reason: `is not valid YAML: ${what}` });
});

test.each([
  ["a: |SECRETSECRETSECRET\n", "a block with something behind its mark"],
  ["a: !<SECRETSECRETSECRET x\n", "a tag without its end"],
  ["a: !SECRET!SECRETSECRET x\n", "a tag with a handle that nobody declared"],
  ['a: "\\SECRETSECRETSECRET"\n', "an escape that is none"],
  ["a: *SECRETSECRETSECRET\n", "an alias without its anchor"],
  ["a: `SECRETSECRETSECRET`\n", "a character that begins nothing"],
  ["%SECRETSECRETSECRET\n---\na: 1\n---\n", "a directive"],
])("%j is refused without being repeated: %s", (text) => {
  const problems = problemsOf(() => readYaml(text, "x.yaml"));
  expect(problems.length).toBeGreaterThan(0);
  for (const { path, reason } of problems) expect(path + reason).toMatch(/^x\.yaml:\d+(?!.*SECRET)[^\n]+$/);
});

test("an alias without its anchor is named by its line, each of them", () => {
  const reason = "is an alias, but nothing before it has the anchor of that name";
  expect(problemsOf(() => readYaml("a: *x\nb:\n  - &x 1\n  - *x\n  - *y\n", "x.yaml"))).toEqual([
    { path: "x.yaml:1", reason },
    { path: "x.yaml:5", reason },
  ]);
});

test("the line of what a path leads to, or of the nearest thing around it that is there", () => {
  const { lineOf } = readYaml(
    `a:
  - b: 1
    c:
      - x
      - y
  - { b: 2,
      c: [x,
        y] }
e: &e
  f: [1,
    2]
g: *e
i.j: 1
`,
    "x.yaml",
  );
  const lines: readonly (readonly [path: readonly (string | number)[], line: number])[] = [
    [[], 1],
    [["nothing"], 1],
    [["a"], 1],
    [["a", 0], 2],
    [["a", 0, "b"], 2],
    [["a", 0, "nothing"], 2],
    [["a", 0, "c"], 3],
    [["a", 0, "c", 1], 5],
    [["a", 0, "c", 9], 3],
    [["a", 1, "c", 0], 7],
    [["a", 1, "c", 1], 8],
    [["a", 1, "c", 1, "deeper"], 8],
    [["e", "f", 1], 11],
    // Behind an alias: where the alias stands.
    [["g", "f", 1], 12],
    [["i.j"], 13],
  ];
  expect(lines.map(([path]) => [path, lineOf(path)])).toEqual(lines);
});

test("a mapping or list in the place of a name is refused, and no warning quotes it either", () => {
  const warn = vi.spyOn(process, "emitWarning").mockReturnValue(undefined);
  const secret = "MHcCAQEEIOT9q7Zx0Yk3LwPvB9sHdR2TfMn5q7Zx0Yk3LwPvB9sHdR2TfMn5AbCd";
  for (const text of [`a: {{ ${secret} }}\n`, `? [${secret}]\n: 1\n`, `? - ${secret}\n: 1\n`]) {
    const problems = problemsOf(() => parseCustomer(`customer: acme\n${text}`, "acme.yaml"));
    expect(problems.map(({ path, reason }) => path + reason).filter((said) => said.includes(secret.slice(0, 16)))).toEqual([]);
  }
  expect(warn.mock.calls).toEqual([]);
  warn.mockRestore();
});

test("whatever text a file holds, it is read or refused, and never a crash", () => {
  const good = `customer: acme
target: local
clientCidrs: &c [198.51.100.0/24]
consumerCidrs: *c
tunnels:
  - { name: orders, destination: "db:5432", bindPort: 15000 }
  - name: flow
    bindAddress: loopback
clients:
  - name: dc1
    generateKey: ed25519
    tunnels: [orders]
bindPortRange: { first: 15000, last: 15999 }
`;
  const piece = fc.oneof(
    fc.constantFrom(
      "",
      "\n",
      " ",
      "\t",
      ":",
      "- ",
      "? ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "&a ",
      "*a",
      "*c",
      "!x ",
      "!!set ",
      "|\n",
      ">",
      '"',
      "'",
      "#",
      "%",
      "@",
      "---\n",
      "<<: *c",
    ),
    fc.constantFrom(
      "~",
      "null",
      "true",
      "1e999",
      ".nan",
      "-0",
      "0x10",
      "__proto__: ",
      "constructor: ",
      "1: ",
      "? [a]\n: ",
      "\u0000",
      "\ufeff",
      "\u2028",
    ),
  );
  const edit = fc.tuple(fc.nat({ max: good.length }), fc.nat({ max: 12 }), piece);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const text = edits.reduce((all, [at, cut, more]) => all.slice(0, at) + more + all.slice(at + cut), good);
      try {
        parseCustomer(text, "acme.yaml");
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError);
        const message = (error as Error).message;
        for (const line of message.split("\n")) expect(line).toMatch(/^acme\.yaml:\d+./);
        expect([...message].filter((character) => character !== "\n" && /[\p{Cc}\p{Zl}\p{Zp}]/u.test(character))).toEqual([]);
      }
    }),
    { numRuns: 1500 },
  );
});
