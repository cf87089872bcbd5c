import type { CustomerFile } from "../../stacks/customer-file.ts";
import { parseCustomer } from "../../stacks/parse-customer.ts";

/** Reads a customer's file that has a bastion. */
export function parseBastionFile(text: string, name = "acme.yaml"): CustomerFile {
  const file = parseCustomer(text, name);
  if (file.target === "private-link") throw new TypeError(`${name} has no bastion`);
  return file;
}
