import * as pulumi from "@pulumi/pulumi";
import { type Problem, refuseIfAny } from "../core/problem.ts";
import { checked } from "../shared/checked.ts";
import { isLater } from "../shared/later.ts";

/** Settings as a program gives them: some may be outputs of other resources. */
type Given<Spec> = { readonly [K in keyof Spec]: pulumi.Input<Spec[K]> };

/**
 * Checks settings: what is plain at once, before anything is made, and everything once it is known. What is refused is
 * reported on `resource`.
 *
 * @param check takes what is known, and the names of the settings that are given and come later.
 */
export function checkedArgs<Spec extends object>(
  resource: pulumi.Resource,
  args: Given<Spec>,
  check: (spec: Partial<Spec>, unreadable: ReadonlySet<string>) => readonly Problem[],
): pulumi.Output<Spec> {
  const later = new Set(Object.keys(args).filter((key) => isLater(args[key as keyof Spec])));
  const plain = Object.fromEntries(Object.entries(args).filter(([key]) => !later.has(key))) as Partial<Spec>;
  checked(resource, () => refuseIfAny(check(plain, later)));
  const resolved = pulumi.output(args) as unknown as pulumi.Output<Spec>;
  if (later.size === 0) return resolved;
  return resolved.apply((spec) =>
    checked(resource, () => {
      refuseIfAny(check(spec, new Set()));
      return spec;
    }),
  );
}
