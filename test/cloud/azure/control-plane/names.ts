import { ApiError } from "../../world/provider/api.ts";

const NETWORK_NAME = /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$/;

/** Refuses names that Microsoft.Network refuses. */
export function refuseNetworkName(name: string): void {
  if (!NETWORK_NAME.test(name))
    throw new ApiError(
      "InvalidResourceName",
      `Resource name ${name} is invalid. The name can be up to 80 characters long. It must begin with a word character, and it must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.`,
    );
}

/** What refers to something that is not there. */
export function refuseAbsentReference(id: unknown, user: string): never {
  throw new ApiError(
    "InvalidResourceReference",
    `Resource ${String(id)} referenced by resource ${user} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
  );
}
