import { AzureBastion } from "../components/azure/azure-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import { bastionSpecOf, sameBastion } from "./bastion-of.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** Deploys a customer's bastion on Azure. */
export function deploy(file: CustomerFile): BastionOutputs {
  if (file.azure === undefined) throw new TypeError("a file for the target azure has settings for it");
  return stackOutputs(new AzureBastion(file.customer, { ...bastionSpecOf(file), ...file.azure }, sameBastion(file)));
}
