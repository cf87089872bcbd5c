import { connect } from "node:net";
import { percentile } from "../statistics.ts";

// connects.ts HOST PORT COUNT SECONDS: one connection after another to an echo server, each until its one byte has come
// back; at most COUNT, and no new one after SECONDS. Prints {"p50":N,"p99":N}, in ms.
const [host, port, count, seconds] = process.argv.slice(2);
const samples: number[] = [];
const start = performance.now();
while (samples.length < Number(count) && performance.now() - start < Number(seconds) * 1000) samples.push(await echoTime());
process.stdout.write(JSON.stringify({ p50: percentile(samples, 50), p99: percentile(samples, 99) }));

function echoTime(): Promise<number> {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const socket = connect({ host: host as string, port: Number(port), noDelay: true });
    const refuse = (reason: string) => {
      socket.destroy();
      reject(new Error(`${host}:${port}: ${reason}`));
    };
    socket.setTimeout(10_000, () => refuse("no echo within 10 s"));
    socket.once("error", (error) => refuse(error.message));
    socket.once("end", () => refuse("closed without an echo"));
    socket.once("connect", () => socket.write("x"));
    socket.once("data", () => {
      resolve(performance.now() - begin);
      socket.destroy();
    });
  });
}
