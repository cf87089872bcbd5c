import { z } from "zod";

/** Fields that several shapes have. */
export const name = (what: string) => z.string().describe(`Name of the ${what}: 1–40 of a–z, 0–9 and "-".`);
export const cidrs = (who: string) => z.array(z.string()).describe(`CIDR blocks ${who}, such as 198.51.100.0/24.`);
export const port = (what: string) => z.int().describe(what);
export const text = (what: string) => z.string().describe(what);
