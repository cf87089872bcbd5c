import type { Bastion, Peer } from "./bastion.ts";
import type { CertificateLogin } from "./certificate-login.ts";
import { renderDestination } from "./destination.ts";
import { type PlacedTunnel, tunnelsOf } from "./forward.ts";
import type { LoginUsers } from "./key-set.ts";
import { renderKnownHosts, renderSshfp, renderSshUrl, type SshEndpoint } from "./known-hosts.ts";
import type { PublicKey } from "./public-key.ts";
import { renderClientCommand, renderConsumerCommand, renderOperatorCommand, renderRemoteForward, type SshLogin } from "./ssh-command.ts";
import { renderClientSshConfig, renderConsumerSshConfig, renderOperatorSshConfig } from "./ssh-config.ts";

/** Everything about a running bastion that may be known to everybody who uses it. Nothing in it is secret. */
export interface BastionDescription {
  readonly host: string;
  readonly sshPort: number;
  /** Port on the bastion's loopback at which operators read its status. */
  readonly statusPort: number;
  /** User that clients log in as. */
  readonly user: string;
  /** User that consumers and operators log in as. */
  readonly consumerUser: string;
  /** `ssh://user@host:port` for clients. */
  readonly endpoint: string;
  /** `ssh://user@host:port` for consumers. */
  readonly consumerEndpoint: string;
  readonly hostKeys: readonly HostKeyDescription[];
  /** The `known_hosts` file that pins the host keys. */
  readonly knownHosts: string;
  readonly tunnels: readonly TunnelDescription[];
  readonly clients: readonly PeerDescription[];
  readonly consumers: readonly PeerDescription[];
  readonly operators: readonly OperatorDescription[];
}

export interface HostKeyDescription {
  readonly type: string;
  readonly fingerprint: string;
  /** Value of its SSHFP record. */
  readonly sshfp: string;
  /** Whether it is one of the next generation: clients are told of it, and sshd does not use it yet. */
  readonly announcedOnly: boolean;
  /** Which pair of host keys it is of, counted from 1. */
  readonly generation: number;
}

export interface TunnelDescription {
  readonly name: string;
  readonly bindPort: number;
  /** `host:port` at which consumers reach it over the network; none for a tunnel on loopback. */
  readonly consumerAddresses: readonly string[];
  /** What follows `-R` in a client's command. */
  readonly remoteForward: string;
  /** The command that opens this tunnel alone, for each client that may. */
  readonly commands: readonly { readonly client: string; readonly command: string }[];
}

export interface PeerDescription {
  readonly name: string;
  readonly tunnels: readonly string[];
  /** Fingerprints of its keys. Of generated ones, the present one first. */
  readonly fingerprints: readonly string[];
  /** Which certificates it may log in with; left out where it has no authority. */
  readonly certificates?: CertificateLogin | undefined;
  /** Generations of its generated keys, the present one first; none where its keys are imported. */
  readonly keyGenerations: readonly number[];
  /** The command for all of its tunnels on one connection. */
  readonly command: string;
  /** The same as a `Host` block of `ssh_config`. */
  readonly sshConfig: string;
}

export interface OperatorDescription {
  readonly name: string;
  /** Fingerprints of its keys. Of generated ones, the present one first. */
  readonly fingerprints: readonly string[];
  /** Generations of its generated keys, the present one first; none where its keys are imported. */
  readonly keyGenerations: readonly number[];
  /** The command that keeps the bastion's status at the same port of one's own machine. */
  readonly command: string;
  /** The same as a `Host` block of `ssh_config`. */
  readonly sshConfig: string;
}

export interface DescribedBastion {
  readonly bastion: Bastion;
  readonly users: LoginUsers;
  readonly host: string;
  /** Port that clients dial, where what stands in front of sshd has another one; sshd's own when left out. */
  readonly sshPort?: number | undefined;
  /** Names or addresses at which consumers reach bind ports that listen on all interfaces; `host` when left out. */
  readonly consumerHosts?: readonly string[] | undefined;
  readonly hostKeys: readonly PublicKey[];
  /** Those of the next generation, while they are announced. */
  readonly announcedHostKeys?: readonly PublicKey[] | undefined;
  readonly tunnels: readonly PlacedTunnel[];
  /** All keys of a peer, generated ones included. */
  readonly fingerprintsOf: (role: "clients" | "consumers" | "operators", peer: Peer) => readonly string[];
}

