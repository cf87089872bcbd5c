/**
 * The machine host of a world: `main.ts WORLD OUTSIDE GROUP RELEASE=FOLDER…`, started by guard.sh.
 *
 * Boots the machines of the world as its resources declare them, on request at `<world>/machines.sock`. OUTSIDE is the
 * network namespace that stands for everything outside of the cloud. Ends when its standard input ends.
 */
import { mkdirSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import { AwsAdaptor } from "../aws/data-plane/adaptor.ts";
import { AzureAdaptor } from "../azure/data-plane/adaptor.ts";
import { GcpAdaptor } from "../gcp/data-plane/adaptor.ts";
import { World } from "../world/world.ts";
import type { CloudAdaptor } from "./cloud-adaptor.ts";
import { listenForRequests } from "./control-socket.ts";
import { MachineHost } from "./host.ts";
import { makeGateway, makePrivateRun } from "./namespace.ts";

/** Clouds by the name of their seeds in a world: a world is of one cloud. */
const CLOUDS: Readonly<Record<string, new (world: World, folder: string) => CloudAdaptor>> = {
  aws: AwsAdaptor,
  gcp: GcpAdaptor,
  azure: AzureAdaptor,
};
/** The watch may miss a change that came while it looked at another. */
const POLL_MS = 1000;

const [folder, outside, group, ...images] = process.argv.slice(2) as [string, string, string, ...string[]];
const world = new World(folder);
const consoles = join(folder, "consoles");

process.stdin.resume().once("end", () => {
  rmSync(world.machineSocket, { force: true });
  process.exit(0);
});

mkdirSync(consoles, { recursive: true });
await makePrivateRun(outside);
const cloud = cloudOf(world);
await makeGateway(outside, cloud.platformAddresses);
mkdirSync("/run/machines");
await cloud.startServices();
const host = new MachineHost(cloud, {
  disks: "/run/machines",
  consoles,
  group,
  images: Object.fromEntries(images.map((image) => image.split("=", 2))),
});
await host.follow();

const follow = () =>
  void host.follow().catch((error: unknown) => {
    process.stderr.write(`machine host: ${error}\n`);
  });
watch(folder, (_event, file) => {
  if (file === "world.json") follow();
});
setInterval(follow, POLL_MS);

await listenForRequests(world.machineSocket, (request) => host.answer(request));
process.stdout.write("ready\n");

function cloudOf(world: World): CloudAdaptor {
  const [name = "", ...others] = Object.keys(world.read().seeds);
  const Adaptor = CLOUDS[name];
  if (Adaptor === undefined || others.length > 0) throw new Error(`${world.folder} has to be a world of one of ${Object.keys(CLOUDS)}`);
  return new Adaptor(world, `/run/${name}`);
}
