/** `api-listener.ts ADDRESS PORT`: listens where it is started, and gives the listening socket to its parent. */
import { createServer } from "node:net";

const [host, port] = process.argv.slice(2) as [string, string];
const server = createServer();
server.listen({ host, port: Number(port) }, () => process.send?.("listening", server));
process.once("disconnect", () => process.exit());
