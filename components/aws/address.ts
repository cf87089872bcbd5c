import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform.ts";
import type { AwsScope } from "./aws-scope.ts";
import type { BastionNetwork } from "./network.ts";

/** The addresses of a bastion. They belong to a network interface, so that they outlive its machine. */
export interface BastionAddress {
  readonly networkInterfaceId: pulumi.Output<string>;
  readonly privateIp: pulumi.Output<string>;
  /** None where the bastion is private only. */
  readonly publicIp: pulumi.Output<string> | undefined;
  /** None without IPv6. */
  readonly ipv6Address: pulumi.Output<string> | undefined;
  /** What has to be there before the addresses work. */
  readonly ways: readonly pulumi.Resource[];
}

/** Makes the network interface of a bastion and, unless it is private only, its public address. */
export function createAddress(scope: AwsScope, network: BastionNetwork, securityGroupId: pulumi.Input<string>): BastionAddress {
  const { name, spec, tags, transforms, parent } = scope;
  const card = new aws.ec2.NetworkInterface(
    `${name}-network-interface`,
    ...transformed(
      transforms.networkInterface,
      {
        subnetId: network.subnetId,
        securityGroups: [securityGroupId],
        description: "Reverse SSH bastion",
        ...(spec.privateAddress === undefined ? {} : { privateIps: [spec.privateAddress] }),
        ...(spec.ipv6 === true ? { ipv6AddressCount: 1 } : {}),
        tags,
      },
      { parent },
    ),
  );
  const inside = {
    networkInterfaceId: card.id,
    privateIp: card.privateIp,
    ipv6Address: spec.ipv6 === true ? card.ipv6Addresses.apply(([address]) => address as string) : undefined,
  };
  if (spec.privateOnly === true) return { ...inside, publicIp: undefined, ways: [] };

  const eip = new aws.ec2.Eip(
    `${name}-elastic-ip`,
    ...transformed(
      transforms.elasticIp,
      { domain: "vpc", tags },
      { parent, protect: spec.protectAddress ?? false, dependsOn: [...network.ways] },
    ),
  );
  const association = new aws.ec2.EipAssociation(
    `${name}-elastic-ip-association`,
    { allocationId: eip.allocationId, networkInterfaceId: card.id },
    { parent, dependsOn: [...network.ways] },
  );
  return { ...inside, publicIp: eip.publicIp, ways: [association] };
}
