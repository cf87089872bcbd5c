import { DEFAULT_BIND_PORT_RANGE } from "./bind-port.ts";

/** What a specification means where it is silent. Stated here and nowhere else. */
export const DEFAULTS = {
  sshPort: 2222,
  tunnelUser: "tunnel",
  consumerUser: "consumer",
  bindAddress: "all",
  bindPortRange: DEFAULT_BIND_PORT_RANGE,
} as const;
