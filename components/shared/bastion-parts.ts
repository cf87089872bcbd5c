import * as pulumi from "@pulumi/pulumi";
import type { Bastion, Peer } from "../core/bastion.ts";
import { type BastionDescription, describeBastion } from "../core/describe-bastion.ts";
import { type PlacedTunnel, placeTunnels } from "../core/forward.ts";
import { type GeneratedPublicKeys, keysOf, type LoginUsers, makeKeySet, renderKeySet } from "../core/key-set.ts";
import type { BastionOutputs } from "./bastion-outputs.ts";
import { BindPorts } from "./bind-ports.ts";
import { createGeneratedKeys, type GeneratedKeys } from "./generated-keys.ts";
import { createHostKeys, type HostKeys } from "./host-keys.ts";

/** What a bastion consists of on every target, before there is a machine. */
export interface BastionParts {
  readonly hostKeys: HostKeys;
  readonly generatedKeys: GeneratedKeys;
  readonly tunnels: pulumi.Output<readonly PlacedTunnel[]>;
}

/** Makes the parts of the bastion `name` that are the same on every target, as children of it. */
export function createBastionParts(name: string, bastion: Bastion, parent: pulumi.Resource): BastionParts {
  const allocation = new BindPorts(
    `${name}-bind-ports`,
    {
      range: bastion.bindPortRange,
      reservedPorts: bastion.reservedPorts,
      tunnels: bastion.tunnels.map((tunnel) => ({ name: tunnel.name, bindPort: tunnel.requestedBindPort })),
    },
    { parent },
  );
  return {
    hostKeys: createHostKeys(name, bastion, parent),
    generatedKeys: createGeneratedKeys(name, bastion, parent),
    tunnels: allocation.bindPorts.apply((bindPorts) => placeTunnels(bastion.tunnels, bindPorts)),
  };
}

/** What goes into the mailbox of a bastion. */
export function keySetOf(bastion: Bastion, parts: BastionParts, users: pulumi.Input<LoginUsers>): pulumi.Output<string> {
  return pulumi
    .all([users, parts.tunnels, parts.generatedKeys.publicKeys])
    .apply(([logins, tunnels, generated]) => renderKeySet(makeKeySet(bastion, logins, tunnels, generated)));
}

/** Where a bastion is reached. */
export interface BastionPlace {
  readonly users: pulumi.Input<LoginUsers>;
  /** Name or address that clients dial. */
  readonly host: pulumi.Input<string>;
  /** Port that clients dial; the one sshd listens on when left out. */
  readonly sshPort?: number | undefined;
  /** Where consumers reach bind ports that listen on all interfaces; `host` when left out. */
  readonly consumerHosts?: pulumi.Input<readonly string[]> | undefined;
}

/** The outputs of a bastion. */
export function outputsOf(bastion: Bastion, parts: BastionParts, place: BastionPlace): BastionOutputs {
  const { users, host, sshPort, consumerHosts } = place;
  const { hostKeys, generatedKeys, tunnels } = parts;
  const description: pulumi.Output<BastionDescription> = pulumi
    .all([users, host, consumerHosts ?? [host], hostKeys.publicKeys, hostKeys.announcedPublicKeys, tunnels, generatedKeys.publicKeys])
    .apply(([logins, name, consumerNames, keys, announced, placed, generated]) =>
      describeBastion({
        bastion,
        users: logins,
        host: name,
        sshPort,
        consumerHosts: consumerNames,
        hostKeys: keys,
        announcedHostKeys: announced,
        tunnels: placed,
        fingerprintsOf: fingerprintsIn(generated),
      }),
    );
  return {
    host: description.host,
    sshPort: description.sshPort,
    statusPort: description.statusPort,
    user: description.user,
    consumerUser: description.consumerUser,
    endpoint: description.endpoint,
    consumerEndpoint: description.consumerEndpoint,
    hostKeys: description.apply((all) => all.hostKeys),
    knownHosts: description.knownHosts,
    tunnels: description.apply((all) => all.tunnels),
    clients: description.apply((all) => all.clients),
    consumers: description.apply((all) => all.consumers),
    operators: description.apply((all) => all.operators),
    clientPrivateKeys: generatedKeys.clientPrivateKeys,
    consumerPrivateKeys: generatedKeys.consumerPrivateKeys,
    operatorPrivateKeys: generatedKeys.operatorPrivateKeys,
  };
}

function fingerprintsIn(generated: GeneratedPublicKeys) {
  return (role: "clients" | "consumers" | "operators", peer: Peer): string[] => {
    return keysOf(peer, generated[role]).map(({ fingerprint }) => fingerprint);
  };
}
