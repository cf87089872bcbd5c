import { expect, test } from "vitest";
import { checkAzureTags } from "../../../components/core/azure/azure-tags.ts";

const tagsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, "value"]));

test.each<Record<string, string>>([
  {},
  { "cost-center": "42", "Owner: name": "Jane Doe <jane@example.com>", empty: "" },
  { größe: "groß", 部門: "数値" },
  { ["k".repeat(512)]: "v".repeat(256) },
  { constructor: "z", "reverse-bastion": "x" },
])("%j are tags", (tags) => {
  expect(checkAzureTags(tags)).toEqual([]);
});

const KEY = 'a key is 1–512 characters, and none of "<>%&\\?/"';
const VALUE = "a value is at most 256 characters, on one line";
const OWN = 'keys that begin with "microsoft", "azure" or "windows" are Azure\'s own; choose another';

test.each([
  [{ "": "y" }, '""', KEY],
  [{ "a/b": "y" }, '"a/b"', KEY],
  [{ "a?": "y" }, '"a?"', KEY],
  [{ "a\\b": "y" }, '"a\\\\b"', KEY],
  [{ "a\u001b[2J": "y" }, '"a\\u001b[2J"', KEY],
  [{ ["k".repeat(513)]: "y" }, `"${"k".repeat(56)}…"`, KEY],
  [{ "Azure-x": "y" }, "Azure-x", OWN],
  [{ "microsoft.x": "y" }, "microsoft.x", OWN],
  [
    { "Reverse-Bastion": "y" },
    "Reverse-Bastion",
    'is the key "reverse-bastion" in other letters, which Azure takes for the same one; write "reverse-bastion", or choose another',
  ],
  [{ team: "b\n" }, "team", `got "b\\n"; ${VALUE}`],
  [{ team: "v".repeat(257) }, "team", `got "${"v".repeat(56)}…"; ${VALUE}`],
])("%j is refused", (tags, path, reason) => {
  expect(checkAzureTags(tags as unknown as Record<string, string>)).toEqual([{ path, reason }]);
});

test("two spellings of one key are refused, at the second", () => {
  expect(checkAzureTags({ Team: "a", team: "b" })).toEqual([
    { path: "team", reason: 'is the key "Team" in other letters, which Azure takes for the same one; write "Team", or choose another' },
  ]);
});

test("49 tags are as many as there may be, and 1792 characters in all", () => {
  expect(checkAzureTags(tagsOf(49))).toEqual([]);
  expect(checkAzureTags(tagsOf(50))).toEqual([{ path: "", reason: "got 50; Azure allows 50 and one is the bastion's own, so 49" }]);
  const long = (rest: number) => ({
    ...Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((key) => [key, "v".repeat(255)])),
    g: "v".repeat(rest),
  });
  expect(checkAzureTags(long(255))).toEqual([]);
  expect(checkAzureTags(long(256))).toEqual([
    { path: "", reason: "got 1793 characters in all; a virtual machine takes 1792 beside the bastion's own, so shorten or drop some" },
  ]);
});

test("a value that is missing is passed over", () => {
  expect(checkAzureTags({ team: undefined })).toEqual([]);
});
