import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";

/** Key of the tag that every resource of a bastion gets. */
export const OWN_TAG = "reverse-bastion";
/** Tags a resource may have, less that one. */
const MOST_TAGS = 50 - 1;
/** A virtual machine's tags may have this many characters in all; the bastion's own takes some of them. */
const MOST_CHARACTERS = 2048 - 256;

/** Everything that Azure would refuse in tags, at `tags.<key>`. */
export function checkAzureTags(tags: Readonly<Record<string, string | undefined>>): Problem[] {
  const entries = Object.entries(tags).map(([key, value]): [string, string] => [key, value ?? ""]);
  const spellings = new Map([[OWN_TAG, OWN_TAG]]);
  return [...asProblems("", checkExtent(entries)), ...entries.flatMap(([key, value]) => checkTag(key, value, spellings))];
}

function checkExtent(entries: readonly (readonly [string, string])[]): string | undefined {
  if (entries.length > MOST_TAGS) return `got ${entries.length}; Azure allows 50 and one is the bastion's own, so ${MOST_TAGS}`;
  const characters = entries.flat().join("").length;
  if (characters <= MOST_CHARACTERS) return undefined;
  return `got ${characters} characters in all; a virtual machine takes ${MOST_CHARACTERS} beside the bastion's own, so shorten or drop some`;
}

/** @param spellings the keys so far, by their lower case. */
function checkTag(key: string, value: string, spellings: Map<string, string>): Problem[] {
  const at = /^[\p{L}\p{N} _.:+=@-]{1,100}$/u.test(key) ? key : quoteForMessage(key);
  return [...asProblems(at, checkKey(key) ?? checkSpelling(key, spellings)), ...asProblems(at, checkValue(value))];
}

function checkKey(key: string): string | undefined {
  if (/^(?:microsoft|azure|windows)/i.test(key))
    return 'keys that begin with "microsoft", "azure" or "windows" are Azure\'s own; choose another';
  if (key.length >= 1 && key.length <= 512 && !/[<>%&\\?/\p{C}]/u.test(key)) return undefined;
  return 'a key is 1–512 characters, and none of "<>%&\\?/"';
}

function checkValue(value: string): string | undefined {
  if (value.length <= 256 && !/\p{C}/u.test(value)) return undefined;
  return `got ${quoteForMessage(value)}; a value is at most 256 characters, on one line`;
}

function checkSpelling(key: string, spellings: Map<string, string>): string | undefined {
  const other = spellings.get(key.toLowerCase());
  if (other === undefined) spellings.set(key.toLowerCase(), key);
  if (other === undefined || other === key) return undefined;
  return `is the key "${other}" in other letters, which Azure takes for the same one; write "${other}", or choose another`;
}
