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

/**
 * Quotes a value for a message: short, on one line, control characters escaped, so that an input cannot
 * draw on the terminal it is reported on.
 */
export function quoteForMessage(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
