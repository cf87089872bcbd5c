import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { HostAnswer, HostRequest } from "./host.ts";

/** Listens on a socket for requests, one line of JSON each, and answers each with one line. */
export async function listenForRequests(path: string, answer: (request: HostRequest) => Promise<HostAnswer>): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    void answerAll(socket, answer);
  });
  server.listen(path);
  await once(server, "listening");
}

async function answerAll(socket: Socket, answer: (request: HostRequest) => Promise<HostAnswer>): Promise<void> {
  for await (const line of createInterface(socket)) socket.write(`${JSON.stringify(await answer(JSON.parse(line) as HostRequest))}\n`);
}
