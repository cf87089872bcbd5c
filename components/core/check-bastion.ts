import { isIPv4 } from "node:net";
import type { BastionSpec, PeerSpec, TunnelSpec } from "./bastion-spec.ts";
import { allocateBindPorts, HIGHEST_PORT, LOWEST_PORT } from "./bind-port.ts";
import { checkAuthoritiesAreDistinct } from "./check-certificates.ts";
import { checkPeer } from "./check-peer.ts";
import { checkCidr, parseCidr } from "./cidr.ts";
import { DEFAULTS, defaultStatusPort } from "./defaults.ts";
import { parseDestination } from "./destination.ts";
import { checkUserName, renderNameForMessage } from "./name.ts";
import type { PartialDeep } from "./partial.ts";
import { type Problem, problemsAt, quoteForMessage } from "./problem.ts";
import { asProblems, each, problemsOf } from "./problem-list.ts";
import { checkPublicKey, parsePublicKey } from "./public-key.ts";
import { checkNames } from "./unique-names.ts";

/**
 * A specification some of whose parts may be missing: what is left of a customer file after those values that
 * are not even of the right type have been reported and taken out.
 */
export type PartialSpec = { readonly [K in keyof BastionSpec]?: PartialDeep<BastionSpec[K]> };

/** What a specification is checked with, beside itself. */
export interface CheckOptions {
  /** Paths of values that were given and taken out; nobody is told that they are missing. */
  readonly unreadable?: ReadonlySet<string> | undefined;
  /** Another way to say who reaches bind ports, where the target has one. */
  readonly otherConsumers?: OtherConsumers | undefined;
}

/** Who reaches bind ports beside `consumerCidrs`, such as the pods of a cluster. */
export interface OtherConsumers {
  /** What to do to have some: "select pods in consumerPods". */
  readonly remedy: string;
  readonly areGiven: boolean;
}

/** Everything that is wrong with a specification. What is missing is passed over: its type is somebody else's business. */
export function checkBastion(spec: PartialSpec, { unreadable = new Set(), otherConsumers }: CheckOptions = {}): Problem[] {
  const tunnelNames = spec.tunnels && new Set(spec.tunnels.flatMap((tunnel) => tunnel?.name ?? []));
  const clientBlocks = (spec.clientCidrs ?? []).flatMap((cidr) =>
    cidr === undefined || checkCidr(cidr) !== undefined ? [] : parseCidr(cidr),
  );
  const checkPeerAt = (list: string) => (peer: PartialDeep<PeerSpec>, index: number) =>
    checkPeer(peer, { tunnelNames, clientBlocks, isUnreadable: (field) => unreadable.has(`${list}[${index}].${field}`) });
  return [
    ...checkCidrs("clientCidrs", spec.clientCidrs, { mayBeEmpty: false }),
    ...checkCidrs("consumerCidrs", spec.consumerCidrs, { mayBeEmpty: true }),
    ...checkCidrs("penaltyExemptCidrs", spec.penaltyExemptCidrs, { mayBeEmpty: true }),
    ...checkUsers(spec),
    ...checkPorts(spec),
    ...checkStatusPort(spec),
    ...checkHostKeyGeneration(spec),
    ...checkNames("tunnels", spec.tunnels),
    ...checkNames("clients", spec.clients),
    ...checkNames("consumers", spec.consumers),
    ...checkNames("operators", spec.operators),
    ...each("tunnels", spec.tunnels, checkTunnel),
    ...each("clients", spec.clients, checkPeerAt("clients")),
    ...each("consumers", spec.consumers, checkPeerAt("consumers")),
    ...each("operators", spec.operators, checkPeerAt("operators")),
    ...checkKeysAreDistinct(spec),
    ...checkAuthoritiesAreDistinct([
      ...peersAt("clients", spec.clients),
      ...peersAt("consumers", spec.consumers),
      ...peersAt("operators", spec.operators),
    ]),
    ...checkExposure(spec, otherConsumers),
    ...checkTunnelsExist(spec),
  ];
}

function checkCidrs(path: string, cidrs: readonly (string | undefined)[] | undefined, { mayBeEmpty }: { mayBeEmpty: boolean }): Problem[] {
  if (cidrs?.length === 0 && !mayBeEmpty)
    return [{ path, reason: 'is empty, so nobody could log in; name the CIDR blocks that may, such as "198.51.100.0/24"' }];
  return each(path, cidrs, (cidr) => asProblems("", checkCidr(cidr)));
}

function checkUsers({ tunnelUser, consumerUser }: PartialSpec): Problem[] {
  const problems = [
    ...(tunnelUser === undefined ? [] : asProblems("tunnelUser", checkUserName(tunnelUser))),
    ...(consumerUser === undefined ? [] : asProblems("consumerUser", checkUserName(consumerUser))),
  ];
  if ((tunnelUser ?? DEFAULTS.tunnelUser) === (consumerUser ?? DEFAULTS.consumerUser))
    problems.push({
      path: "consumerUser",
      reason: `clients and consumers cannot share the user ${quoteForMessage(consumerUser ?? DEFAULTS.consumerUser)}; give consumers one of their own`,
    });
  return problems;
}

