import { expect, test } from "vitest";
import { checkAwsTags } from "../../../components/core/aws/aws-tags.ts";

const tagsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, "value"]));

test.each<Record<string, string>>([
  {},
  { "cost-center": "42" },
  { "team:data/platform": "a_b.c:d/e=f+g-h@i" },
  { Kostenträger: "Größe", 部門: "データ", ключ: "значение" },
  { "with blank": "" },
  { ["k".repeat(128)]: "v".repeat(256) },
  { Name: "another", "reverse-bastion": "x" },
  { laws: "x", "my-aws:x": "y", constructor: "z" },
])("%j are tags", (tags) => {
  expect(checkAwsTags(tags)).toEqual([]);
});

const KEY = 'a key is 1–128 letters, digits, blanks and "_.:/=+-@"';

test.each([
  [{ "aws:x": "y" }, "aws:x", 'keys that begin with "aws:" are AWS\'s own; choose another'],
  [{ "AWS:X": "y" }, "AWS:X", 'keys that begin with "aws:" are AWS\'s own; choose another'],
  [{ "aWs:": "y" }, "aWs:", 'keys that begin with "aws:" are AWS\'s own; choose another'],
  [{ "": "y" }, "", KEY],
  [{ "a<b>": "y" }, '"a<b>"', KEY],
  [{ "a\nb": "y" }, '"a\\nb"', KEY],
  [{ "a\u001b[2J": "y" }, '"a\\u001b[2J"', KEY],
  [{ ["k".repeat(129)]: "y" }, `"${"k".repeat(56)}…"`, KEY],
  [{ a: "<b>" }, "a", 'got "<b>"; a value is at most 256 letters, digits, blanks and "_.:/=+-@"'],
  [{ a: "b\n" }, "a", 'got "b\\n"; a value is at most 256 letters, digits, blanks and "_.:/=+-@"'],
  [{ a: "v".repeat(257) }, "a", `got "${"v".repeat(56)}…"; a value is at most 256 letters, digits, blanks and "_.:/=+-@"`],
])("%j is refused", (tags, path, reason) => {
  expect(checkAwsTags(tags as unknown as Record<string, string>)).toEqual([{ path, reason }]);
});

test("two keys that differ in nothing but capitals are refused: IAM would not make the role", () => {
  expect(checkAwsTags({ Team: "a", team: "b", TEAM: "c" })).toEqual([
    { path: "team", reason: 'is the key "Team" in other letters, which IAM takes for the same one; write "Team", or choose another' },
    { path: "TEAM", reason: 'is the key "Team" in other letters, which IAM takes for the same one; write "Team", or choose another' },
  ]);
  expect(checkAwsTags({ name: "a", "Reverse-Bastion": "b" })).toEqual([
    { path: "name", reason: 'is the key "Name" in other letters, which IAM takes for the same one; write "Name", or choose another' },
    {
      path: "Reverse-Bastion",
      reason: 'is the key "reverse-bastion" in other letters, which IAM takes for the same one; write "reverse-bastion", or choose another',
    },
  ]);
});

test("48 tags are as many as there may be, since two are the bastion's own", () => {
  expect(checkAwsTags(tagsOf(48))).toEqual([]);
  expect(checkAwsTags(tagsOf(49))).toEqual([{ path: "", reason: "got 49; AWS allows 50 and two are the bastion's own, so 48" }]);
});

test("a value that is missing is passed over", () => {
  expect(checkAwsTags({ team: undefined })).toEqual([]);
});
