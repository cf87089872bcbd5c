import { DEFAULT_BIND_PORT_RANGE, HIGHEST_PORT } from "./bind-port.ts";

/** What a specification means where it is silent. Stated here and nowhere else. */
export const DEFAULTS = {
  sshPort: 2222,
  tunnelUser: "tunnel",
  consumerUser: "consumer",
  bindAddress: "all",
  bindPortRange: DEFAULT_BIND_PORT_RANGE,
  keyGeneration: 1,
  hostKeyGeneration: 1,
} as const;

/** Far enough from sshd's port that bastions side by side on one machine do not meet, and outside the range of bind ports. */
const STATUS_PORT_DISTANCE = 7200;

/** The status port of a specification that names none: it follows sshd's, so that each of several bastions on a machine has its own. */
export function defaultStatusPort(sshPort: number): number {
  const above = sshPort + STATUS_PORT_DISTANCE;
  return above <= HIGHEST_PORT ? above : sshPort - STATUS_PORT_DISTANCE;
}
