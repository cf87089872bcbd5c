import { expect, test } from "vitest";
import { canonicalQuantity } from "./quantity.ts";

test.each([
  ["0.5", "500m"],
  ["1000m", "1"],
  ["250m", "250m"],
  ["1500m", "1500m"],
  ["2000", "2k"],
  ["1024Mi", "1Gi"],
  ["1.5Gi", "1536Mi"],
  ["64Mi", "64Mi"],
  ["0.5Ki", "512"],
  ["0", "0"],
  ["-1.50", "-1500m"],
  ["1e3", "1e3"],
  ["lots", "lots"],
])("the API server stores %s as %s", (given, stored) => {
  expect(canonicalQuantity(given)).toBe(stored);
});
