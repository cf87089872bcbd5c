/**
 * The private link host of a world: `private-link-main.ts WORLD`, started by guard.sh.
 *
 * Makes the virtual networks of the world with a namespace for every network interface that has no machine, and says at
 * `<world>/private-link.sock` which namespace that is. Ends when its standard input ends.
 */
import { rmSync, watch } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { World } from "../../world/world.ts";
import { PrivateLinkHost } from "./private-link-host.ts";
import { makeHub } from "./private-link-network.ts";

/** The watch may miss a change that came while it looked at another. */
const POLL_MS = 1000;

const [folder] = process.argv.slice(2) as [string];
const socket = join(folder, "private-link.sock");

process.stdin.resume().once("end", () => {
  rmSync(socket, { force: true });
  process.exit(0);
});

await makeHub();
const host = new PrivateLinkHost(new World(folder));
await host.follow();

const follow = () =>
  void host.follow().catch((error: unknown) => {
    process.stderr.write(`private link host: ${error}\n`);
  });
watch(folder, (_event, file) => {
  if (file === "world.json") follow();
});
setInterval(follow, POLL_MS);

createServer((connection) => {
  connection.on("error", () => connection.destroy());
  createInterface(connection).on("line", (interfaceId) => connection.write(`${host.namespaceOf(interfaceId) ?? ""}\n`));
}).listen(socket, () => process.stdout.write("ready\n"));
