import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { hasUnknown, secret, withoutSecrets } from "../../components/provider/property-values.ts";

test("a secret is marked the way the SDK recognises it", () => {
  expect(pulumi.runtime.isRpcSecret(secret("s"))).toBe(true);
  expect(pulumi.runtime.unwrapRpcSecret(secret({ a: 1 }))).toEqual({ a: 1 });
});

test("marks of secrets are taken off at every depth, and nothing else changes", () => {
  const value = { a: secret({ b: [secret("c"), 1, null, { d: secret(secret(false)) }] }), e: "f", g: undefined };
  expect(withoutSecrets(value)).toEqual({ a: { b: ["c", 1, null, { d: false }] }, e: "f", g: undefined });
  for (const plain of ["a", 0, true, null, undefined, [], {}]) expect(withoutSecrets(plain)).toEqual(plain);
});

test("a mapping that only looks like a marked one keeps its values", () => {
  const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path: "x" };
  expect(withoutSecrets(asset)).toEqual(asset);
});

test.each([
  [pulumi.runtime.unknownValue, true],
  [[1, pulumi.runtime.unknownValue], true],
  [{ a: { b: [{ c: pulumi.runtime.unknownValue }] } }, true],
  [secret(pulumi.runtime.unknownValue), true],
  ["04da6b54", false],
  [{ a: [null, undefined, 1, "x", {}] }, false],
  [undefined, false],
])("whether a preview does not know a part of %j: %s", (value, expected) => {
  expect(hasUnknown(value)).toBe(expected);
});
