import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";

/** Labels of a bastion's objects, by which its services and policies know its pod. They never change. */
export function ownLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": "reverse-bastion", "app.kubernetes.io/instance": name };
}

const OWN_KEYS: ReadonlySet<string> = new Set(Object.keys(ownLabels("")));

const NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
const DOMAIN = "(?=.{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*";
const KEY = new RegExp(`^(?:${DOMAIN}/)?${NAME}$`);
const VALUE = new RegExp(`^(?:${NAME})?$`);
/** All annotations of an object together. */
const MOST_ANNOTATION_BYTES = 256 * 1024;

type Entries = Readonly<Record<string, string | undefined>>;

/** Everything that an API server would refuse in labels, or in a selector of them, at their keys. */
export function checkLabels(labels: Entries): Problem[] {
  return Object.entries(labels).flatMap(([key, value = ""]) => [...at(key, checkKey(key)), ...at(key, checkLabelValue(value))]);
}

/** Everything that is wrong with labels that a bastion's objects get beside its own. */
export function checkOwnLabels(labels: Entries): Problem[] {
  const taken = Object.keys(labels).filter((key) => OWN_KEYS.has(key));
  return [...checkLabels(labels), ...taken.flatMap((key) => at(key, "is what the bastion's own pod is known by; choose another key"))];
}

/** Everything that an API server would refuse in annotations, at their keys. */
export function checkAnnotations(annotations: Entries): Problem[] {
  const bytes = Object.entries(annotations).reduce((sum, [key, value = ""]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const tooMany = bytes <= MOST_ANNOTATION_BYTES ? undefined : `take ${bytes} bytes; an object's annotations may have 256 KiB`;
  return [...asProblems("", tooMany), ...Object.keys(annotations).flatMap((key) => at(key, checkKey(key)))];
}

/** Why a label, an annotation or a taint cannot have this key. */
export function checkKey(key: string): string | undefined {
  if (KEY.test(key)) return undefined;
  return `got ${quoteForMessage(key)}; a key is 1–63 letters, digits, "-", "_" and ".", after a domain and "/" where there is one`;
}

/** Why a label or a taint cannot have this value. */
export function checkLabelValue(value: string): string | undefined {
  if (VALUE.test(value)) return undefined;
  return `got ${quoteForMessage(value)}; a value is at most 63 letters, digits, "-", "_" and ".", or nothing`;
}

function at(key: string, reason: string | undefined): Problem[] {
  return asProblems(KEY.test(key) ? key : "", reason);
}
