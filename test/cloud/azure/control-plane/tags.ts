import { ApiError } from "../../world/provider/api.ts";

const MOST_TAGS = 50;
const LONGEST_NAME = 512;
const LONGEST_VALUE = 256;
const RESERVED = /[<>%&\\?/]|\p{Cc}/u;

/** Refuses tags that Azure Resource Manager refuses. */
export function refuseTags(tags: unknown): void {
  const entries = Object.entries((tags ?? {}) as Record<string, string>);
  if (entries.length > MOST_TAGS)
    throw new ApiError("TooManyTags", `The number of tags '${entries.length}' on the resource is over the limit of '${MOST_TAGS}'.`);
  for (const [name, value] of entries) {
    if (RESERVED.test(name))
      throw new ApiError(
        "InvalidTagNameCharacters",
        `The tag names '${name}' have reserved characters '<,>,%,&,\\,?,/' or control characters.`,
      );
    if (name.length > LONGEST_NAME)
      throw new ApiError("TagNameTooLong", `Tag name too large. Maximum allowed length for tag name - '${LONGEST_NAME}' characters.`);
    if (/^(microsoft|azure|windows)/i.test(name))
      throw new ApiError("ReservedTagNamePrefix", `The tag name '${name}' begins with a reserved prefix: 'microsoft', 'azure', 'windows'.`);
    if (value.length > LONGEST_VALUE)
      throw new ApiError(
        "InvalidTagValueLength",
        `Tag value too large.  Following tag value '${value.slice(0, 32)}' exceeded the maximum length. Maximum allowed length for tag value - '${LONGEST_VALUE}' characters.`,
      );
  }
}
