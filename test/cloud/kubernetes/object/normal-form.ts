import type { ApiObject } from "../../../cluster/api-objects.ts";
import { hasUnknown, type Properties } from "../../plugin/values.ts";
import { isPlainObject, type PlainObject } from "./plain.ts";
import { canonicalQuantity } from "./quantity.ts";

const READ_ONLY = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** Maps that are as good as absent when they are empty; other empty objects, such as an `emptyDir`, mean something. */
const MAPS = ["annotations", "binaryData", "data", "labels", "limits", "matchLabels", "nodeSelector", "requests", "stringData"];

/**
 * Inputs in the spelling in which the API server gives an object back, so that what means the same is no change. Inputs
 * that a preview does not know whole are left as they are.
 */
export function normalForm(inputs: Properties): ApiObject {
  const normal = hasUnknown(inputs) ? inputs : asStored(inputs);
  const metadata = isPlainObject(normal.metadata) ? normal.metadata : {};
  const writable = Object.entries(metadata).filter(([name]) => !READ_ONLY.includes(name));
  return Object.assign({}, normal, { metadata: Object.fromEntries(writable) }) as unknown as ApiObject;
}

export function isSecretKind({ apiVersion, kind }: Properties): boolean {
  return apiVersion === "v1" && kind === "Secret";
}

function asStored(inputs: Properties): PlainObject {
  const given = withoutEmpty(inputs) as PlainObject;
  if (!isSecretKind(given)) return withCanonicalQuantities(given) as PlainObject;
  const { stringData, ...rest } = given;
  if (!isPlainObject(stringData)) return rest;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString("base64")]);
  return { ...rest, data: { ...(rest.data as object | undefined), ...Object.fromEntries(encoded) } };
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).filter(([key, inner]) => !isAbsent(key, inner));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutEmpty(inner)]));
}

function isAbsent(key: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === undefined || (MAPS.includes(key) && isPlainObject(value) && Object.keys(value).length === 0);
}

function withCanonicalQuantities(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCanonicalQuantities);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, canonicalField(key, inner)]));
}

function canonicalField(key: string, value: unknown): unknown {
  if (key === "sizeLimit" && typeof value === "string") return canonicalQuantity(value);
  if (key !== "resources" || !isPlainObject(value)) return withCanonicalQuantities(value);
  const amounts = (given: unknown) =>
    isPlainObject(given) ? Object.fromEntries(Object.entries(given).map(([name, amount]) => [name, canonicalAmount(amount)])) : given;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === "limits" || name === "requests" ? amounts(inner) : inner]),
  );
}

function canonicalAmount(amount: unknown): unknown {
  return typeof amount === "string" || typeof amount === "number" ? canonicalQuantity(String(amount)) : amount;
}
