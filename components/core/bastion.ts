import type { BastionSpec, BindAddress, GeneratedKeyKind, LoginSpec, PeerSpec, TunnelSpec } from "./bastion-spec.ts";
import type { BindPortRange } from "./bind-port.ts";
import { certificatePrincipalsOf } from "./certificate-login.ts";
import { type CheckOptions, checkBastion } from "./check-bastion.ts";
import { type CidrBlock, parseCidr, renderCidr } from "./cidr.ts";
import { DEFAULTS, defaultStatusPort } from "./defaults.ts";
import { type Destination, parseDestination } from "./destination.ts";
import { parseExpiry } from "./expiry.ts";
import { type Problem, refuseIfAny } from "./problem.ts";
import { type PublicKey, parsePublicKey } from "./public-key.ts";

/** A bastion that has been checked, with every default filled in and every text parsed. */
export interface Bastion {
  readonly sshPort: number;
  /** On loopback, for operators. */
  readonly statusPort: number;
  readonly tunnelUser: string;
  readonly consumerUser: string;
  readonly clientCidrs: readonly CidrBlock[];
  readonly consumerCidrs: readonly CidrBlock[];
  readonly bindPortRange: BindPortRange;
  /** Ports no tunnel may have, sshd's own and the status port among them. */
  readonly reservedPorts: readonly number[];
  readonly tunnels: readonly Tunnel[];
  readonly clients: readonly Peer[];
  readonly consumers: readonly Peer[];
  readonly operators: readonly Peer[];
  /** 1 for the host keys that the bastion was made with. */
  readonly hostKeyGeneration: number;
  readonly announceNextHostKeys: boolean;
  /** Sources that sshd never shuts out. */
  readonly penaltyExemptCidrs: readonly CidrBlock[];
  readonly legacyCiphers: boolean;
}

/** A tunnel. Its bind port is allocated later, where the allocation so far is known. */
export interface Tunnel {
  readonly name: string;
  readonly destination: Destination | undefined;
  readonly requestedBindPort: number | undefined;
  readonly bindAddress: BindAddress;
}

/** A client, a consumer or an operator. */
export interface Peer {
  readonly name: string;
  readonly publicKeys: readonly PublicKey[];
  readonly generateKey: GeneratedKeyKind | undefined;
  /** Keys of authorities whose certificates it may log in with. */
  readonly certificateAuthorities: readonly PublicKey[];
  /** Principals of which such a certificate has to name one. */
  readonly certificatePrincipals: readonly string[];
  /** Generations of the key pairs that are made for it, the present one first; none where its keys are imported. */
  readonly keyGenerations: readonly number[];
  /** Names of its tunnels, in the bastion's order; none for an operator. */
  readonly tunnels: readonly string[];
  readonly sourceCidrs: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number | undefined;
}

/**
 * Checks a specification and fills in what it leaves out.
 *
 * @param targetProblems what is wrong with the settings of its target, to be reported with the rest.
 * @param options what the target has to say about the check.
 * @throws InvalidInputError with all problems at once.
 */
export function parseBastion(spec: BastionSpec, targetProblems: readonly Problem[] = [], options: CheckOptions = {}): Bastion {
  refuseIfAny([...targetProblems, ...checkBastion(spec, options)]);
  const sshPort = spec.sshPort ?? DEFAULTS.sshPort;
  const statusPort = spec.statusPort ?? defaultStatusPort(sshPort);
  const tunnelNames = spec.tunnels.map(({ name }) => name);
  const order = new Map(tunnelNames.map((name, index) => [name, index]));
  return {
    sshPort,
    statusPort,
    tunnelUser: spec.tunnelUser ?? DEFAULTS.tunnelUser,
    consumerUser: spec.consumerUser ?? DEFAULTS.consumerUser,
    clientCidrs: spec.clientCidrs.map(parseCidr),
    consumerCidrs: spec.consumerCidrs.map(parseCidr),
    bindPortRange: spec.bindPortRange ?? DEFAULTS.bindPortRange,
    reservedPorts: [sshPort, statusPort, ...(spec.reservedPorts ?? [])],
    tunnels: spec.tunnels.map(parseTunnel),
    clients: spec.clients.map((client) => parsePeer(client, tunnelNames, order)),
    consumers: (spec.consumers ?? []).map((consumer) => parsePeer(consumer, tunnelNames, order)),
    operators: (spec.operators ?? []).map((operator) => parseLogin(operator, [])),
    hostKeyGeneration: spec.hostKeyGeneration ?? DEFAULTS.hostKeyGeneration,
    announceNextHostKeys: spec.announceNextHostKeys ?? false,
    penaltyExemptCidrs: (spec.penaltyExemptCidrs ?? []).map(parseCidr),
    legacyCiphers: spec.legacyCiphers ?? false,
  };
}

function parseTunnel({ name, destination, bindPort, bindAddress }: TunnelSpec): Tunnel {
  return {
    name,
    destination: destination === undefined ? undefined : parseDestination(destination),
    requestedBindPort: bindPort,
    bindAddress: parseBindAddress(bindAddress ?? DEFAULTS.bindAddress),
  };
}

function parseBindAddress(text: string): BindAddress {
  return text === "all" || text === "loopback" ? { scope: text } : { scope: "address", address: text };
}

function parsePeer(peer: PeerSpec, tunnelNames: readonly string[], order: ReadonlyMap<string, number>): Peer {
  return {
    ...parseLogin(peer, peer.tunnels === undefined ? tunnelNames : inOrder(peer.tunnels, order)),
    certificateAuthorities: (peer.certificateAuthorities ?? []).map(parsePublicKey),
    certificatePrincipals: peer.certificateAuthorities === undefined ? [] : certificatePrincipalsOf(peer),
  };
}

function parseLogin(login: LoginSpec, tunnels: readonly string[]): Peer {
  return {
    name: login.name,
    publicKeys: (login.publicKeys ?? []).map(parsePublicKey),
    generateKey: login.generateKey,
    keyGenerations: keyGenerationsOf(login),
    certificateAuthorities: [],
    certificatePrincipals: [],
    tunnels,
    sourceCidrs: (login.sourceCidrs ?? []).map((cidr) => renderCidr(parseCidr(cidr))),
    expiresAt: login.expiresAt === undefined ? undefined : parseExpiry(login.expiresAt),
  };
}

function keyGenerationsOf({ generateKey, keyGeneration = DEFAULTS.keyGeneration, keepPreviousKey = false }: LoginSpec): number[] {
  if (generateKey === undefined) return [];
  return keepPreviousKey ? [keyGeneration, keyGeneration - 1] : [keyGeneration];
}

/** Names once each, in the order of the bastion's tunnels. */
function inOrder(names: readonly string[], order: ReadonlyMap<string, number>): string[] {
  return [...new Set(names)].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}
