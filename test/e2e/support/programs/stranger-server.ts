import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket } from "node:net";

// stranger-server.ts HOST PORT http|penalty|silent|closing: what may answer instead of a bastion, or a data source; prints "ready".
const [host, port, kind = ""] = process.argv.slice(2);
const BEHAVIOURS: Readonly<Record<string, (socket: Socket) => void>> = {
  penalty: (socket) => socket.end("Not allowed at this time\r\n"),
  silent: () => {},
  closing: (socket) => socket.end(),
};
const behaviour = BEHAVIOURS[kind];
const server =
  behaviour === undefined
    ? createHttpServer((_request, response) => response.end())
    : createServer((socket) => {
        socket.on("error", () => {});
        socket.resume();
        behaviour(socket);
      });
server.listen(Number(port), host, () => process.stdout.write("ready\n"));
