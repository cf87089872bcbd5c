import type { ApiObject } from "../../../cluster/api-objects.ts";

/** What an object's own annotations tell the provider. */
export const Annotation = {
  Autonamed: "pulumi.com/autonamed",
  DeletionPropagation: "pulumi.com/deletionPropagationPolicy",
  PatchFieldManager: "pulumi.com/patchFieldManager",
  PatchForce: "pulumi.com/patchForce",
  ReplaceUnready: "pulumi.com/replaceUnready",
  SkipAwait: "pulumi.com/skipAwait",
  TimeoutSeconds: "pulumi.com/timeoutSeconds",
  WaitFor: "pulumi.com/waitFor",
} as const;
export type Annotation = (typeof Annotation)[keyof typeof Annotation];

const DEFAULT_TIMEOUT_SECONDS = 600;

export function annotationOf(object: ApiObject, name: string): string | undefined {
  return object.metadata?.annotations?.[name];
}

export function isAnnotated(object: ApiObject, name: Annotation): boolean {
  return annotationOf(object, name) === "true";
}

/** How long is waited for an object: what the resource's options say (0 is nothing), else the object itself. */
export function timeoutSecondsOf(object: ApiObject, fromOptions: number): number {
  if (fromOptions !== 0) return fromOptions;
  const asked = Number(annotationOf(object, Annotation.TimeoutSeconds));
  return Number.isInteger(asked) && asked > 0 ? asked : DEFAULT_TIMEOUT_SECONDS;
}

/** What becomes of what belongs to an object that is deleted. */
export function propagationPolicyOf(object: ApiObject): "Background" | "Foreground" | "Orphan" {
  switch (annotationOf(object, Annotation.DeletionPropagation)?.toLowerCase()) {
    case "orphan":
      return "Orphan";
    case "background":
      return "Background";
    default:
      return "Foreground";
  }
}
