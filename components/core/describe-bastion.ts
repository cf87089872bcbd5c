import type { Bastion, Peer } from "./bastion.ts";
import { type CertificateLogin, describeCertificateLogin } from "./certificate-login.ts";
import { renderDestination } from "./destination.ts";
import { type PlacedTunnel, tunnelsOf } from "./forward.ts";
import type { LoginUsers } from "./key-set.ts";
import { renderKnownHosts, renderSshfp, renderSshUrl, type SshEndpoint } from "./known-hosts.ts";
import type { PublicKey } from "./public-key.ts";
import { renderClientCommand, renderConsumerCommand, renderRemoteForward, type SshLogin } from "./ssh-command.ts";
import { renderClientSshConfig, renderConsumerSshConfig } from "./ssh-config.ts";

/** Everything about a running bastion that may be known to everybody who uses it. Nothing in it is secret. */
export interface BastionDescription {
  readonly host: string;
  readonly sshPort: number;
  /** User that clients log in as. */
  readonly user: string;
  /** User that consumers log in as. */
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
}

export interface HostKeyDescription {
  readonly type: string;
  readonly fingerprint: string;
  /** Value of its SSHFP record. */
  readonly sshfp: string;
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
  /** Fingerprints of its keys. */
  readonly fingerprints: readonly string[];
  /** Which certificates it may log in with; left out where it has no authority. */
  readonly certificates?: CertificateLogin | undefined;
  /** The command for all of its tunnels on one connection. */
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
  readonly tunnels: readonly PlacedTunnel[];
  /** All keys of a peer, generated ones included. */
  readonly fingerprintsOf: (role: "clients" | "consumers", peer: Peer) => readonly string[];
}

/** Puts together what the people at both ends need to know. */
export function describeBastion(described: DescribedBastion): BastionDescription {
  const { bastion, users, host, sshPort = bastion.sshPort, consumerHosts = [host], hostKeys, tunnels, fingerprintsOf } = described;
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
    user: users.tunnel,
    consumerUser: users.consumer,
    endpoint: renderSshUrl(users.tunnel, endpoint),
    consumerEndpoint: renderSshUrl(users.consumer, endpoint),
    hostKeys: hostKeys.map((key) => ({ type: key.type, fingerprint: key.fingerprint, sshfp: renderSshfp(key) })),
    knownHosts: renderKnownHosts(endpoint, hostKeys),
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
      command: renderClientCommand(login(users.tunnel, client), of(client)),
      sshConfig: renderClientSshConfig(`bastion-${client.name}`, login(users.tunnel, client), of(client)),
    })),
    consumers: bastion.consumers.map((consumer) => ({
      name: consumer.name,
      tunnels: consumer.tunnels,
      fingerprints: fingerprintsOf("consumers", consumer),
      ...certificatesOf(consumer),
      command: renderConsumerCommand(login(users.consumer, consumer), of(consumer)),
      sshConfig: renderConsumerSshConfig(`bastion-${consumer.name}`, login(users.consumer, consumer), of(consumer)),
    })),
  };
}

/** A field that outputs only have where it says something. */
function certificatesOf(peer: Peer): Pick<PeerDescription, "certificates"> {
  const certificates = describeCertificateLogin(peer);
  return certificates === undefined ? {} : { certificates };
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
