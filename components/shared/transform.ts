import type * as pulumi from "@pulumi/pulumi";

/** A child of a bastion, before it is made. */
export interface Child<Args> {
  readonly args: Args;
  readonly options: pulumi.CustomResourceOptions;
}

/** Changes a child of a bastion: `({ args, options }) => ({ args: { ...args, description: "ours" }, options })`. */
export type Transform<Args> = (child: Child<Args>) => Child<Args>;

/** Applies a transform, where there is one; gives what a resource's constructor takes after its name. */
export function transformed<Args>(
  transform: Transform<Args> | undefined,
  args: Args,
  options: pulumi.CustomResourceOptions,
): [Args, pulumi.CustomResourceOptions] {
  const child = transform === undefined ? { args, options } : transform({ args, options });
  return [child.args, child.options];
}
