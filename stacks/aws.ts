import * as aws from "@pulumi/aws";
import { AwsBastion } from "../components/aws/aws-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import { bastionSpecOf, sameBastion } from "./bastion-of.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** Deploys a customer's bastion on EC2. */
export function deploy(file: CustomerFile): BastionOutputs {
  const { region, ...placement } = file.aws ?? {};
  const provider = region === undefined ? {} : { provider: new aws.Provider("aws", { region: region as aws.Region }) };
  return stackOutputs(new AwsBastion(file.customer, { ...bastionSpecOf(file), ...placement }, { ...sameBastion(file), ...provider }));
}
