import type { PropertySchema, PropertyType } from "../../../world/provider/property.ts";

/** Another resource, by its id. */
export const reference: PropertyType = { object: { id: { type: "string" } } satisfies PropertySchema };
