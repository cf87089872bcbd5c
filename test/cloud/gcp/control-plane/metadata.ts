import { ApiError } from "../../world/provider/api.ts";
import type { WorldRecord } from "../../world/world.ts";

const KEY = /^[a-zA-Z0-9_-]{1,128}$/;
const LARGEST_VALUE_BYTES = 262_144;
const LARGEST_TOTAL_BYTES = 524_288;

/** All metadata an instance has: the script that is a property of its own is the `startup-script` too. */
export function metadataOf({ metadata, metadataStartupScript }: Readonly<WorldRecord>): Record<string, string> {
  return {
    ...(metadata as Record<string, string> | undefined),
    ...(metadataStartupScript === undefined ? {} : { "startup-script": String(metadataStartupScript) }),
  };
}

/** Refuses metadata that Compute Engine refuses. */
export function refuseMetadata(record: Readonly<WorldRecord>): void {
  const given = (record.metadata ?? {}) as Record<string, string>;
  if (record.metadataStartupScript !== undefined && given["startup-script"] !== undefined)
    throw new ApiError("", "Cannot provide both metadata_startup_script and metadata.startup-script.");
  const items = Object.entries(metadataOf(record));
  for (const [index, [key, value]] of items.entries()) {
    if (!KEY.test(key))
      throw new ApiError(
        "invalid",
        `Invalid value for field 'resource.metadata.items[${index}].key': '${key}'. Must be a match of regex '[a-zA-Z0-9-_]{1,128}'`,
      );
    refuseSize(`resource.metadata.items[${index}].value`, Buffer.byteLength(value), LARGEST_VALUE_BYTES);
  }
  const total = items.reduce((bytes, [key, value]) => bytes + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  refuseSize("resource.metadata", total, LARGEST_TOTAL_BYTES);
}

function refuseSize(field: string, bytes: number, largest: number): void {
  if (bytes > largest)
    throw new ApiError(
      "fieldSizeTooLarge",
      `Value for field '${field}' is too large: maximum size ${largest} character(s); actual size ${bytes}.`,
    );
}