function checkPorts({ sshPort, statusPort, bindPortRange, reservedPorts, tunnels }: PartialSpec): Problem[] {
  const problems: Problem[] = [];
  if (sshPort !== undefined && !isPort(sshPort))
    problems.push({
      path: "sshPort",
      reason: `got ${sshPort}; allowed is ${LOWEST_PORT}–${HIGHEST_PORT}, usually 2222 (22 is left to the host's own sshd)`,
    });

  const range = {
    first: bindPortRange?.first ?? DEFAULTS.bindPortRange.first,
    last: bindPortRange?.last ?? DEFAULTS.bindPortRange.last,
  };
  const isRange = isPort(range.first) && isPort(range.last) && range.first <= range.last;
  if (!isRange)
    problems.push({
      path: "bindPortRange",
      reason: `got ${range.first}–${range.last}; expected two ports within ${LOWEST_PORT}–${HIGHEST_PORT}, the lower one first`,
    });

  const sshdPort = sshPort ?? DEFAULTS.sshPort;
  const reserved = [sshdPort, statusPort ?? defaultStatusPort(sshdPort), ...(reservedPorts ?? []).filter((port) => port !== undefined)];
  const requests = (tunnels ?? []).map((tunnel, i) => ({ name: tunnel?.name ?? `#${i}`, bindPort: tunnel?.bindPort }));
  const input = { range: isRange ? range : DEFAULTS.bindPortRange, requests, reservedPorts: reserved, previous: {} };
  return [...problems, ...problemsOf(() => allocateBindPorts(input))];
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= LOWEST_PORT && port <= HIGHEST_PORT;
}

function checkStatusPort({ sshPort = DEFAULTS.sshPort, statusPort, reservedPorts }: PartialSpec): Problem[] {
  const taken = (port: number) => (reservedPorts?.includes(port) ? "one of reservedPorts, and so another program's" : undefined);
  if (statusPort === undefined) {
    const port = defaultStatusPort(sshPort);
    return asProblems("statusPort", taken(port) && `is ${port} unless it is given, and that is ${taken(port)}; name a free port`);
  }
  if (!isPort(statusPort)) return [{ path: "statusPort", reason: `got ${statusPort}; allowed is ${LOWEST_PORT}–${HIGHEST_PORT}` }];
  const owner = statusPort === sshPort ? "sshd's own port" : taken(statusPort);
  return asProblems("statusPort", owner && `got ${statusPort}, which is ${owner}; name a free port`);
}

function checkHostKeyGeneration({ hostKeyGeneration: generation }: PartialSpec): Problem[] {
  if (generation === undefined || (Number.isSafeInteger(generation) && generation >= DEFAULTS.hostKeyGeneration)) return [];
  return [
    { path: "hostKeyGeneration", reason: `got ${generation}; the first host keys are 1, and each change of them counts it up by one` },
  ];
}

function checkTunnel({ destination, bindAddress }: PartialDeep<TunnelSpec>): Problem[] {
  return [
    ...(destination === undefined
      ? []
      : problemsAt(
          "destination",
          problemsOf(() => parseDestination(destination)),
        )),
    ...(bindAddress === undefined ? [] : asProblems("bindAddress", checkBindAddress(bindAddress))),
  ];
}

function checkBindAddress(text: string): string | undefined {
  if (text === "all" || text === "loopback") return undefined;
  if (!isIPv4(text)) return `got ${quoteForMessage(text)}; allowed is "all", "loopback" or one IPv4 address of the bastion`;
  if (text === "0.0.0.0") return 'got "0.0.0.0"; write "all"';
  return text.startsWith("127.") ? `got ${quoteForMessage(text)}; write "loopback"` : undefined;
}

function checkKeysAreDistinct({ clients, consumers, operators }: PartialSpec): Problem[] {
  const owners = new Map<string, string>();
  const claim = (path: string, peers: typeof clients) =>
    each(path, peers, (peer, index) =>
      each("publicKeys", peer.publicKeys, (text, keyIndex) => {
        if (checkPublicKey(text) !== undefined) return [];
        const { fingerprint } = parsePublicKey(text);
        const here = `${path}[${index}].publicKeys[${keyIndex}]`;
        const owner = owners.get(fingerprint);
        if (owner === undefined) owners.set(fingerprint, here);
        return asProblems("", owner && `is the same key as ${owner} (${fingerprint}); one key belongs to one client, consumer or operator`);
      }),
    );
  return [...claim("clients", clients), ...claim("consumers", consumers), ...claim("operators", operators)];
}

function peersAt(list: string, peers: PartialSpec["clients"]) {
  return (peers ?? []).flatMap((peer, index) => (peer === undefined ? [] : [{ path: `${list}[${index}]`, peer }]));
}

function checkExposure({ consumerCidrs, tunnels }: PartialSpec, others: OtherConsumers | undefined): Problem[] {
  const exposed = (tunnels ?? []).flatMap((tunnel) =>
    tunnel?.name === undefined || tunnel.bindAddress === "loopback" ? [] : renderNameForMessage(tunnel.name),
  );
  if (consumerCidrs?.length !== 0 || exposed.length === 0 || others?.areGiven === true) return [];
  const remedies = ["name the CIDR blocks that may", ...(others === undefined ? [] : [others.remedy])];
  const remedy = `${remedies.join(", ")}, or set "bindAddress: loopback" on the tunnels`;
  return [{ path: "consumerCidrs", reason: `is empty, so nobody could reach ${exposed.join(", ")}; ${remedy}` }];
}

function checkTunnelsExist({ tunnels, clients, consumers }: PartialSpec): Problem[] {
  if (tunnels?.length !== 0 || (clients ?? []).length + (consumers ?? []).length === 0) return [];
  return [{ path: "tunnels", reason: "is empty, so the clients could log in for nothing; add a tunnel, or remove the clients" }];
}
