import type * as pulumi from "@pulumi/pulumi";
import type { BastionSpec } from "../components/core/bastion-spec.ts";
import type { CustomerFile } from "./customer-file.ts";

/** Type of the component of each target. */
const COMPONENT_TYPES = {
  aws: "reverse-bastion:aws:AwsBastion",
  azure: "reverse-bastion:azure:AzureBastion",
  gcp: "reverse-bastion:gcp:GcpBastion",
  kubernetes: "reverse-bastion:kubernetes:KubernetesBastion",
  local: "reverse-bastion:local:LocalBastion",
} as const satisfies Record<CustomerFile["target"], string>;

/** What of a customer's file is the bastion's, whatever it runs on. */
export function bastionSpecOf(file: CustomerFile): BastionSpec & Pick<CustomerFile, "dns"> {
  const { customer: _customer, target: _target, aws: _aws, azure: _azure, gcp: _gcp, ...rest } = file;
  const {
    kubernetes: _kubernetes,
    local: _local,
    privateEndpoints: _privateEndpoints,
    privateLinkServices: _privateLinkServices,
    ...spec
  } = rest;
  return spec;
}

/**
 * To Pulumi, a customer has one bastion, whatever their file says it runs on: one that moves keeps its host keys, the keys
 * that were generated, and its bind ports. (A program may have bastions of one name on two targets; a file may not.)
 */
export function sameBastion({ target }: CustomerFile): pulumi.ComponentResourceOptions {
  const own = COMPONENT_TYPES[target];
  return { aliases: Object.values(COMPONENT_TYPES).flatMap((type) => (type === own ? [] : [{ type }])) };
}