/** Puts together what the people at both ends need to know. */
export function describeBastion(described: DescribedBastion): BastionDescription {
  const { bastion, users, host, sshPort = bastion.sshPort, consumerHosts = [host], hostKeys, tunnels, fingerprintsOf } = described;
  const { announcedHostKeys = [] } = described;
  const endpoint: SshEndpoint = { host, sshPort };
  const login = (user: string, peer: Peer): SshLogin => ({
    ...endpoint,
    user,
    identityFile: `./${peer.name}.key`,
    knownHostsFile: "./known_hosts",
  });
  const of = tunnelsOf(tunnels);
  return {
    ...endpoint,
    statusPort: bastion.statusPort,
    user: users.tunnel,
    consumerUser: users.consumer,
    endpoint: renderSshUrl(users.tunnel, endpoint),
    consumerEndpoint: renderSshUrl(users.consumer, endpoint),
    hostKeys: [
      ...hostKeys.map((key) => describeHostKey(key, { announcedOnly: false, generation: bastion.hostKeyGeneration })),
      ...announcedHostKeys.map((key) => describeHostKey(key, { announcedOnly: true, generation: bastion.hostKeyGeneration + 1 })),
    ],
    knownHosts: renderKnownHosts(endpoint, [...hostKeys, ...announcedHostKeys]),
    tunnels: tunnels.map((tunnel) => ({
      name: tunnel.name,
      bindPort: tunnel.bindPort,
      consumerAddresses: consumerAddressesOf(tunnel, consumerHosts),
      remoteForward: renderRemoteForward(tunnel),
      commands: bastion.clients
        .filter((client) => client.tunnels.includes(tunnel.name))
        .map((client) => ({ client: client.name, command: renderClientCommand(login(users.tunnel, client), [tunnel]) })),
    })),
    clients: bastion.clients.map((client) => ({
      name: client.name,
      tunnels: client.tunnels,
      fingerprints: fingerprintsOf("clients", client),
      ...certificatesOf(client),
      keyGenerations: client.keyGenerations,
      command: renderClientCommand(login(users.tunnel, client), of(client)),
      sshConfig: renderClientSshConfig(`bastion-${client.name}`, login(users.tunnel, client), of(client)),
    })),
    consumers: bastion.consumers.map((consumer) => ({
      name: consumer.name,
      tunnels: consumer.tunnels,
      fingerprints: fingerprintsOf("consumers", consumer),
      ...certificatesOf(consumer),
      keyGenerations: consumer.keyGenerations,
      command: renderConsumerCommand(login(users.consumer, consumer), of(consumer)),
      sshConfig: renderConsumerSshConfig(`bastion-${consumer.name}`, login(users.consumer, consumer), of(consumer)),
    })),
    operators: bastion.operators.map((operator) => ({
      name: operator.name,
      fingerprints: fingerprintsOf("operators", operator),
      keyGenerations: operator.keyGenerations,
      command: renderOperatorCommand(login(users.consumer, operator), bastion.statusPort),
      sshConfig: renderOperatorSshConfig(`bastion-${operator.name}`, login(users.consumer, operator), bastion.statusPort),
    })),
  };
}

/** A field that outputs only have where it says something. */
function certificatesOf({ certificateAuthorities, certificatePrincipals }: Peer): Pick<PeerDescription, "certificates"> {
  if (certificateAuthorities.length === 0) return {};
  return { certificates: { authorities: certificateAuthorities.map(({ fingerprint }) => fingerprint), principals: certificatePrincipals } };
}

function describeHostKey(key: PublicKey, of: Pick<HostKeyDescription, "announcedOnly" | "generation">): HostKeyDescription {
  return { type: key.type, fingerprint: key.fingerprint, sshfp: renderSshfp(key), ...of };
}

function consumerAddressesOf({ bindAddress, bindPort }: PlacedTunnel, hosts: readonly string[]): string[] {
  switch (bindAddress.scope) {
    case "all":
      return hosts.map((host) => renderDestination({ host, hostPort: bindPort }));
    case "loopback":
      return [];
    case "address":
      return [`${bindAddress.address}:${bindPort}`];
  }
}
