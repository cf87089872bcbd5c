import { isIPv4 } from "node:net";
import type { BindAddress } from "../core/bastion-spec.ts";
import { type Destination, parseDestination } from "../core/destination.ts";
import { InvalidInputError, quoteForMessage } from "../core/problem.ts";

/** Where a remote forward listens on the bastion. */
export interface RemoteListener {
  readonly bindAddress: BindAddress;
  readonly bindPort: number;
}

/** What follows `-R`, taken apart again. */
export interface RemoteForward extends RemoteListener {
  readonly destination: Destination;
}

/** What `renderRemoteForward` writes for a tunnel whose destination nobody has named. */
const NO_DESTINATION = "DESTINATION:PORT";

/**
 * Reads what follows `-R`: `0.0.0.0:15000:db.internal:5432`. `undefined` when it has no destination.
 *
 * @throws InvalidInputError with an empty path.
 */
export function parseRemoteForward(text: string): RemoteForward | undefined {
  const { destination, ...listener } = takeApart(text);
  return destination === NO_DESTINATION ? undefined : { ...listener, destination: parseDestination(destination) };
}

/**
 * Reads where what follows `-R` listens, whatever its destination.
 *
 * @throws InvalidInputError with an empty path.
 */
export function parseRemoteListener(text: string): RemoteListener {
  const { bindAddress, bindPort } = takeApart(text);
  return { bindAddress, bindPort };
}

function takeApart(text: string): RemoteListener & { readonly destination: string } {
  const [, address, port, destination = ""] = /^(?:([^:]*):)?(\d{1,5}):(.+)$/s.exec(text) ?? [];
  const bindPort = Number(port);
  if (!(bindPort >= 1 && bindPort <= 65535) || (address !== undefined && !isIPv4(address)))
    throw new InvalidInputError([
      { path: "", reason: `got ${quoteForMessage(text)}; expected a remote forward, such as "0.0.0.0:15000:db:5432"` },
    ]);
  return { bindAddress: bindAddressOf(address), bindPort, destination };
}

function bindAddressOf(address: string | undefined): BindAddress {
  if (address === undefined) return { scope: "loopback" };
  return address === "0.0.0.0" ? { scope: "all" } : { scope: "address", address };
}
