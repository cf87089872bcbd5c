import { expect, test } from "vitest";
import { parseWarnings } from "./api-transport.ts";

test.each([
  [undefined, []],
  ['299 - "unknown field \\"spec.imagee\\""', ['unknown field "spec.imagee"']],
  ['299 - "one, with a comma", 299 - "two"', ["one, with a comma", "two"]],
])("the warnings of %j are %j", (header, warnings) => {
  expect(parseWarnings(header)).toEqual(warnings);
});
