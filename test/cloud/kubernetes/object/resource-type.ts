import type { Kind } from "../../../cluster/api-objects.ts";

/** What a resource type of the `kubernetes` package stands for. */
export interface ResourceType {
  readonly kind: Kind;
  /** Stands for some fields of an object that somebody else makes and removes. */
  readonly isPatch: boolean;
}

/** The type of the resource with a URN, such as `kubernetes:core/v1:ConfigMapPatch`. */
export function resourceTypeOf(urn: string): ResourceType {
  const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const [pkg, module = "", name = ""] = token.split(":");
  const [group, version] = module.split("/");
  if (pkg !== "kubernetes" || group === undefined || version === undefined)
    throw new Error(`unrecognized resource type: "${token}" for this provider`);
  const isPatch = name.endsWith("Patch");
  return {
    kind: { apiVersion: group === "core" ? version : `${group}/${version}`, kind: isPatch ? name.slice(0, -"Patch".length) : name },
    isPatch,
  };
}

/** The name that a program gives a resource. */
export function resourceNameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
