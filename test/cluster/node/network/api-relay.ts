import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { NODE_ADDRESS } from "./addresses.ts";
import { API_SERVER_PORT } from "./api-server.ts";
import { NODE_NETWORK, networkFile } from "./namespaces.ts";

const LISTENER = join(import.meta.dirname, "api-listener.ts");

/**
 * Makes the API server be at the node's address, for pods. It is on loopback of the network that this process is in, and a
 * listening socket stays in the network where it was made, whoever has it.
 *
 * @param server such as `https://127.0.0.1:34567`.
 */
export async function relayApiServer(server: string): Promise<void> {
  const { hostname, port } = new URL(server);
  const listening = await listenAt(NODE_ADDRESS, API_SERVER_PORT);
  listening.on("connection", (pod: Socket) => connectEnds(pod, connect({ host: hostname, port: Number(port) })));
}

/** A socket of the node's network. */
async function listenAt(address: string, port: number): Promise<Server> {
  const program = [`--net=${networkFile(NODE_NETWORK)}`, process.execPath, LISTENER, address, `${port}`];
  const listener = spawn("nsenter", program, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(listener, "exit");
  const [answer, socket] = await Promise.race([once(listener, "message"), ended]);
  if (answer !== "listening") throw new Error(`nobody listens for the API server: the listener ended with ${answer}`);
  listener.disconnect();
  await ended;
  return socket as Server;
}

/** Whichever connection ends or fails, the other one does. */
function connectEnds(pod: Socket, server: Socket): void {
  for (const [from, to] of [
    [pod, server],
    [server, pod],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.once("close", () => to.destroySoon());
  }
}
