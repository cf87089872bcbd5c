import fc from "fast-check";
import { expect, test } from "vitest";
import { renderPortRanges } from "../../components/core/port-ranges.ts";

test.each([
  [[], []],
  [[15000], ["15000"]],
  [[15001, 15000], ["15000-15001"]],
  [
    [15000, 15001, 15002, 15010, 8080, 15011, 15000],
    ["8080", "15000-15002", "15010-15011"],
  ],
])("%j are %j", (ports, ranges) => {
  expect(renderPortRanges(ports)).toEqual(ranges);
});

test("the ranges hold each port, and no other", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (ports) => {
      const held = renderPortRanges(ports).flatMap((range) => {
        const [first = 0, last = first] = range.split("-").map(Number);
        return Array.from({ length: last - first + 1 }, (_, i) => first + i);
      });
      expect(held).toEqual([...new Set(ports)].sort((a, b) => a - b));
    }),
  );
});
