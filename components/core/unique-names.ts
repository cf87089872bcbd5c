import { checkName } from "./name.ts";
import { type Problem, quoteForMessage } from "./problem.ts";
import { asProblems, each } from "./problem-list.ts";

/** Everything that is wrong with the names of a list, which tell its elements apart. */
export function checkNames(path: string, named: readonly { readonly name?: string | undefined }[] | undefined): Problem[] {
  const first = new Map<string, number>();
  return each(path, named, ({ name }, index) => {
    if (name === undefined) return [];
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    const twice =
      earlier === undefined ? undefined : `${quoteForMessage(name)} is already the name of ${path}[${earlier}]; names are unique`;
    return asProblems("name", checkName(name) ?? twice);
  });
}
