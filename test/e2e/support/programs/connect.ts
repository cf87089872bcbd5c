import { connect } from "node:net";

// connect.ts FROM HOST PORT [BYTES]: connects, sends BYTES, and prints what happened: "refused", "timeout", "reset",
// "closed" (without a byte), or "answered " and what came back.
const [from, host, port, bytes = ""] = process.argv.slice(2);
const socket = connect({ localAddress: from, host: host as string, port: Number(port) });
const report = (text: string) => {
  process.stdout.write(text);
  process.exit(0);
};
const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
  ECONNRESET: "reset",
  EHOSTUNREACH: "unreachable",
};
socket.setTimeout(5_000, () => report("timeout"));
socket.once("error", (error: NodeJS.ErrnoException) => report(CODES[error.code ?? ""] ?? String(error)));
socket.once("connect", () => socket.write(bytes));
socket.once("data", (data) => report(`answered ${data.toString("latin1")}`));
socket.once("close", () => report("closed"));
