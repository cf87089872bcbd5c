import type { BastionDescription, PeerDescription, TunnelDescription } from "../core/describe-bastion.ts";
import { parseDestination } from "../core/destination.ts";
import { loopbackHostOf, type PlacedTunnel } from "../core/forward.ts";
import { renderSshUrl } from "../core/known-hosts.ts";
import { checkName } from "../core/name.ts";
import { InvalidInputError, type Problem, problemsAt, refuseIfAny } from "../core/problem.ts";
import { asProblems, each } from "../core/problem-list.ts";
import { renderConsumerSshConfig } from "../core/ssh-config.ts";
import { checkHost, checkLoginUser } from "./check-outputs.ts";
import { parseRemoteListener } from "./remote-forward.ts";

/** Where something listens. An IPv6 address has no brackets. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** A tunnel, as services of the platform reach it. */
export interface PlatformTunnel {
  readonly name: string;
  /** Where it is reached over the network; none for a tunnel on loopback. In a cluster, the host is the name of its service. */
  readonly addresses: readonly ServiceAddress[];
}

/** A service of the platform that logs in. */
export interface PlatformConsumer {
  readonly name: string;
  /** `ssh://user@host:port`; the port is always spelled out. */
  readonly endpoint: string;
  /** Its private key, as its `ssh_config` calls it. */
  readonly keyFile: string;
  /** What it may reach, as it is seen from the bastion. With its `ssh_config` the same port is on its own machine. */
  readonly tunnels: readonly ({ readonly name: string } & ServiceAddress)[];
  readonly sshConfig: string;
}

/** What services of the platform set to reach a customer's data sources, checked. Nothing in it is secret. */
export interface PlatformFacts {
  readonly tunnels: readonly PlatformTunnel[];
  readonly consumers: readonly PlatformConsumer[];
}

/**
 * Derives what the platform's side of a bastion sets.
 *
 * The outputs of a stack come from a file that others can write to, so nothing gets into a setting unchecked.
 *
 * @throws InvalidInputError with all problems at once.
 */
export function platformFacts(description: BastionDescription): PlatformFacts {
  const { host, consumerUser } = description;
  const problems: Problem[] = [
    ...asProblems("host", checkHost(host)),
    ...asProblems("consumerUser", checkLoginUser(consumerUser)),
    ...(["tunnels", "consumers"] as const).flatMap((list) =>
      each<{ readonly name: string }>(list, description[list], ({ name }) => asProblems("name", checkName(name))),
    ),
  ];
  const tunnels = description.tunnels.map((tunnel, index) => attempt(`tunnels[${index}]`, problems, () => readTunnel(tunnel)));
  refuseIfAny(problems);
  const read = tunnels.filter((tunnel) => tunnel !== undefined);
  return {
    tunnels: read.map(({ name, addresses }) => ({ name, addresses })),
    consumers: description.consumers.map((consumer) => describeConsumer(consumer, description, read)),
  };
}

type ReadTunnel = PlatformTunnel & Pick<PlacedTunnel, "bindAddress" | "bindPort">;

function readTunnel({ name, consumerAddresses, remoteForward }: TunnelDescription): ReadTunnel {
  const addresses = consumerAddresses.map((address) => {
    const { host, hostPort } = parseDestination(address);
    return { host, port: hostPort };
  });
  return { name, addresses, ...parseRemoteListener(remoteForward) };
}

function describeConsumer(
  { name, tunnels: names }: PeerDescription,
  { host, sshPort, consumerUser: user }: BastionDescription,
  all: readonly ReadTunnel[],
): PlatformConsumer {
  const tunnels = all.filter((tunnel) => names.includes(tunnel.name));
  const placed = tunnels.map((tunnel) => ({ ...tunnel, requestedBindPort: tunnel.bindPort, destination: undefined }));
  const keyFile = `${name}.key`;
  const login = { host, sshPort, user, identityFile: `./${keyFile}`, knownHostsFile: "./known_hosts" };
  return {
    name,
    endpoint: renderSshUrl(user, { host, sshPort }),
    keyFile,
    tunnels: tunnels.map((tunnel) => ({ name: tunnel.name, host: loopbackHostOf(tunnel.bindAddress), port: tunnel.bindPort })),
    sshConfig: renderConsumerSshConfig(consumerAlias(name), login, placed),
  };
}

/** What a consumer's `ssh_config` calls the bastion: `ssh -N bastion-flow`. */
export function consumerAlias(consumer: string): string {
  return `bastion-${consumer}`;
}

function attempt<T>(path: string, problems: Problem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...problemsAt(path, error.problems));
    return undefined;
  }
}
