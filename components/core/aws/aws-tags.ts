import { type Problem, quoteForMessage } from "../problem.ts";
import { asProblems } from "../problem-list.ts";

/** Keys of the tags that every resource of a bastion gets. */
const OWN_KEYS = ["Name", "reverse-bastion"];
/** Tags a resource may have, less those. */
const MOST_TAGS = 50 - OWN_KEYS.length;
/** Letters, digits and blanks of any script, and a few signs: what every AWS service takes (Tagging Best Practices). */
const TAG_CHARACTERS = /^[\p{L}\p{N}\p{Zs}_.:/=+\-@]*$/u;

/** Everything that AWS would refuse in tags, at `tags.<key>`. */
export function checkAwsTags(tags: Readonly<Record<string, string | undefined>>): Problem[] {
  const entries = Object.entries(tags);
  const count =
    entries.length <= MOST_TAGS ? undefined : `got ${entries.length}; AWS allows 50 and two are the bastion's own, so ${MOST_TAGS}`;
  const spellings = new Map(OWN_KEYS.map((key) => [key.toLowerCase(), key]));
  return [...asProblems("", count), ...entries.flatMap(([key, value]) => checkTag(key, value ?? "", spellings))];
}

/** @param spellings the keys so far, by their lower case. */
function checkTag(key: string, value: string, spellings: Map<string, string>): Problem[] {
  const at = TAG_CHARACTERS.test(key) && key.length <= 128 ? key : quoteForMessage(key);
  return [...asProblems(at, checkKey(key) ?? checkSpelling(key, spellings)), ...asProblems(at, checkValue(value))];
}

/** A role with two such keys would not be made: IAM, and only IAM, takes them for one. */
function checkSpelling(key: string, spellings: Map<string, string>): string | undefined {
  const other = spellings.get(key.toLowerCase());
  if (other === undefined) spellings.set(key.toLowerCase(), key);
  if (other === undefined || other === key) return undefined;
  return `is the key "${other}" in other letters, which IAM takes for the same one; write "${other}", or choose another`;
}

function checkKey(key: string): string | undefined {
  if (/^aws:/i.test(key)) return 'keys that begin with "aws:" are AWS\'s own; choose another';
  if (key.length >= 1 && key.length <= 128 && TAG_CHARACTERS.test(key)) return undefined;
  return 'a key is 1–128 letters, digits, blanks and "_.:/=+-@"';
}

function checkValue(value: string): string | undefined {
  if (value.length <= 256 && TAG_CHARACTERS.test(value)) return undefined;
  return `got ${quoteForMessage(value)}; a value is at most 256 letters, digits, blanks and "_.:/=+-@"`;
}
