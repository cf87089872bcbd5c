import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderCustomerSchema } from "../../stacks/customer-schema.ts";

test("the JSON Schema that editors read is the one of today's customer file (if not: npm run schema)", () => {
  expect(readFileSync(new URL("../../stacks/customer.schema.json", import.meta.url), "utf8")).toBe(renderCustomerSchema());
});

test("the worked example names the schema in its first line", () => {
  const example = readFileSync(new URL("../../stacks/customers/acme.yaml", import.meta.url), "utf8");
  expect(example.split("\n")[0]).toBe("# yaml-language-server: $schema=../customer.schema.json");
});
