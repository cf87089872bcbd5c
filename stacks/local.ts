import { LocalBastion } from "../components/local/local-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import { bastionSpecOf, sameBastion } from "./bastion-of.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** Deploys a customer's bastion on this machine. */
export function deploy(file: CustomerFile): BastionOutputs {
  return stackOutputs(new LocalBastion(file.customer, { ...bastionSpecOf(file), ...file.local }, sameBastion(file)));
}
