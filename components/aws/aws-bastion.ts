import * as pulumi from "@pulumi/pulumi";
import type { AwsSpec } from "../core/aws/aws-spec.ts";
import { checkAws } from "../core/aws/check-aws.ts";
import { checkBastionOnAws } from "../core/aws/check-bastion-on-aws.ts";
import { parseBastion } from "../core/bastion.ts";
import type { HostKeyDescription, OperatorDescription, PeerDescription, TunnelDescription } from "../core/describe-bastion.ts";
import { loginUsersOf } from "../core/key-set.ts";
import { checkName } from "../core/name.ts";
import { asProblems } from "../core/problem-list.ts";
import type { BastionArgs } from "../shared/bastion-args.ts";
import type { BastionOutputs } from "../shared/bastion-outputs.ts";
import { createBastionParts, outputsOf } from "../shared/bastion-parts.ts";
import { checked } from "../shared/checked.ts";
import { consumerHosts } from "../shared/consumer-hosts.ts";
import { placeOf } from "../shared/place.ts";
import { createAddress } from "./address.ts";
import type { AwsScope } from "./aws-scope.ts";
import type { AwsTransforms } from "./aws-transforms.ts";
import { createHostName } from "./dns-record.ts";
import { createIdentity } from "./identity.ts";
import { createMachine } from "./machine.ts";
import { createMailbox } from "./mailbox.ts";
import { createNetwork } from "./network.ts";
import { createFirewall } from "./security-group.ts";

/** What a bastion on EC2 takes: what every bastion takes, and what AWS needs to know. */
export interface AwsBastionArgs extends BastionArgs, AwsSpec {}

/** Options of the component, and the way to what its arguments do not offer. */
export interface AwsBastionOptions extends pulumi.ComponentResourceOptions {
  readonly transform?: AwsTransforms | undefined;
}

/**
 * A bastion on EC2: a small machine with a stock image, an address that outlives it, a security group, and a role that
 * may read its own parameters. About 11 USD a month; `docs/aws.md` has the parts.
 *
 * Clients, keys and tunnels change in place, within seconds, and no other tunnel notices. What needs another machine
 * (a new image, other user data) is shown as a replacement by `pulumi preview`; addresses and host keys stay.
 */
export class AwsBastion extends pulumi.ComponentResource implements BastionOutputs {
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
  /** The address to allow in firewalls; empty where the bastion is private only. */
  readonly publicIp: pulumi.Output<string>;
  /** The address inside the VPC. */
  readonly privateIp: pulumi.Output<string>;
  /** The security group, to be referred to by others: "from the bastion". */
  readonly securityGroupId: pulumi.Output<string>;
  readonly instanceId: pulumi.Output<string>;
  /** The image the machine was made from. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: AwsBastionArgs, { transform = {}, ...opts }: AwsBastionOptions = {}) {
    super("reverse-bastion:aws:AwsBastion", name, {}, opts);
    const bastion = checked(this, () =>
      parseBastion(args, [...asProblems("name", checkName(name)), ...checkAws(args), ...checkBastionOnAws(args, args)]),
    );
    const scope: AwsScope = { name, bastion, spec: args, tags: tagsOf(name, args), transforms: transform, parent: this };

    const parts = createBastionParts(name, bastion, this);
    const network = createNetwork(scope);
    const firewall = createFirewall(scope, network.vpcId, parts.tunnels);
    const address = createAddress(scope, network, firewall.securityGroupId);
    const host = createHostName(scope, address);
    const mailbox = createMailbox(scope, parts);
    const identity = createIdentity(scope, mailbox);
    const instance = createMachine(scope, { address, identity, mailbox, ways: [...network.ways, ...firewall.waysOut] });

    const users = loginUsersOf(bastion);
    Object.assign(this, outputsOf(bastion, parts, { users, host, consumerHosts: consumerHosts(bastion, address.privateIp, host) }));
    this.publicIp = pulumi.output(address.publicIp ?? "");
    this.privateIp = address.privateIp;
    this.securityGroupId = firewall.securityGroupId;
    this.instanceId = instance.id;
    this.imageId = instance.ami;
    this.registerOutputs({ endpoint: this.endpoint, instanceId: this.instanceId });
  }
}

function tagsOf(name: string, { tags }: AwsSpec): Record<string, string> {
  return { Name: name, ...tags, "reverse-bastion": placeOf(name) };
}
