import * as pulumi from "@pulumi/pulumi";
import type { AzureSpec } from "../core/azure/azure-spec.ts";
import { OWN_TAG } from "../core/azure/azure-tags.ts";
import { checkAzure } from "../core/azure/check-azure.ts";
import { checkBastionOnAzure } from "../core/azure/check-bastion-on-azure.ts";
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
import { createAdminLogin } from "./admin-key.ts";
import type { AzureScope } from "./azure-scope.ts";
import type { AzureTransforms } from "./azure-transforms.ts";
import { createHostName } from "./dns-record.ts";
import { createIdentity } from "./identity.ts";
import { createMachine } from "./machine.ts";
import { imageNameOf } from "./machine-image.ts";
import { createMailbox } from "./mailbox.ts";
import { createNetwork } from "./network.ts";
import { createFirewall } from "./network-security-group.ts";
import { createResourceGroup } from "./resource-group.ts";
import { createVault } from "./vault.ts";

/** What a bastion on Azure takes: what every bastion takes, and what Azure needs to know. */
export interface AzureBastionArgs extends BastionArgs, AzureSpec {}

/** Options of the component, and the way to what its arguments do not offer. */
export interface AzureBastionOptions extends pulumi.ComponentResourceOptions {
  readonly transform?: AzureTransforms | undefined;
}

/**
 * A bastion on Azure: a small virtual machine with a stock image, addresses that outlive it, a network security group of
 * its own, and an identity that may read its own vault. About 13 USD a month; `docs/azure.md` has the parts.
 *
 * Clients, keys and tunnels change in place, within seconds, and no other tunnel notices. What needs another machine
 * (a new image, another disk) is shown as a replacement by `pulumi preview`; addresses and host keys stay.
 */
export class AzureBastion extends pulumi.ComponentResource implements BastionOutputs {
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
  /** The address inside the virtual network. */
  readonly privateIp: pulumi.Output<string>;
  /** Name of the resource group of everything. */
  readonly resourceGroup: pulumi.Output<string>;
  readonly networkSecurityGroupId: pulumi.Output<string>;
  /** The machine's identity, to be referred to by role assignments of others. */
  readonly identityPrincipalId: pulumi.Output<string>;
  /** ARM id of the virtual machine. */
  readonly instanceId: pulumi.Output<string>;
  /** The image the machine was made from: `publisher:offer:sku:version`, or the ARM id of one of your own. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: AzureBastionArgs, { transform = {}, ...opts }: AzureBastionOptions = {}) {
    super("reverse-bastion:azure:AzureBastion", name, {}, opts);
    const bastion = checked(this, () =>
      parseBastion(args, [...asProblems("name", checkName(name)), ...checkAzure(args), ...checkBastionOnAzure(args, args)]),
    );
    const { location } = args;
    const tags = { ...args.tags, [OWN_TAG]: placeOf(name) };
    const around = { name, bastion, spec: args, location, tags, transforms: transform, parent: this };
    const scope: AzureScope = { ...around, resourceGroup: args.resourceGroup ?? createResourceGroup(around) };

    const parts = createBastionParts(name, bastion, this);
    const admin = createAdminLogin(scope);
    const subnetId = createNetwork(scope);
    const firewall = createFirewall(scope, parts.tunnels);
    const address = createAddress(scope, subnetId, firewall);
    const host = createHostName(scope, address);
    const identity = createIdentity(scope);
    const { vault, url } = createVault(scope, identity, admin.ownKey);
    const mailbox = createMailbox(scope, parts, vault);
    const machine = createMachine(scope, { address, identity, vaultUrl: url, mailbox, admin });

    const users = loginUsersOf(bastion);
    Object.assign(this, outputsOf(bastion, parts, { users, host, consumerHosts: consumerHosts(bastion, address.privateIp, host) }));
    this.publicIp = pulumi.output(address.publicIp ?? "");
    this.privateIp = address.privateIp;
    this.resourceGroup = pulumi.output(scope.resourceGroup);
    this.networkSecurityGroupId = firewall.id;
    this.identityPrincipalId = identity.principalId;
    this.instanceId = machine.id;
    this.imageId = machine.storageProfile.apply((storage) => imageNameOf(storage?.imageReference ?? {}));
    this.registerOutputs({ endpoint: this.endpoint, instanceId: this.instanceId });
  }
}
