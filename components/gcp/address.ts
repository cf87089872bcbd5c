import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform.ts";
import type { GcpScope } from "./gcp-scope.ts";
import type { BastionNetwork } from "./network.ts";

/** Public addresses of a region, and what an address is attached with, have to be of one tier. */
export const NETWORK_TIER = "PREMIUM";

/** The addresses of a bastion. They are reserved, so that they outlive its machine. */
export interface BastionAddress {
  readonly privateIp: pulumi.Output<string>;
  /** None where the bastion is private only. */
  readonly publicIp: pulumi.Output<string> | undefined;
}

/** Reserves the private address of a bastion and, unless it is private only, its public one. */
export function createAddress(scope: GcpScope, network: BastionNetwork): BastionAddress {
  const { name, spec, region, inProject, labels, transforms, parent } = scope;
  const reserve = (role: string, args: gcp.compute.AddressArgs, options: pulumi.CustomResourceOptions) =>
    new gcp.compute.Address(
      `${name}-${role}`,
      ...transformed(
        transforms.address,
        { description: "Reverse SSH bastion", region, ...args, labels, ...inProject },
        { parent, ...options },
      ),
    );
  const inside = reserve(
    "private-ip",
    {
      addressType: "INTERNAL",
      subnetwork: network.subnetwork,
      ...(spec.privateAddress === undefined ? {} : { address: spec.privateAddress }),
    },
    {},
  );
  if (spec.privateOnly === true) return { privateIp: inside.address, publicIp: undefined };

  const outside = reserve("public-ip", { addressType: "EXTERNAL", networkTier: NETWORK_TIER }, { protect: spec.protectAddress ?? false });
  return { privateIp: inside.address, publicIp: outside.address };
}
