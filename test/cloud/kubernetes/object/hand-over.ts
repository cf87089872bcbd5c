import type { ApiObject, ManagedFields } from "../../../cluster/api-objects.ts";
import { isPlainObject, type PlainObject } from "./plain.ts";

/** Whose fields an update takes over: those of the creation, and those of `kubectl`. By the beginning of the name. */
const FORMER_MANAGERS: readonly Pick<ManagedFields, "manager" | "operation">[] = [
  { manager: "kubectl", operation: "Apply" },
  { manager: "kubectl", operation: "Update" },
  { manager: "before-first-apply", operation: "Update" },
  { manager: "pulumi-kubernetes", operation: "Update" },
  { manager: "pulumi-resource-kubernetes", operation: "Update" },
];

/** A JSON patch that makes a field manager the one who applies what its predecessors manage; `undefined` without any. */
export function handOver({ apiVersion, metadata }: ApiObject, fieldManager: string): object[] | undefined {
  const managed = metadata.managedFields ?? [];
  const former = managed.filter(isFormer);
  if (former.length === 0) return undefined;
  const isOwn = ({ manager, operation }: ManagedFields) => manager === fieldManager && operation === "Apply";
  const taken = [...managed.filter(isOwn), ...former];
  const own: ManagedFields = {
    manager: fieldManager,
    operation: "Apply",
    apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: taken.reduce<PlainObject>((all, { fieldsV1 }) => union(all, fieldsV1), {}),
    time: new Date().toISOString().replace(/\.\d+/, ""),
  };
  return [
    { op: "replace", path: "/metadata/managedFields", value: [...managed.filter((one) => !taken.includes(one)), own] },
    { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
  ];
}

/** Whether the provider itself has written an object otherwise than by applying it. */
export function isOfCreation({ metadata }: ApiObject): boolean {
  return (metadata.managedFields ?? []).some(({ manager, operation }) => operation === "Update" && manager === "pulumi-kubernetes");
}

/** Whether a field manager, or anybody else, has a field; `path` is that of an object's members. */
export function managersOf({ metadata }: ApiObject, path: readonly string[]): string[] {
  const isManaged = (fields: unknown): boolean =>
    path.reduce<unknown>((inner, key) => (isPlainObject(inner) ? inner[`f:${key}`] : undefined), fields) !== undefined;
  return (metadata.managedFields ?? []).filter(({ fieldsV1 }) => isManaged(fieldsV1)).map(({ manager }) => manager);
}

function isFormer({ manager, operation, subresource }: ManagedFields): boolean {
  return subresource === undefined && FORMER_MANAGERS.some((one) => operation === one.operation && manager.startsWith(one.manager));
}

function union(left: PlainObject, right: PlainObject): PlainObject {
  const both = Object.entries(right).map(([key, value]) => {
    const former = left[key];
    return [key, isPlainObject(former) && isPlainObject(value) ? union(former, value) : value];
  });
  return { ...left, ...Object.fromEntries(both) };
}
