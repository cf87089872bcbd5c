import type * as pulumi from "@pulumi/pulumi";
import type { Bastion } from "../core/bastion.ts";
import type { PlacedTunnel } from "../core/forward.ts";

/** A tunnel that others than the pod itself can reach. */
export interface ExposedPort {
  readonly tunnel: string;
  readonly bindPort: pulumi.Output<number>;
}

/** The tunnels that are not on loopback. How many there are is known, whatever a preview does not know of their ports. */
export function exposedPorts(bastion: Bastion, tunnels: pulumi.Output<readonly PlacedTunnel[]>): ExposedPort[] {
  const bindPortOf = (tunnel: string) =>
    tunnels.apply((placed) => {
      const found = placed.find(({ name }) => name === tunnel);
      if (found === undefined) throw new RangeError(`the tunnel "${tunnel}" has not been placed`);
      return found.bindPort;
    });
  return bastion.tunnels.flatMap(({ name, bindAddress }) =>
    bindAddress.scope === "loopback" ? [] : [{ tunnel: name, bindPort: bindPortOf(name) }],
  );
}
