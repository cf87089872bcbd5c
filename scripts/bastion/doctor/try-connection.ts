import { connect } from "node:net";
import type { ConnectionOutcome } from "../../../components/kit/doctor/diagnose-platform.ts";

/** How long a connection may take, and how long it is then watched for an answer or an end. */
export interface ConnectionPatience {
  readonly connectSeconds: number;
  readonly watchSeconds: number;
}

export interface Connection {
  readonly outcome: ConnectionOutcome;
  /** Address that was connected to, where it came to that. */
  readonly address?: string | undefined;
  /** How long it took to connect. */
  readonly milliseconds?: number | undefined;
}

const WHY: Readonly<Record<string, ConnectionOutcome>> = {
  ECONNREFUSED: { kind: "refused" },
  ECONNRESET: { kind: "closed" },
  ETIMEDOUT: { kind: "timeout" },
  ENOTFOUND: { kind: "name-unknown" },
  EAI_AGAIN: { kind: "name-unknown" },
  EHOSTUNREACH: { kind: "no-route" },
  ENETUNREACH: { kind: "no-route" },
};

/**
 * Opens a connection and watches what becomes of it.
 *
 * @param greeting what is sent first: nothing, or what makes a server speak that waits for its client.
 */
export async function tryConnection(host: string, port: number, patience: ConnectionPatience, greeting = ""): Promise<Connection> {
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<Connection>();
  const socket = connect({ host, port });
  let reached: Omit<Connection, "outcome"> = {};
  let text = "";
  const end = (outcome: ConnectionOutcome) => resolve({ ...reached, outcome });
  const limit = setTimeout(() => end({ kind: "timeout" }), patience.connectSeconds * 1000);
  let watch: NodeJS.Timeout | undefined;
  socket.once("connect", () => {
    clearTimeout(limit);
    reached = { address: socket.remoteAddress, milliseconds: Math.round(performance.now() - began) };
    watch = setTimeout(() => end(text === "" ? { kind: "open" } : { kind: "answered", text }), patience.watchSeconds * 1000);
    if (greeting !== "") socket.write(greeting);
  });
  socket.on("data", (data) => {
    text += data.toString("latin1");
    if (text.includes("\n") || greeting === "") end({ kind: "answered", text });
  });
  socket.once("end", () => end(text === "" ? { kind: "closed" } : { kind: "answered", text }));
  socket.once("error", (error: NodeJS.ErrnoException) => end(reached.milliseconds === undefined ? reasonOf(error) : { kind: "closed" }));
  try {
    return await promise;
  } finally {
    clearTimeout(limit);
    clearTimeout(watch);
    socket.on("error", () => {});
    socket.destroy();
  }
}

/** Where a name has several addresses, the error has one for each. */
function reasonOf(error: NodeJS.ErrnoException): ConnectionOutcome {
  const [first] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error];
  return WHY[first?.code ?? ""] ?? { kind: "no-route" };
}
