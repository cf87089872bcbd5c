import * as pulumi from "@pulumi/pulumi";

/** Whether an input is known later only: not while the program that gives it still runs. */
export function isLater<T>(input: pulumi.Input<T> | undefined): input is pulumi.OutputInstance<T> | Promise<T> {
  return pulumi.Output.isInstance(input) || input instanceof Promise;
}
