import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

// stream.ts FROM HOST PORT: sends random blocks through an echo server without a pause, and compares what comes back. On
// SIGTERM it sends no more, waits for the rest, and prints {"sent":N,"received":N,"identical":true}.
const [from, host, port] = process.argv.slice(2);
const socket = connect({ localAddress: from, host: host as string, port: Number(port) });
const sent = createHash("sha256");
const received = createHash("sha256");
let sentBytes = 0;
let receivedBytes = 0;
let isStopping = false;
let failure: string | undefined;

process.once("SIGTERM", () => {
  isStopping = true;
});
socket.on("error", (error) => {
  failure = error.message;
});
socket.on("data", (data) => {
  received.update(data);
  receivedBytes += data.length;
});
await once(socket, "connect");
process.stdout.write("ready\n");
while (!isStopping && failure === undefined) {
  const block = randomBytes(16_384);
  sent.update(block);
  sentBytes += block.length;
  if (!socket.write(block)) await Promise.race([once(socket, "drain"), once(socket, "close")]);
  // About 1.5 MB/s: enough to lose something, not enough to keep two cores busy.
  await sleep(10);
}
for (let i = 0; i < 200 && receivedBytes < sentBytes && failure === undefined; i += 1) await sleep(50);
process.stdout.write(
  JSON.stringify({ sent: sentBytes, received: receivedBytes, identical: sent.digest("hex") === received.digest("hex"), failure }),
);
process.exit(0);
