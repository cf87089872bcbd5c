import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";

/** Key of the label that every resource of a bastion gets. */
export const OWN_LABEL = "reverse-bastion";
/** Labels a resource may have, less that one and the one that Pulumi's provider adds. */
const MOST_LABELS = 64 - 2;
/** Letters that have no case count as lower-case ones ("Requirements for labels"). */
const KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const MOST_BYTES = 128;
/** Keys that a message can show as they are, good or not. */
const SHOWN = /^[\p{L}\p{N}_-]{1,63}$/u;

/** Everything that GCP would refuse in labels, at `labels.<key>`. */
export function checkGcpLabels(labels: Readonly<Record<string, string | undefined>>): Problem[] {
  const entries = Object.entries(labels);
  const count =
    entries.length <= MOST_LABELS
      ? undefined
      : `got ${entries.length}; GCP allows 64, one is the bastion's own and one Pulumi's, so ${MOST_LABELS}`;
  return [...asProblems("", count), ...entries.flatMap(([key, value]) => checkLabel(key, value ?? ""))];
}

/** What a text becomes as a label's value: GCP takes no capitals, dots or slashes. */
export function toLabelValue(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);
}

function checkLabel(key: string, value: string): Problem[] {
  const at = SHOWN.test(key) ? key : quoteForMessage(key);
  return [...asProblems(at, checkKey(key)), ...asProblems(at, checkValue(value))];
}

function checkKey(key: string): string | undefined {
  if (/^goog/.test(key)) return 'keys that begin with "goog" are Google\'s own; choose another';
  if (KEY.test(key) && Buffer.byteLength(key) <= MOST_BYTES) return undefined;
  return 'a key is 1–63 lower-case letters, digits, "_" and "-", and begins with a letter';
}

function checkValue(value: string): string | undefined {
  if (VALUE.test(value) && Buffer.byteLength(value) <= MOST_BYTES) return undefined;
  const lower = toLabelValue(value);
  const remedy = /^[\x20-\x7e]{1,63}$/.test(value) ? `, such as "${lower}"` : "";
  return `got ${quoteForMessage(value)}; a value is at most 63 lower-case letters, digits, "_" and "-"${remedy}`;
}
