import fc from "fast-check";
import { expect, test } from "vitest";
import { isHostName, parseDestination, renderDestination } from "../../components/core/destination.ts";
import { problemsOf } from "../support/problems.ts";

test.each([
  ["db.internal:5432", { host: "db.internal", hostPort: 5432 }],
  ["localhost:1", { host: "localhost", hostPort: 1 }],
  ["10.0.0.7:3306", { host: "10.0.0.7", hostPort: 3306 }],
  ["[2001:db8::7]:65535", { host: "2001:db8::7", hostPort: 65535 }],
  ["[fe80::1%eth0]:5432", { host: "fe80::1%eth0", hostPort: 5432 }],
  ["Orders_DB.acme-corp.internal:5432", { host: "Orders_DB.acme-corp.internal", hostPort: 5432 }],
  [`${"a".repeat(63)}.b:80`, { host: `${"a".repeat(63)}.b`, hostPort: 80 }],
])("%s is read, and written the way ssh -R takes it", (text, destination) => {
  expect(parseDestination(text)).toEqual(destination);
  expect(renderDestination(destination)).toBe(text);
});

test.each([
  "",
  ":5432",
  "db.internal",
  "db.internal:",
  "db.internal:0",
  "db.internal:65536",
  "db.internal:99999",
  "db.internal:100000",
  "db.internal:-1",
  "db.internal:5432x",
  "db.internal:54.32",
  "db.internal: 5432",
  " db.internal:5432",
  "db.internal:5432\n",
  "db internal:5432",
  "db..internal:5432",
  "-oProxyCommand=id:22",
  "db.-x:5432",
  "x-:5432",
  "$(id):5432",
  "`id`:5432",
  "a;b:5432",
  "a'b:5432",
  'a"b:5432',
  "a\nb:5432",
  "postgres://db:5432",
  "user@db:5432",
  "db/x:5432",
  "2001:db8::7:5432",
  "[2001:db8::7]",
  "[db.internal]:5432",
  "[10.0.0.7]:5432",
  "[]:5432",
  "10.0.0.256:5432",
  "10.0.0:5432",
  "5432:5432",
  "dbä:5432",
  `${"a".repeat(64)}.b:80`,
  `${"a.".repeat(127)}a:80`,
])("%j is refused", (text) => {
  const [problem, ...rest] = problemsOf(() => parseDestination(text));
  expect(rest).toEqual([]);
  expect(problem?.path).toBe("");
  expect(problem?.reason).toMatch(
    /^got ".{0,58}"; expected host:port as seen inside the customer's network, such as "db\.internal:5432" or "\[2001:db8::7\]:5432"$/,
  );
});

test("the message quotes what was given", () => {
  expect(problemsOf(() => parseDestination("db.internal"))).toEqual([
    {
      path: "",
      reason:
        'got "db.internal"; expected host:port as seen inside the customer\'s network, such as "db.internal:5432" or "[2001:db8::7]:5432"',
    },
  ]);
});

test("writing a destination and reading it gives the same one", () => {
  const host = fc.oneof(
    fc.domain().filter(isHostName),
    fc.ipV4(),
    fc.ipV6().filter((address) => !address.includes("%")),
  );
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65535 }), (name, hostPort) => {
      expect(parseDestination(renderDestination({ host: name, hostPort }))).toEqual({ host: name, hostPort });
    }),
  );
});

test("what is accepted has nothing in it that a shell, ssh_config or the address syntax would act on", () => {
  const text = fc.array(fc.constantFrom("a", "-", "_", ".", ":", "[", "]", "1", " ", "\n", "$", "(", "'", '"', "%", "*", "@", "/", "\\"), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (characters) => {
      const candidate = `${characters.join("")}:5432`;
      let accepted: string | undefined;
      try {
        accepted = renderDestination(parseDestination(candidate));
      } catch {}
      if (accepted !== undefined) expect(accepted).toMatch(/^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9a-f:.]+(?:%[a-z0-9]+)?\]):5432$/);
    }),
    { numRuns: 5000, examples: [[["%"]], [["[", ":", ":", "1", "%", "a", "]"]]] },
  );
});

test.each([
  ["localhost", true],
  ["bastion.example.com", true],
  ["a".repeat(63), true],
  ["1.2.3.4", false],
  ["1234", false],
  ["", false],
  ["a b", false],
  ["a\nb", false],
  ["-a", false],
])("whether %j can be a host name: %s", (host, expected) => {
  expect(isHostName(host)).toBe(expected);
});
