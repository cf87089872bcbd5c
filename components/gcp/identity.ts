import * as gcp from "@pulumi/gcp";
import { transformed } from "../shared/transform.ts";
import type { GcpScope } from "./gcp-scope.ts";

/** Who the machine is to GCP: an account with no role in the project. Firewall rules know the machine by it. */
export function createServiceAccount({ name, suffix, inProject, transforms, parent }: GcpScope): gcp.serviceaccount.Account {
  return new gcp.serviceaccount.Account(
    `${name}-identity`,
    ...transformed(
      transforms.serviceAccount,
      {
        accountId: accountIdOf(name, suffix),
        displayName: `Reverse SSH bastion ${name}`,
        description: "The machine of a reverse SSH bastion; may read its own host keys",
        ...inProject,
      },
      { parent },
    ),
  );
}

/** An account's id has 6–30 characters, which is less than a bastion's name may have. */
function accountIdOf(name: string, suffix: string): string {
  const short = name.slice(0, 30 - `bastion--${suffix}`.length).replace(/-+$/, "");
  return `bastion-${short}-${suffix}`;
}
