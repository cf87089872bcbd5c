import { isIPv4, isIPv6 } from "node:net";
import { InvalidInputError, quoteForMessage } from "./problem.ts";

/** Where a tunnel ends inside the customer's network. */
export interface Destination {
  readonly host: string;
  readonly hostPort: number;
}

const HOST_LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/**
 * Reads `host:port`, with IPv6 addresses in brackets: `db.internal:5432`, `10.0.0.7:3306`, `[2001:db8::7]:5432`.
 *
 * @throws InvalidInputError with an empty path.
 */
export function parseDestination(text: string): Destination {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const [, ipv6, name, port] = match ?? [];
  const host = ipv6 ?? name ?? "";
  const hostPort = Number(port);
  const isHost = ipv6 === undefined ? isIPv4(host) || isHostName(host) : isIPv6(ipv6);
  if (!isHost || !(hostPort >= 1 && hostPort <= 65535))
    throw new InvalidInputError([
      {
        path: "",
        reason: `got ${quoteForMessage(text)}; expected host:port as seen inside the customer's network, such as "db.internal:5432" or "[2001:db8::7]:5432"`,
      },
    ]);
  return { host, hostPort };
}

/** Renders a destination the way `ssh -R` takes it. */
export function renderDestination({ host, hostPort }: Destination): string {
  return isIPv6(host) ? `[${host}]:${hostPort}` : `${host}:${hostPort}`;
}

/** Whether a text can be a DNS name (RFC 1123; underscores are let through, since real networks have them). */
export function isHostName(host: string): boolean {
  return host.length <= 253 && host.split(".").every((label) => HOST_LABEL.test(label)) && !/^[\d.]+$/.test(host);
}
