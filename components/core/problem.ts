/** One thing that is wrong with an input, at the place its author wrote it. */
export interface Problem {
  /** Where, in the author's own terms: `clients[1].publicKeys[0]`. Empty for the whole input. */
  readonly path: string;
  /** What was given, what is allowed and what to do, in one sentence. Never contains key material. */
  readonly reason: string;
}

/** Input the core refuses. Carries every problem, so that one run is enough to fix them all. */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(renderProblem).join("\n"));
    this.problems = problems;
  }
}

/** Renders a problem as `path: reason`. */
export function renderProblem({ path, reason }: Problem): string {
  return path === "" ? reason : `${path}: ${reason}`;
}

/** Throws an {@link InvalidInputError} when there is any problem. */
export function refuseIfAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidInputError(problems);
}

/** Moves problems below a path: `[0]` under `clients` becomes `clients[0]`, `name` becomes `clients.name`. */
export function problemsAt(prefix: string, problems: readonly Problem[]): Problem[] {
  return problems.map(({ path, reason }) => ({ path: joinPath(prefix, path), reason }));
}

function joinPath(prefix: string, path: string): string {
  if (path === "" || prefix === "") return prefix + path;
  return path.startsWith("[") ? prefix + path : `${prefix}.${path}`;
}

/** Characters that change what a terminal shows, beyond those that JSON escapes: C1 controls, line and direction marks. */
const INVISIBLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Whether a text is, or begins, a private key in one of the forms that are around. */
export function looksLikePrivateKey(text: string): boolean {
  return /PRIVATE KEY|PuTTY-User-Key-File|b3BlbnNzaC1rZXktdjE/.test(text);
}

/** How an ARM id begins. Its slashes stand between words; in base64 they are digits like any other. */
const ARM_ID = /^\/subscriptions\//i;

/** Whether a text has a run of base64 that is as long and as mixed as a piece of a key. */
function hasKeyMaterial(text: string): boolean {
  const digits = ARM_ID.test(text) ? /[A-Za-z0-9+]{40,}/g : /[A-Za-z0-9+/]{40,}/g;
  return (text.match(digits) ?? []).some((run) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run));
}

/**
 * Quotes a value for a message: short, on one line, control characters escaped, so that an input cannot
 * draw on the terminal it is reported on.
 */
export function quoteForMessage(value: unknown): string {
  if (typeof value === "string" && looksLikePrivateKey(value)) return "a private key (not shown)";
  if (typeof value === "string" && hasKeyMaterial(value)) return `a text of ${value.length} characters (not shown, it may be a key)`;
  const text = (JSON.stringify(value) ?? String(value)).replaceAll(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
