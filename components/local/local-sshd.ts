import * as pulumi from "@pulumi/pulumi";
import type { HostFile } from "../host/file-set.ts";

export interface LocalSshdArgs {
  readonly directory: pulumi.Input<string>;
  readonly python: pulumi.Input<string>;
  readonly tunnelUser: pulumi.Input<string>;
  readonly consumerUser: pulumi.Input<string>;
  /** Address at which this machine reaches its own sshd. */
  readonly probeAddress: string;
  readonly sshPort: number;
  readonly files: pulumi.Input<HostFile[]>;
  /** Files with host keys. Secret. */
  readonly secretFiles: pulumi.Input<HostFile[]>;
  readonly keySet: pulumi.Input<string>;
}

/** OpenSSH's server as a process of this machine: started, kept running, and changed while tunnels are open. */
export class LocalSshd extends pulumi.CustomResource {
  /** Whether it answered the last time anybody looked (`pulumi up`, `pulumi refresh`). */
  declare readonly running: pulumi.Output<boolean>;
  declare readonly directory: pulumi.Output<string>;

  constructor(name: string, args: LocalSshdArgs, opts?: pulumi.CustomResourceOptions) {
    super("reverse-bastion:local:Sshd", name, { ...args, running: undefined }, { ...opts, additionalSecretOutputs: ["secretFiles"] });
  }
}
