import { GcpBastion } from "../components/gcp/gcp-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** Deploys a customer's bastion on Compute Engine. */
export function deploy({ customer, target: _target, aws: _aws, local: _local, gcp: settings, ...spec }: CustomerFile): BastionOutputs {
  if (settings === undefined) throw new TypeError("a file for the target gcp has settings for it");
  return stackOutputs(new GcpBastion(customer, { ...spec, ...settings }));
}
