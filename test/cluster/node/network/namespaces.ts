import { feed, run } from "../../../cloud/machine/command.ts";
import { LOAD_BALANCER_BLOCK, NODE_ADDRESS, POD_ROUTER } from "./addresses.ts";

/** The node's network, which is between pods and the outside. The node's own process is not in it: it talks to the API server. */
export const NODE_NETWORK = "node";
/** Name of its interface towards the outside. */
export const OUTSIDE_LINK = "outside";

/** Both ends of the wire between the node and the outside. */
const NODE_END = "169.254.102.1";
const OUTSIDE_END = "169.254.102.2";

/** Makes the node's network. All of it ends with the mount namespace that its name is in. */
export async function makeNodeNetwork(outside: string, serviceBlock: string): Promise<void> {
  await run("ip", ["netns", "add", NODE_NETWORK]);
  // These are the namespace's own, whoever looks.
  await inNetwork(NODE_NETWORK, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
  await ip("link", "set", "lo", "up");
  await ip("address", "add", `${NODE_ADDRESS}/32`, "dev", "lo");
  // What is not sent on from here to a pod is refused here: nothing else has these addresses.
  for (const block of [serviceBlock, LOAD_BALANCER_BLOCK]) await ip("route", "add", "local", block, "dev", "lo");
  await ip("link", "add", OUTSIDE_LINK, "type", "veth", "peer", "name", "cluster", "netns", outside);
  await ip("address", "add", `${NODE_END}/30`, "dev", OUTSIDE_LINK);
  await ip("link", "set", OUTSIDE_LINK, "up");
  const there = (...args: readonly string[]) => run("ip", ["-n", outside, ...args]);
  await there("address", "add", `${OUTSIDE_END}/30`, "dev", "cluster");
  await there("link", "set", "cluster", "up");
  for (const block of [`${NODE_ADDRESS}/32`, LOAD_BALANCER_BLOCK]) await there("route", "add", block, "via", NODE_END);
  await ip("route", "add", "default", "via", OUTSIDE_END);
}

/** Makes the network of a pod, and the wire to it. */
export async function connectPod(network: string, link: string, address: string): Promise<void> {
  const there = (...args: readonly string[]) => run("ip", ["-n", network, ...args]);
  await run("ip", ["netns", "add", network]);
  await ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", network);
  await ip("address", "add", `${POD_ROUTER}/32`, "dev", link);
  await ip("link", "set", link, "up");
  await ip("route", "add", `${address}/32`, "dev", link);
  await there("link", "set", "lo", "up");
  await there("address", "add", `${address}/32`, "dev", "eth0");
  await there("link", "set", "eth0", "up");
  await there("route", "add", "default", "via", POD_ROUTER, "dev", "eth0", "onlink");
}

/** Removes the network of a pod. Its end of the wire takes the other one along. */
export async function disconnectPod(network: string): Promise<void> {
  await run("ip", ["netns", "delete", network]);
}

/** File by which a network is entered. */
export function networkFile(network: string): string {
  return `/run/netns/${network}`;
}

/** Runs a program in a network, and nothing else of it: what it sees of files is the node's. */
export function inNetwork(network: string, program: string, ...args: readonly string[]): Promise<string> {
  return run("nsenter", [`--net=${networkFile(network)}`, program, ...args]);
}

/** Puts rules in force in the node's network. */
export async function loadRules(rules: string): Promise<void> {
  await feed("nsenter", [`--net=${networkFile(NODE_NETWORK)}`, "nft", "--file", "-"], rules);
}

async function ip(...args: readonly string[]): Promise<void> {
  await run("ip", ["-n", NODE_NETWORK, ...args]);
}
