import { expect, test } from "vitest";
import { checkGcpLabels, toLabelValue } from "../../../components/core/gcp/gcp-labels.ts";

const labelsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, "value"]));

test.each<Record<string, string>>([
  {},
  { "cost-center": "42", team_1: "data-platform", empty: "" },
  { größe: "groß", 部門: "数値" },
  { ["k".repeat(63)]: "v".repeat(63) },
  { "reverse-bastion": "x", constructor: "z" },
])("%j are labels", (labels) => {
  expect(checkGcpLabels(labels)).toEqual([]);
});

const KEY = 'a key is 1–63 lower-case letters, digits, "_" and "-", and begins with a letter';
const VALUE = 'a value is at most 63 lower-case letters, digits, "_" and "-"';

test.each([
  [{ Owner: "jane" }, "Owner", KEY],
  [{ "1team": "x" }, "1team", KEY],
  [{ "": "y" }, '""', KEY],
  [{ "a.b": "y" }, '"a.b"', KEY],
  [{ "a\u001b[2J": "y" }, '"a\\u001b[2J"', KEY],
  [{ ["k".repeat(64)]: "y" }, `"${"k".repeat(56)}…"`, KEY],
  // 63 characters, but 189 bytes.
  [{ ["部".repeat(63)]: "y" }, "部".repeat(63), KEY],
  [{ "goog-x": "y" }, "goog-x", 'keys that begin with "goog" are Google\'s own; choose another'],
  [{ owner: "Jane Doe" }, "owner", `got "Jane Doe"; ${VALUE}, such as "jane-doe"`],
  [{ owner: "jane@example.com" }, "owner", `got "jane@example.com"; ${VALUE}, such as "jane-example-com"`],
  [{ a: "b\n" }, "a", `got "b\\n"; ${VALUE}`],
  [{ a: "v".repeat(64) }, "a", `got "${"v".repeat(56)}…"; ${VALUE}`],
])("%j is refused", (labels, path, reason) => {
  expect(checkGcpLabels(labels as unknown as Record<string, string>)).toEqual([{ path, reason }]);
});

test("62 labels are as many as there may be", () => {
  expect(checkGcpLabels(labelsOf(62))).toEqual([]);
  expect(checkGcpLabels(labelsOf(63))).toEqual([
    { path: "", reason: "got 63; GCP allows 64, one is the bastion's own and one Pulumi's, so 62" },
  ]);
});

test("a value that is missing is passed over", () => {
  expect(checkGcpLabels({ team: undefined })).toEqual([]);
});

test("any text becomes a value", () => {
  for (const text of ["project_stack_acme", "My.Project_dev/eu_acme", "ü", "x".repeat(100), ""]) {
    expect(checkGcpLabels({ a: toLabelValue(text) })).toEqual([]);
  }
  expect(toLabelValue("My.Project_dev/eu_acme")).toBe("my-project_dev-eu_acme");
});
