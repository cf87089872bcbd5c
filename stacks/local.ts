import { LocalBastion } from "../components/local/local-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** Deploys a customer's bastion on this machine. */
export function deploy({ customer, target: _target, aws: _aws, gcp: _gcp, dns: _dns, local, ...spec }: CustomerFile): BastionOutputs {
  return stackOutputs(new LocalBastion(customer, { ...spec, ...local }));
}
