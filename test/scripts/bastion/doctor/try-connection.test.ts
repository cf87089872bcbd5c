import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { tryConnection } from "../../../../scripts/bastion/doctor/try-connection.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that does something with each connection; gives its port. */
async function serve(behaviour: (socket: Socket) => void): Promise<number> {
  const server = createServer(behaviour);
  servers.push(server);
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  return (server.address() as { readonly port: number }).port;
}

const PATIENCE = { connectSeconds: 60, watchSeconds: 60 };
const outcomeOf = async (port: number, patience = PATIENCE, greeting = "") =>
  (await tryConnection("127.0.0.1", port, patience, greeting)).outcome;

test("says what a server answers, also one that waits for its client", async () => {
  expect(await outcomeOf(await serve((socket) => socket.write("220 ready\r\n")))).toEqual({ kind: "answered", text: "220 ready\r\n" });
  const waiting = await serve((socket) => socket.once("data", (data) => socket.end(`got ${data}`)));
  expect(await outcomeOf(waiting, PATIENCE, "hello\r\n")).toEqual({ kind: "answered", text: "got hello\r\n" });
});

test("tells one that closes, and one that resets, from one that stays", async () => {
  expect(await outcomeOf(await serve((socket) => socket.end()))).toEqual({ kind: "closed" });
  expect(await outcomeOf(await serve((socket) => socket.resetAndDestroy()))).toEqual({ kind: "closed" });
  expect(await outcomeOf(await serve((socket) => socket.unref()), { ...PATIENCE, watchSeconds: 0.05 })).toEqual({ kind: "open" });
});

test("names a port where nobody listens, and a name that nobody has", async () => {
  const port = await serve(() => {});
  await new Promise((closed) => servers.pop()?.close(closed));
  expect(await outcomeOf(port)).toEqual({ kind: "refused" });
  expect((await tryConnection("bastion.invalid", 1, PATIENCE)).outcome).toEqual({ kind: "name-unknown" });
});
