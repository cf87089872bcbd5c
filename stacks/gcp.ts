import { GcpBastion } from "../components/gcp/gcp-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import { bastionSpecOf, sameBastion } from "./bastion-of.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** Deploys a customer's bastion on Compute Engine. */
export function deploy(file: CustomerFile): BastionOutputs {
  if (file.gcp === undefined) throw new TypeError("a file for the target gcp has settings for it");
  return stackOutputs(new GcpBastion(file.customer, { ...bastionSpecOf(file), ...file.gcp }, sameBastion(file)));
}
