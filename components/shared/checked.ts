import * as pulumi from "@pulumi/pulumi";
import { InvalidInputError } from "../core/problem.ts";

/** Runs core code; what it refuses is reported on `resource`, without a stack trace. */
export function checked<T>(resource: pulumi.Resource, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new pulumi.ResourceError(error.message, resource, true);
    throw error;
  }
}
