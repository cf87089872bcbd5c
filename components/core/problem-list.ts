import { InvalidInputError, type Problem, problemsAt } from "./problem.ts";

/** Runs a check on every element that is there, with its index in the path. */
export function each<T>(
  path: string,
  values: readonly (T | undefined)[] | undefined,
  check: (value: T, index: number) => Problem[],
): Problem[] {
  return (values ?? []).flatMap((value, index) => (value === undefined ? [] : problemsAt(`${path}[${index}]`, check(value, index))));
}

/** A reason, where there is one, as a list of problems. */
export function asProblems(path: string, reason: string | undefined): Problem[] {
  return reason === undefined ? [] : [{ path, reason }];
}

/** What a parser refuses, as a list of problems. */
export function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}
