import { createHash } from "node:crypto";
import { createServer } from "node:net";

// private-link-checksum-server.ts HOST PORT NAME: answers what a connection sends, once it has ended, with the address it
// came from, NAME, the digest of what was sent, and the addresses that only ever connected, as a line of JSON; prints
// "ready". Ends with its input.
const [host, port, name] = process.argv.slice(2);
const silent = new Set<string>();
process.stdin.resume().once("end", () => process.exit());
createServer({ allowHalfOpen: true }, (socket) => {
  const digest = createHash("sha256");
  const from = socket.remoteAddress ?? "";
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => digest.update(data));
  socket.on("end", () => {
    if (socket.bytesRead === 0) silent.add(from);
    socket.end(`${JSON.stringify({ from, name, sha256: digest.digest("hex"), silent: [...silent] })}\n`);
  });
}).listen(Number(port), host, () => process.stdout.write("ready\n"));
