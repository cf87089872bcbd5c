import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { parseBastion } from "../core/bastion.ts";
import type { HostKeyDescription, OperatorDescription, PeerDescription, TunnelDescription } from "../core/describe-bastion.ts";
import { checkBastionOnGcp } from "../core/gcp/check-bastion-on-gcp.ts";
import { checkGcp, checkNameOnGcp } from "../core/gcp/check-gcp.ts";
import { OWN_LABEL, toLabelValue } from "../core/gcp/gcp-labels.ts";
import { regionOf } from "../core/gcp/gcp-resource-path.ts";
import type { GcpSpec } from "../core/gcp/gcp-spec.ts";
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
import { createHostName } from "./dns-record.ts";
import { createFirewall } from "./firewall.ts";
import type { GcpScope } from "./gcp-scope.ts";
import type { GcpTransforms } from "./gcp-transforms.ts";
import { createHostKeySecret } from "./host-key-secret.ts";
import { createServiceAccount } from "./identity.ts";
import { createMachine } from "./machine.ts";
import { planMetadata, renderMailbox } from "./mailbox.ts";
import { createNetwork } from "./network.ts";

/** What a bastion on Compute Engine takes: what every bastion takes, and what GCP needs to know. */
export interface GcpBastionArgs extends BastionArgs, GcpSpec {}

/** Options of the component, and the way to what its arguments do not offer. */
export interface GcpBastionOptions extends pulumi.ComponentResourceOptions {
  readonly transform?: GcpTransforms | undefined;
}

/**
 * A bastion on Compute Engine: a small machine with a stock image, addresses that outlive it, firewall rules of its own,
 * and a service account that may read its host keys. About 11 USD a month; `docs/gcp.md` has the parts.
 *
 * Clients, keys and tunnels change in place, within seconds, and no other tunnel notices. What needs another machine
 * (a new image, another disk) is shown as a replacement by `pulumi preview`; addresses and host keys stay.
 */
export class GcpBastion extends pulumi.ComponentResource implements BastionOutputs {
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
  /** The address inside the network. */
  readonly privateIp: pulumi.Output<string>;
  /** The machine's service account, to be referred to by firewall rules of others: "from the bastion". */
  readonly serviceAccountEmail: pulumi.Output<string>;
  readonly instanceId: pulumi.Output<string>;
  /** The image the machine was made from. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: GcpBastionArgs, { transform = {}, ...opts }: GcpBastionOptions = {}) {
    super("reverse-bastion:gcp:GcpBastion", name, {}, opts);
    const bastion = checked(this, () =>
      parseBastion(args, [
        ...asProblems("name", checkName(name) ?? checkNameOnGcp(name)),
        ...checkGcp(args),
        ...checkBastionOnGcp(args, args),
      ]),
    );
    const plan = checked(this, () => planMetadata(bastion, args));
    const place = placeOf(name);
    const scope: GcpScope = {
      name,
      suffix: createHash("sha256").update(place).digest("hex").slice(0, 8),
      bastion,
      spec: args,
      region: regionOf(args.zone),
      inProject: args.project === undefined ? {} : { project: args.project },
      labels: { ...args.labels, [OWN_LABEL]: toLabelValue(place.replaceAll("/", "_")) },
      transforms: transform,
      parent: this,
    };

    const parts = createBastionParts(name, bastion, this);
    const serviceAccount = createServiceAccount(scope);
    const network = createNetwork(scope);
    const firewall = createFirewall(scope, network, serviceAccount.email, parts.tunnels);
    const address = createAddress(scope, network);
    const host = createHostName(scope, address);
    const hostKeys = createHostKeySecret(scope, parts.hostKeys, serviceAccount);
    const mailbox = renderMailbox(scope, parts, plan);
    const instance = createMachine(scope, { network, address, serviceAccount, hostKeys, mailbox, firewall });

    const users = loginUsersOf(bastion);
    Object.assign(this, outputsOf(bastion, parts, { users, host, consumerHosts: consumerHosts(bastion, address.privateIp, host) }));
    this.publicIp = pulumi.output(address.publicIp ?? "");
    this.privateIp = address.privateIp;
    this.serviceAccountEmail = serviceAccount.email;
    this.instanceId = instance.id;
    this.imageId = instance.bootDisk.apply((disk) => disk.initializeParams?.image ?? "");
    this.registerOutputs({ endpoint: this.endpoint, instanceId: this.instanceId });
  }
}
