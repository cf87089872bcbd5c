import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInputError, problemsAt, quoteForMessage, refuseIfAny, renderProblem } from "../../components/core/problem.ts";

test("an error carries every problem and says each on a line of its own", () => {
  const problems = [
    { path: "clients[1].name", reason: "is taken" },
    { path: "", reason: "is empty" },
  ];
  const error = new InvalidInputError(problems);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "InvalidInputError", message: "clients[1].name: is taken\nis empty", problems });
});

test("a problem of the whole input is said without a path", () => {
  expect(renderProblem({ path: "", reason: "is empty" })).toBe("is empty");
  expect(renderProblem({ path: "sshPort", reason: "got 22" })).toBe("sshPort: got 22");
});

test("nothing is refused where there is no problem", () => {
  expect(refuseIfAny([])).toBeUndefined();
  expect(() => refuseIfAny([{ path: "a", reason: "b" }])).toThrow(new InvalidInputError([{ path: "a", reason: "b" }]));
});

test.each([
  ["", "", ""],
  ["", "name", "name"],
  ["clients", "", "clients"],
  ["clients", "[0]", "clients[0]"],
  ["clients[0]", "publicKeys[1]", "clients[0].publicKeys[1]"],
])("below %j, the path %j is %j", (prefix, path, expected) => {
  expect(problemsAt(prefix, [{ path, reason: "r" }])).toEqual([{ path: expected, reason: "r" }]);
});

test.each([
  ["orders", '"orders"'],
  ['a"b', '"a\\"b"'],
  ["a\nb\u001b[2J", '"a\\nb\\u001b[2J"'],
  [70000, "70000"],
  [null, "null"],
  [undefined, "undefined"],
  [["a"], '["a"]'],
])("the message quotes %j as %s", (value, expected) => {
  expect(quoteForMessage(value)).toBe(expected);
});

test("a quoted text is at most 60 characters, and is marked where it was cut", () => {
  expect(quoteForMessage("a".repeat(58))).toBe(`"${"a".repeat(58)}"`);
  expect(quoteForMessage("a".repeat(59))).toMatch(/^"a{12,56}…"$/);
});

test.each([
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIOT9q7Zx",
  "-----BEGIN ENCRYPTED PRIVATE KEY-----",
  "PuTTY-User-Key-File-3: ssh-ed25519",
  "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ",
])("a private key is not quoted, only said to be one: %j", (text) => {
  expect(quoteForMessage(text)).toBe("a private key (not shown)");
});

test("a text that holds what may be a piece of a key is not quoted, a long name is", () => {
  const line = "QyNTUxOQAAACCucW8VVhWciDbX4DGzWoVyGqknodHLJYo";
  expect(quoteForMessage(line)).toBe(`a text of ${line.length} characters (not shown, it may be a key)`);
  expect(quoteForMessage(`x: ${line} y`)).toBe(`a text of ${line.length + 5} characters (not shown, it may be a key)`);
  const name = "orders-database-of-the-warehouse-in-frankfurt.acme";
  expect(quoteForMessage(name)).toBe(`"${name}"`);
});

test("an ARM id is quoted, however long and mixed it is, unless a piece of it may be one of a key", () => {
  const group = "/subscriptions/99999999-8888-7777-6666-555555555555/resourceGroups/data";
  const shown = '"/subscriptions/99999999-8888-7777-6666-555555555555/reso…"';
  expect(quoteForMessage(`${group}/providers/Microsoft.Network/virtualNetworks/prod`)).toBe(shown);
  expect(quoteForMessage("/Subscriptions/prod1/resourceGroups/data/providers/Mic")).toBe(
    '"/Subscriptions/prod1/resourceGroups/data/providers/Mic"',
  );
  const key = "QyNTUxOQAAACCucW8VVhWciDbX4DGzWoVyGqknodHLJYo";
  expect(quoteForMessage(`/subscriptions/${key}`)).toBe(`a text of ${key.length + 15} characters (not shown, it may be a key)`);
  // The same words elsewhere than at the beginning prove nothing.
  const inside = `x${group}/providers/Microsoft.Network`;
  expect(quoteForMessage(inside)).toBe(`a text of ${inside.length} characters (not shown, it may be a key)`);
});

test("no text can draw on the terminal it is reported on", () => {
  // Control characters of both sets (U+009B begins an escape sequence as ESC [ does), line separators, direction marks.
  const control = fc.constantFrom(
    "\u0000",
    "\u0007",
    "\b",
    "\r",
    "\n",
    "\u001b",
    "\u007f",
    "\u0085",
    "\u009b",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(control, fc.constant("x")), { maxLength: 20 }), (characters) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(quoteForMessage(characters.join(""))).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    }),
  );
});
