import * as pulumi from "@pulumi/pulumi";
import { parseBastion } from "../core/bastion.ts";
import type { HostKeyDescription, OperatorDescription, PeerDescription, TunnelDescription } from "../core/describe-bastion.ts";
import { checkLocal, type LocalSpec } from "../core/local-spec.ts";
import { checkName } from "../core/name.ts";
import { asProblems } from "../core/problem-list.ts";
import { CONFIGURATION_FOLDER, renderDirectory } from "../host/directory.ts";
import type { BastionArgs } from "../shared/bastion-args.ts";
import type { BastionOutputs } from "../shared/bastion-outputs.ts";
import { createBastionParts, keySetOf, outputsOf } from "../shared/bastion-parts.ts";
import { checked } from "../shared/checked.ts";
import { warnOfOpenBindPorts } from "./exposure.ts";
import { getLocalHost } from "./local-host.ts";
import { LocalSshd } from "./local-sshd.ts";

/** What a bastion on the machine at hand takes: what every bastion takes, and where it is on this machine. */
export interface LocalBastionArgs extends BastionArgs, LocalSpec {}

/**
 * A bastion on the machine that `pulumi up` runs on: its own OpenSSH as an unprivileged process. For trying things
 * out, for tests, and for a bare host. Costs nothing.
 *
 * As root, clients and consumers get login users of their own. Without root, sshd can log in only the user it runs
 * as: both use that name, and their keys keep them apart. There is no firewall: sshd itself refuses logins from
 * outside `clientCidrs`, but nothing holds `consumerCidrs`, which a warning says.
 */
export class LocalBastion extends pulumi.ComponentResource implements BastionOutputs {
  declare readonly host: pulumi.Output<string>;
  declare readonly sshPort: pulumi.Output<number>;
  declare readonly statusPort: pulumi.Output<number>;
  declare readonly user: pulumi.Output<string>;
  declare readonly consumerUser: pulumi.Output<string>;
  declare readonly endpoint: pulumi.Output<string>;
  declare readonly consumerEndpoint: pulumi.Output<string>;
  declare readonly hostKeys: pulumi.Output<readonly HostKeyDescription[]>;
  declare readonly knownHosts: pulumi.Output<string>;
  declare readonly tunnels: pulumi.Output<readonly TunnelDescription[]>;
  declare readonly clients: pulumi.Output<readonly PeerDescription[]>;
  declare readonly consumers: pulumi.Output<readonly PeerDescription[]>;
  declare readonly operators: pulumi.Output<readonly OperatorDescription[]>;
  declare readonly clientPrivateKeys: pulumi.Output<Record<string, string>>;
  declare readonly consumerPrivateKeys: pulumi.Output<Record<string, string>>;
  declare readonly operatorPrivateKeys: pulumi.Output<Record<string, string>>;
  /** Folder that holds everything of this bastion; `log/bastion.log` in it is the log. */
  readonly directory: pulumi.Output<string>;

  constructor(name: string, args: LocalBastionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("reverse-bastion:local:LocalBastion", name, {}, opts);
    const bastion = checked(this, () => parseBastion(args, [...asProblems("name", checkName(name)), ...checkLocal(args)]));
    warnOfOpenBindPorts(this, bastion);

    const parts = createBastionParts(name, bastion, this);
    const machine = getLocalHost(
      {
        id: `${pulumi.getProject()}-${pulumi.getStack()}-${name}`,
        directory: args.directory,
        tunnelUser: bastion.tunnelUser,
        consumerUser: bastion.consumerUser,
      },
      this,
    );
    const users = machine.apply(({ tunnelUser, consumerUser }) => ({ tunnel: tunnelUser, consumer: consumerUser }));

    const sshd = new LocalSshd(
      `${name}-sshd`,
      {
        directory: machine.directory,
        python: machine.python,
        tunnelUser: machine.tunnelUser,
        consumerUser: machine.consumerUser,
        probeAddress: args.listenAddress ?? "127.0.0.1",
        sshPort: bastion.sshPort,
        files: machine.apply((facts) => renderDirectory(bastion, facts, { listenAddress: args.listenAddress })),
        secretFiles: parts.hostKeys.privateKeyFiles(CONFIGURATION_FOLDER),
        keySet: keySetOf(bastion, parts, users),
      },
      { parent: this },
    );

    Object.assign(this, outputsOf(bastion, parts, { users, host: args.host ?? "127.0.0.1" }));
    this.directory = sshd.directory;
    this.registerOutputs({ endpoint: this.endpoint, directory: this.directory });
  }
}
