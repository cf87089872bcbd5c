import { InvalidInputError, type Problem } from "../../components/core/problem.ts";

/** The problems for which `run` refuses its input; anything but a refusal fails the test. */
export function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  throw new Error("expected the input to be refused, but it was accepted");
}
