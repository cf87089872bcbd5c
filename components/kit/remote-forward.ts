import { isIPv4 } from "node:net";
import type { BindAddress } from "../core/bastion-spec.ts";
import { type Destination, parseDestination } from "../core/destination.ts";
import { InvalidInputError, quoteForMessage } from "../core/problem.ts";

/** What follows `-R`, taken apart again. */
export interface RemoteForward {
  readonly bindAddress: BindAddress;
  readonly bindPort: number;
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
  const [, address, port, destination = ""] = /^(?:([^:]*):)?(\d{1,5}):(.+)$/s.exec(text) ?? [];
  const bindPort = Number(port);
  if (!(bindPort >= 1 && bindPort <= 65535) || (address !== undefined && !isIPv4(address)))
    throw new InvalidInputError([
      { path: "", reason: `got ${quoteForMessage(text)}; expected a remote forward, such as "0.0.0.0:15000:db:5432"` },
    ]);
  if (destination === NO_DESTINATION) return undefined;
  return { bindAddress: bindAddressOf(address), bindPort, destination: parseDestination(destination) };
}

function bindAddressOf(address: string | undefined): BindAddress {
  if (address === undefined) return { scope: "loopback" };
  return address === "0.0.0.0" ? { scope: "all" } : { scope: "address", address };
}
