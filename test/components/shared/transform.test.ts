import { expect, test } from "vitest";
import { transformed } from "../../../components/shared/transform.ts";

test("a transform decides what a child is", () => {
  const child = { args: { a: 1 }, options: { protect: true } };
  expect(
    transformed(({ args, options }) => ({ args: { ...args, a: 2 }, options: { ...options, protect: false } }), child.args, child.options),
  ).toEqual([{ a: 2 }, { protect: false }]);
  expect(child).toEqual({ args: { a: 1 }, options: { protect: true } });
});

test("without one, a child is what it is", () => {
  const args = {};
  const options = { protect: true };
  expect(transformed(undefined, args, options)).toEqual([args, options]);
});
