import { type Problem, quoteForMessage, refuseIfAny } from "./problem.ts";

/** Bind ports a bastion hands out by itself, both ends included. */
export interface BindPortRange {
  /** @default 15000 */
  readonly first: number;
  /** @default 15999 */
  readonly last: number;
}

export const DEFAULT_BIND_PORT_RANGE: BindPortRange = { first: 15000, last: 15999 };

/** Below are privileged ports, above begins the range the kernel takes outgoing ports from. */
export const LOWEST_PORT = 1024;
export const HIGHEST_PORT = 32767;

/** A tunnel's wish for a bind port. */
export interface BindPortRequest {
  /** The tunnel. */
  readonly name: string;
  /** A port the author insists on; left out, one is allocated. */
  readonly bindPort?: number | undefined;
}

export interface BindPortAllocationInput {
  readonly range: BindPortRange;
  readonly requests: readonly BindPortRequest[];
  /** Ports that no tunnel may have: sshd's own, the status port, and those of other programs on the host. */
  readonly reservedPorts: readonly number[];
  /** The allocation so far, by tunnel. */
  readonly previous: Readonly<Record<string, number>>;
}

/**
 * Gives every tunnel its bind port.
 *
 * - A port the author insists on is taken as it is; if another tunnel holds it, that is an error, since moving
 *   that one would break its customer.
 * - A tunnel that has a port keeps it, whatever is added, removed or reordered around it.
 * - A new tunnel gets the lowest free port. One that has just been freed comes last: its former customer may
 *   still be dialling it.
 *
 * @throws InvalidInputError with paths `tunnels[i].bindPort`.
 */
export function allocateBindPorts(input: BindPortAllocationInput): Record<string, number> {
  const { range, requests, reservedPorts, previous } = input;
  const problems: Problem[] = [];
  const holders = new Map<number, string>();
  const refuse = (index: number, reason: string) => problems.push({ path: `tunnels[${index}].bindPort`, reason });

  const keepers = requests.filter((request) => request.bindPort === undefined);
  for (const { name } of keepers) {
    const port = Object.hasOwn(previous, name) ? previous[name] : undefined;
    if (port !== undefined && !reservedPorts.includes(port)) holders.set(port, name);
  }
  for (const [index, { name, bindPort }] of requests.entries()) {
    if (bindPort === undefined) continue;
    const holder = holders.get(bindPort);
    const reason =
      checkBindPort(bindPort, reservedPorts) ??
      (holder === undefined
        ? undefined
        : `tunnel ${quoteForMessage(name)} asks for ${bindPort}, which tunnel ${quoteForMessage(holder)} has; choose another port`);
    if (reason === undefined) holders.set(bindPort, name);
    else refuse(index, reason);
  }

  const allocated = new Map([...holders].map(([port, name]) => [name, port]));
  const candidates = freePorts(range, new Set([...holders.keys(), ...reservedPorts]), new Set(Object.values(previous)));
  for (const [index, { name, bindPort }] of requests.entries()) {
    if (bindPort !== undefined || allocated.has(name)) continue;
    const port = candidates.next();
    if (port.done)
      refuse(
        index,
        `no port is left for tunnel ${quoteForMessage(name)}: all of ${range.first}–${range.last} are taken; widen bindPortRange`,
      );
    else allocated.set(name, port.value);
  }

  refuseIfAny(problems);
  return Object.fromEntries(requests.map(({ name }) => [name, allocated.get(name) ?? 0]));
}

/** Why a port cannot be a bind port, or `undefined` if it can. */
export function checkBindPort(port: number, reservedPorts: readonly number[]): string | undefined {
  if (!Number.isInteger(port) || port < LOWEST_PORT || port > HIGHEST_PORT)
    return `got ${port}; a bind port is ${LOWEST_PORT}–${HIGHEST_PORT} (below are privileged ports, above the kernel's outgoing ones)`;
  if (reservedPorts.includes(port))
    return `got ${port}, which is reserved (sshd's own port, the status port, or one of reservedPorts); choose another`;
  return undefined;
}

function* freePorts(range: BindPortRange, taken: ReadonlySet<number>, former: ReadonlySet<number>): Generator<number> {
  for (const isFormer of [false, true])
    for (let port = range.first; port <= range.last; port += 1) if (!taken.has(port) && former.has(port) === isFormer) yield port;
}
