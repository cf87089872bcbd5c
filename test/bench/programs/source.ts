import { createServer } from "node:net";

// source.ts HOST PORT: sends without end to whoever connects; prints "ready".
const [host, port] = process.argv.slice(2);
const block = Buffer.alloc(1 << 18);
createServer((socket) => {
  const send = () => {
    while (socket.write(block));
  };
  socket.on("error", () => {});
  socket.on("drain", send);
  send();
}).listen(Number(port), host, () => process.stdout.write("ready\n"));
