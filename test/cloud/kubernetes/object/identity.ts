import type { ApiObject, ObjectKey } from "../../../cluster/api-objects.ts";
import type { PlainObject } from "./plain.ts";

/** What Pulumi knows an object by: `namespace/name`, or the name alone. */
export function idOf({ metadata: { namespace, name } }: ApiObject): string {
  return namespace === undefined ? `${name}` : `${namespace}/${name}`;
}

export function parseId(id: string): ObjectKey {
  const [first = "", second] = id.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** An object with the name that is given, and in the namespace `default` if it is in none and has to be in one. */
export function placed(object: PlainObject, isNamespaced: boolean, name: string | undefined): PlainObject {
  const { namespace = "default", ...metadata } = (object.metadata ?? {}) as { readonly namespace?: string };
  return { ...object, metadata: { ...metadata, ...(name === undefined ? {} : { name }), ...(isNamespaced ? { namespace } : {}) } };
}
