import * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import { isOpenToWorld } from "../core/cidr.ts";

/** Says which bind ports are open to more than `consumerCidrs`: this target has no firewall to hold it. */
export function warnOfOpenBindPorts(resource: pulumi.Resource, bastion: Bastion): void {
  const exposed = bastion.tunnels.filter(({ bindAddress }) => bindAddress.scope !== "loopback").map(({ name }) => name);
  if (exposed.length === 0 || bastion.consumerCidrs.some(isOpenToWorld)) return;
  void pulumi.log.warn(
    `${exposed.join(", ")}: this target has no firewall, so whoever reaches this machine reaches the bind port, not only consumerCidrs. ` +
      'Set "bindAddress: loopback" on the tunnel, or put a firewall in front.',
    resource,
  );
}
