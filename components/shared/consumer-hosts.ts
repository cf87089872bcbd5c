import * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import { isPrivateBlock } from "../core/private-block.ts";

/** Consumers with private addresses reach the private one, whatever name or address clients dial. */
export function consumerHosts(
  { consumerCidrs }: Bastion,
  privateIp: pulumi.Input<string>,
  host: pulumi.Input<string>,
): pulumi.Output<string[]> {
  const inside = consumerCidrs.some(isPrivateBlock) ? [privateIp] : [];
  const outside = consumerCidrs.every(isPrivateBlock) && inside.length > 0 ? [] : [host];
  return pulumi.all([...inside, ...outside]).apply((hosts) => [...new Set(hosts)]);
}
