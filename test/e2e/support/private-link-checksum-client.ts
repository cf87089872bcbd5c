import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

// private-link-checksum-client.ts HOST PORT BYTES LIMIT_SECONDS: sends random bytes; prints what the server answers with
// `isIntact`, or the error's code, or "timeout".
const [host, port, bytes, limitSeconds] = process.argv.slice(2);
const sent = randomBytes(Number(bytes));
const socket = connect({ host: host as string, port: Number(port) });
const end = (printed: string) => {
  process.stdout.write(printed);
  process.exit();
};
socket.setTimeout(Number(limitSeconds) * 1000, () => end("timeout"));
socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
socket.end(sent);
const answer = JSON.parse(await text(socket)) as { sha256: string };
const isIntact = answer.sha256 === createHash("sha256").update(sent).digest("hex");
end(JSON.stringify({ ...answer, isIntact }));
