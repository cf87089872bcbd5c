import { createServer } from "node:net";

// echo-server.ts HOST PORT [PREFIX]: gives every connection back what it sends, behind PREFIX; prints "ready".
const [host, port, prefix = ""] = process.argv.slice(2);
createServer((socket) => {
  socket.on("error", () => {});
  if (prefix !== "") socket.write(prefix);
  socket.pipe(socket);
}).listen(Number(port), host, () => process.stdout.write("ready\n"));
