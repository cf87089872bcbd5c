import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

// sink.ts HOST PORT WARM_UP SECONDS: receives for WARM_UP seconds, then counts for SECONDS; prints {"rate":N}, in Gbit/s.
const [host, port, warmUp, seconds] = process.argv.slice(2);
let received = 0;
const socket = connect({
  host: host as string,
  port: Number(port),
  onread: {
    buffer: Buffer.alloc(1 << 18),
    callback: (count) => {
      received += count;
      return true;
    },
  },
});
socket.once("close", () => {
  throw new Error("the source closed the connection");
});

await sleep(Number(warmUp) * 1000);
if (received === 0) throw new Error("nothing came from the source");
received = 0;
const start = performance.now();
await sleep(Number(seconds) * 1000);
const rate = (received * 8) / 1e9 / ((performance.now() - start) / 1000);
process.stdout.write(JSON.stringify({ rate }));
process.exit(0);
