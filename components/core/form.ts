import { type Problem, quoteForMessage } from "./problem.ts";

/** What a setting that names something at a cloud looks like. */
export interface Form {
  readonly pattern: RegExp;
  readonly example: string;
}

/** Every setting that is there and does not look as it has to. */
export function checkForms<K extends string>(
  settings: { readonly [Name in NoInfer<K>]?: string | undefined },
  forms: Readonly<Record<K, Form>>,
): Problem[] {
  return Object.entries<Form>(forms).flatMap(([name, { pattern, example }]) => {
    const value = settings[name as K];
    if (value === undefined || pattern.test(value)) return [];
    return [{ path: name, reason: `got ${quoteForMessage(value)}; expected something like "${example}"` }];
  });
}
