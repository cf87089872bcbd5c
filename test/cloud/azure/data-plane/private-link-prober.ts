/**
 * Probes backends of one virtual network: `private-link-prober.ts SOURCE`, in the namespace of its router.
 *
 * Reads on its standard input, one line of JSON each, all targets it has from then on; prints one line of JSON for every
 * probe. Ends when its standard input ends.
 */
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { ProbeAnswer, ProbeTarget } from "./private-link-probes.ts";

const [source] = process.argv.slice(2);
const timers = new Map<string, NodeJS.Timeout>();

process.stdout.once("error", () => process.exit());

for await (const line of createInterface(process.stdin)) {
  const targets = JSON.parse(line) as ProbeTarget[];
  for (const [key, timer] of timers)
    if (!targets.some((target) => target.key === key)) {
      clearInterval(timer);
      timers.delete(key);
    }
  for (const target of targets)
    if (!timers.has(target.key)) {
      probe(target);
      timers.set(
        target.key,
        setInterval(() => probe(target), target.intervalSeconds * 1000),
      );
    }
}
process.exit(0);

/** A backend has until the next probe to take the connection. */
function probe({ key, address, port, intervalSeconds }: ProbeTarget): void {
  const socket = connect({ host: address, port, localAddress: source });
  const report = (hasAnswered: boolean) => {
    socket.destroy();
    process.stdout.write(`${JSON.stringify({ key, hasAnswered } satisfies ProbeAnswer)}\n`);
  };
  socket.setTimeout(intervalSeconds * 1000, () => report(false));
  socket.once("connect", () => report(true));
  socket.once("error", () => report(false));
}
