import { z } from "zod";
import { customerFileSchema, privateLinkFileSchema } from "./customer-file.ts";

/** Renders the JSON Schema of a customer's file, by which editors complete and check it. */
export function renderCustomerSchema(): string {
  const schema = z.toJSONSchema(z.union([customerFileSchema, privateLinkFileSchema]), { io: "input", target: "draft-7" });
  return `${JSON.stringify({ title: "A customer's bastion (pulumi-reverse-bastion)", ...schema }, undefined, 2)}\n`;
}
