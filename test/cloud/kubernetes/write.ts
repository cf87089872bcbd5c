import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../../cluster/api.ts";
import { PatchType } from "../../cluster/api.ts";
import type { ApiObject, ObjectKey } from "../../cluster/api-objects.ts";
import { ApiError, isRefusal } from "../../cluster/api-transport.ts";
import { Annotation, isAnnotated } from "./object/annotations.ts";
import { handOver, isOfCreation, managersOf } from "./object/hand-over.ts";
import { at, withValueAt } from "./object/plain.ts";

/** Who creates objects; updates are another manager's. */
const CREATOR = "pulumi-kubernetes";
/** After how long a creation is tried again that lacks its namespace or its kind: other resources may make them. */
const RETRY_SECONDS = [1, 2, 4, 8, 16];
/** The real provider takes the API server's warnings for nothing. Here, a misspelt field fails. */
const STRICT = "Strict";

const EXISTS_ALREADY =
  "The resource already exists in the cluster. Either\n\n" +
  "  - it has another name in the program than before: give it an alias, or deleteBeforeReplace;\n" +
  "  - some of its fields are to be managed: use its Patch resource, such as ConfigMapPatch;\n" +
  "  - Pulumi is to manage all of it: use `pulumi import`;\n" +
  "  - or it is to be taken over without asking: set upsertExistingObjects on the provider.";

/** What there is to know of a write beside the object. */
export interface WriteContext {
  readonly api: ApiClient;
  readonly fieldManager: string;
  /** Everything but the storing. */
  readonly isPreview: boolean;
  /** Fields are taken from their managers, whatever the object says. */
  readonly isForced: boolean;
}

/** A kind that the API server does not have. */
export class NoSuchKindError extends Error {
  constructor({ apiVersion, kind }: ApiObject) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

/** Creates an object. With `upserts` it is applied: an object that exists gets its fields, unless others manage them. */
export async function createObject(context: WriteContext, inputs: ApiObject, upserts: boolean): Promise<ApiObject> {
  const { api, isPreview } = context;
  for (let attempt = 0; ; attempt += 1)
    try {
      if (!(await api.knows(inputs))) throw new NoSuchKindError(inputs);
      if (upserts) return await applied(context, inputs, isPreview);
      return await api.create(inputs, { fieldManager: CREATOR, dryRun: isPreview, fieldValidation: STRICT });
    } catch (error) {
      if (isRefusal(error, "AlreadyExists")) throw new ApiError(statusOf(error, `${error.message}\n\n${EXISTS_ALREADY}`), error.code);
      const seconds = RETRY_SECONDS[attempt];
      const isWorthWaiting = error instanceof NoSuchKindError || isRefusal(error, "NotFound");
      if (!isWorthWaiting || seconds === undefined || (isPreview && lacksNamespace(error))) throw error;
      await sleep(seconds * 1000);
    }
}

/** Has an object be as its inputs say, by server-side apply. A patch leaves alone what others have done to the object. */
export async function updateObject(
  context: WriteContext,
  inputs: ApiObject,
  { isPatch, ignored }: { readonly isPatch: boolean; readonly ignored: readonly string[] },
): Promise<ApiObject> {
  const { api, fieldManager, isPreview } = context;
  const key = keyOf(inputs);
  let live = await api.get(inputs, key);
  const patch = isPatch || isPreview ? undefined : handOver(live, fieldManager);
  if (patch !== undefined) live = await api.patch(inputs, key, patch, PatchType.JSON);
  const isObvious = (isPreview && isOfCreation(live)) || (live.metadata.managedFields ?? []).length === 0;
  return applied(context, withoutIgnored(inputs, live, fieldManager, ignored), isObvious);
}

/** Gives up the fields of a manager. Those that nobody else manages go; the object stays. */
export async function relinquish(api: ApiClient, object: ApiObject, fieldManager: string): Promise<void> {
  const { apiVersion, kind } = object;
  await api.apply({ apiVersion, kind, metadata: keyOf(object) }, { fieldManager });
}

export function keyOf({ metadata: { name = "", namespace } }: ApiObject): ObjectKey {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

export function lacksNamespace(error: unknown): boolean {
  return isRefusal(error, "NotFound") && error.details.kind === "namespaces";
}

async function applied(
  { api, fieldManager, isPreview, isForced }: WriteContext,
  inputs: ApiObject,
  isObvious: boolean,
): Promise<ApiObject> {
  const force = isForced || isObvious || isAnnotated(inputs, Annotation.PatchForce);
  try {
    return await api.apply(inputs, { fieldManager, force, dryRun: isPreview, fieldValidation: STRICT });
  } catch (error) {
    if (!isRefusal(error, "Conflict")) throw error;
    const message = `server-side apply field conflict detected\nThe resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}`;
    throw new ApiError(statusOf(error, message), error.code);
  }
}

/** Ignored fields that only others manage are not asked for; any other is asked for as it is. */
function withoutIgnored(inputs: ApiObject, live: ApiObject, fieldManager: string, ignored: readonly string[]): ApiObject {
  return ignored.reduce((left, field) => {
    const path = field.split(".");
    const managers = managersOf(live, path);
    const isOthers = managers.length > 0 && !managers.includes(fieldManager);
    const value = isOthers ? undefined : (at(live, ...path) ?? at(left, ...path));
    return withValueAt(left, path, value) as ApiObject;
  }, inputs);
}

function statusOf({ code, reason, details }: ApiError, message: string) {
  return { kind: "Status", code, reason, details, message } as const;
}
