import type { ApiObject } from "../../../cluster/api-objects.ts";
import { isSecret, type Properties, secret, withoutSecrets } from "../../plugin/values.ts";
import { isPlainObject, type PlainObject } from "./plain.ts";

const INPUTS = "__inputs";
const FIELD_MANAGER = "__fieldManager";
const FIRST_API_VERSION = "__initialApiVersion";

/** What is in state about an object. */
export interface Checkpoint {
  /** What was asked for last. */
  readonly inputs: PlainObject;
  /** What was there after that, or after a refresh. */
  readonly live: ApiObject;
  /** Absent in inputs, and of what was imported. */
  readonly fieldManager?: string;
  readonly firstApiVersion?: string;
}

/** What goes into state. Secret is what is so in `marked`, and the content of a Secret. */
export function renderCheckpoint({ inputs, live, fieldManager, firstApiVersion }: Checkpoint, marked: Properties): Properties {
  return {
    ...markedLike(live, marked),
    [INPUTS]: markedLike(inputs, marked),
    [FIRST_API_VERSION]: firstApiVersion ?? live.apiVersion,
    ...(fieldManager === undefined ? {} : { [FIELD_MANAGER]: fieldManager }),
  };
}

export function parseCheckpoint(state: Properties): Checkpoint {
  const {
    [INPUTS]: inputs,
    [FIELD_MANAGER]: fieldManager,
    [FIRST_API_VERSION]: firstApiVersion,
    ...live
  } = withoutSecrets(state) as PlainObject;
  return {
    inputs: isPlainObject(inputs) ? inputs : {},
    live: live as ApiObject,
    ...(typeof fieldManager === "string" ? { fieldManager } : {}),
    ...(typeof firstApiVersion === "string" ? { firstApiVersion } : {}),
  };
}

/** Plain values with those secret that hold something which another version of them has marked so. */
export function markedLike(plain: PlainObject, marked: Properties): Properties {
  if (plain.kind === "Secret") {
    const hidden = ["data", "stringData"].filter((name) => Object.hasOwn(plain, name));
    return { ...plain, ...Object.fromEntries(hidden.map((name) => [name, secret(plain[name])])) };
  }
  return Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, valueMarkedLike(value, marked[key])]));
}

function valueMarkedLike(value: unknown, marked: unknown): unknown {
  if (!isSecret(marked)) return value;
  return isPlainObject(value) && isPlainObject(marked) && !isMark(marked) ? markedLike(value, marked) : secret(value);
}

function isMark(value: PlainObject): boolean {
  return Object.keys(value).join() === Object.keys(secret(null) as PlainObject).join();
}
