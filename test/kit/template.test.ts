import { describe, expect, test } from "vitest";
import { fillTemplate } from "../../components/kit/template.ts";

describe("a template", () => {
  test("is filled in, and what is filled in is not looked at again", () => {
    expect(fillTemplate("a", "{{x}} $1 {{y}} {{x}} {z} {{ x }}", { x: "{{y}}", y: "$&" })).toBe("{{y}} $1 $& {{y}} {z} {{ x }}");
  });

  test.each([
    ["a placeholder that nobody knows", "{{x}}", {}, "unit: no value for {{x}}"],
    ["one that only every object knows", "{{toString}}", {}, "unit: no value for {{toString}}"],
    ["values that nobody asks for", "", { x: "1", y: "2" }, "unit: no placeholder for x, y"],
  ])("refuses %s", (_what, template, values, message) => {
    expect(() => fillTemplate("unit", template, values)).toThrow(message);
  });
});
