import { expect, test } from "vitest";
import { UNKNOWN_VALUE } from "../../plugin/values.ts";
import { differences } from "./difference.ts";

const REPLACING = [".data", ".spec.selector", ".spec.containers[*].image"];

test.each([
  ["nothing", { spec: { a: 1 } }, { spec: { a: 1 } }, []],
  ["an added field", {}, { spec: { a: 1 } }, [{ path: "spec", change: "add", replaces: false }]],
  ["an added field with one that replaces in it", {}, { spec: { selector: 1 } }, [{ path: "spec", change: "add", replaces: true }]],
  [
    "a part of one that replaces",
    { data: { "a.b": "1" } },
    { data: { "a.b": "2" } },
    [{ path: 'data["a.b"]', change: "update", replaces: true }],
  ],
  ["what is gone", { spec: { a: 1, b: 2 } }, { spec: { a: 1 } }, [{ path: "spec.b", change: "delete", replaces: false }]],
  [
    "elements of a list",
    { spec: { containers: [{ name: "a", image: "a" }, { name: "b" }] } },
    { spec: { containers: [{ name: "c", image: "b" }] } },
    [
      { path: "spec.containers[0].name", change: "update", replaces: false },
      { path: "spec.containers[0].image", change: "update", replaces: true },
      { path: "spec.containers[1]", change: "delete", replaces: true },
    ],
  ],
  // What is not known could be another selector.
  ["a field that is not known", { spec: { selector: 1 } }, { spec: UNKNOWN_VALUE }, [{ path: "spec", change: "update", replaces: true }]],
])("finds %s", (_, actual, asked, found) => {
  expect(differences(actual, asked, REPLACING)).toEqual(found);
});
