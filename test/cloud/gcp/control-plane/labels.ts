import { hasUnknown, type Properties, UNKNOWN_VALUE, withoutSecrets } from "../../plugin/values.ts";
import { ApiError } from "../../world/provider/api.ts";
import type { PropertySchema } from "../../world/provider/property.ts";
import type { ResourceKind } from "../../world/provider/resource-kind.ts";
import type { GcpContext } from "./project.ts";

const KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const MOST_LABELS = 64;
const RULE =
  "can only contain lowercase letters, numeric characters, underscores and dashes. The TERM can be at most 63 characters long. International characters are allowed.";

/** What is put on everything that Pulumi provisions, unless the provider is told not to. */
const ATTRIBUTION = { "goog-pulumi-provisioned": "true" };

/** The `labels` of a kind of resource, and the call that changes them. */
export function labelsProperty(call: string): PropertySchema {
  return { labels: { type: { map: "string" }, changedBy: [call] } };
}

/** What labels the provider says a resource has: its own, over those of the provider's configuration. */
export function effectiveLabels(inputs: Properties, kind: ResourceKind<GcpContext>, context: GcpContext): Properties {
  if (kind.properties.labels === undefined) return {};
  const given = withoutSecrets(inputs.labels ?? {});
  const all =
    typeof given === "string" && hasUnknown(given)
      ? UNKNOWN_VALUE
      : { ...context.defaultLabels, ...(context.addsAttributionLabel ? ATTRIBUTION : {}), ...(given as object) };
  return { effectiveLabels: all, pulumiLabels: all };
}

/** Refuses labels that Google refuses. */
export function refuseLabels(labels: unknown): void {
  const entries = Object.entries((labels ?? {}) as Record<string, string>);
  const refuse = (why: string): never => {
    throw new ApiError("invalid", `Invalid value for field 'resource.labels': ''. ${why}`);
  };
  if (entries.length > MOST_LABELS) refuse(`Number of labels exceeds the limit of ${MOST_LABELS}.`);
  for (const [key, value] of entries) {
    if (!KEY.test(key))
      refuse(
        `Label key '${key}' violates format constraints. The key must start with a lowercase character, ${RULE.replace("TERM", "key")}`,
      );
    if (!VALUE.test(value)) refuse(`Label value '${value}' violates format constraints. The value ${RULE.replace("TERM", "value")}`);
  }
}
