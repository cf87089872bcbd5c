import * as pulumi from "@pulumi/pulumi";
import type { BindPortRange } from "../core/bind-port.ts";

export interface BindPortsArgs {
  readonly range: BindPortRange;
  readonly reservedPorts: readonly number[];
  /** Tunnels in the author's order, with the ports they insist on. */
  readonly tunnels: readonly { readonly name: string; readonly bindPort?: number | undefined }[];
}

/** Which tunnel has which bind port. The allocation is kept in state; a preview already shows it. */
export class BindPorts extends pulumi.CustomResource {
  /** Bind port by the name of its tunnel. */
  declare readonly bindPorts: pulumi.Output<Record<string, number>>;

  constructor(name: string, args: BindPortsArgs, opts?: pulumi.CustomResourceOptions) {
    super("reverse-bastion:index:BindPorts", name, { ...args, bindPorts: undefined }, opts);
  }
}
