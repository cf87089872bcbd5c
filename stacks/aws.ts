import * as aws from "@pulumi/aws";
import { AwsBastion } from "../components/aws/aws-bastion.ts";
import type { BastionOutputs } from "../components/shared/bastion-outputs.ts";
import type { CustomerFile } from "./customer-file.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** Deploys a customer's bastion on EC2. */
export function deploy({ customer, target: _target, gcp: _gcp, local: _local, aws: settings = {}, ...spec }: CustomerFile): BastionOutputs {
  const { region, ...placement } = settings;
  const options = region === undefined ? {} : { provider: new aws.Provider("aws", { region: region as aws.Region }) };
  return stackOutputs(new AwsBastion(customer, { ...spec, ...placement }, options));
}
