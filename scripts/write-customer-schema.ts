import { writeFileSync } from "node:fs";
import { renderCustomerSchema } from "../stacks/customer-schema.ts";

// npm run schema: after a change of the customer file's shape. A test fails where this was forgotten.
writeFileSync(new URL("../stacks/customer.schema.json", import.meta.url), renderCustomerSchema());
