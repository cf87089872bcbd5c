import { type Api, ApiError } from "../../world/provider/api.ts";
import type { Property, PropertySchema } from "../../world/provider/property.ts";

/** The calls that change tags, by service. */
const CALLS = {
  ec2: ["ec2:CreateTags", "ec2:DeleteTags"],
  role: ["iam:TagRole", "iam:UntagRole"],
  instanceProfile: ["iam:TagInstanceProfile", "iam:UntagInstanceProfile"],
  ssm: ["ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"],
  cloudwatch: ["cloudwatch:TagResource", "cloudwatch:UntagResource"],
} as const;

const MOST_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/** The `tags` of a kind of resource. */
export function tagsProperty(service: keyof typeof CALLS): PropertySchema {
  const [add, remove] = CALLS[service];
  const tags: Property = {
    type: { map: "string" },
    changedBy: (actual, asked) => {
      const [before, after] = [Object.entries((actual ?? {}) as object), (asked ?? {}) as Record<string, string>];
      const gone = before.some(([key]) => after[key] === undefined);
      const kept = Object.entries(after).every((one) => before.some((other) => other.join("=") === one.join("=")));
      return [...(gone ? [remove] : []), ...(kept ? [] : [add])];
    },
  };
  return { tags };
}

/** The permission that tags need which are given while a resource of EC2 is made. */
export async function tagOnCreate(api: Api, inputs: Readonly<Record<string, unknown>>): Promise<void> {
  if (Object.keys((inputs.tags ?? {}) as object).length > 0) await api.look("ec2:CreateTags");
}

/** The tags of new inputs, in both forms in which a resource shows them. */
export function tagsOf(inputs: Readonly<Record<string, unknown>>, code = "InvalidParameterValue"): { tags?: unknown; tagsAll: unknown } {
  checkTags(inputs.tags, code);
  return { ...(inputs.tags === undefined ? {} : { tags: inputs.tags }), tagsAll: inputs.tags ?? {} };
}

/** Refuses tags that AWS refuses. */
export function checkTags(tags: unknown, code = "InvalidParameterValue"): void {
  const entries = Object.entries((tags ?? {}) as Record<string, string>);
  if (entries.length > MOST_TAGS)
    throw new ApiError(code === "InvalidParameterValue" ? "TagLimitExceeded" : code, `More than ${MOST_TAGS} tags are not allowed`);
  for (const [key, value] of entries) {
    if (/^aws:/i.test(key)) throw new ApiError(code, `Tag keys starting with 'aws:' are reserved for internal use`);
    if (key === "" || key.length > LONGEST_KEY)
      throw new ApiError(code, `Tag key '${key}' is invalid. Tag keys must be between 1 and ${LONGEST_KEY} characters in length`);
    if (value.length > LONGEST_VALUE)
      throw new ApiError(code, `Tag value exceeds the maximum length of ${LONGEST_VALUE} characters (key '${key}')`);
  }
}
