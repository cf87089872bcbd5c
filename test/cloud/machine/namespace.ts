import { mkdirSync, writeFileSync } from "node:fs";
import { type MachineDeclaration, METADATA_ADDRESS, SERVICE_ADDRESS } from "./cloud-adaptor.ts";
import { run } from "./command.ts";
import { OUTSIDE_LINK } from "./firewall.ts";

/** Both ends of the wire between the gateway and the network of the test. */
const GATEWAY = "169.254.100.1";
const OUTSIDE = "169.254.100.2";
/** The gateway on the wire to a machine, and towards the outside. */
const GATEWAY_IPV6 = "fe80::1";
const OUTSIDE_IPV6 = "fe80::2";
/** Where the test's network sends what is not its own: public addresses of machines, and private ones for consumers inside. */
const CLOUD_BLOCKS = ["192.0.2.128/25", "10.0.0.0/8", "172.16.0.0/12"];

/**
 * Gives this process, which is in namespaces of its own, a `/run` of its own: networks that are made here are known by name
 * to nobody else, and end with this process.
 */
export async function makePrivateRun(outside: string): Promise<void> {
  await run("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt"]);
  mkdirSync("/mnt/netns");
  writeFileSync(`/mnt/netns/${outside}`, "");
  await run("mount", ["--bind", `/run/netns/${outside}`, `/mnt/netns/${outside}`]);
  await run("mount", ["--no-mtab", "--move", "/mnt", "/run"]);
}

/**
 * Makes this process's network the gateway between machines and the network of the test.
 *
 * @param platformAddresses where the cloud has services beside those that every cloud has.
 */
export async function makeGateway(outside: string, platformAddresses: readonly string[]): Promise<void> {
  for (const family of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]) writeFileSync(`/proc/sys/net/${family}`, "1");
  await ip("link", "set", "lo", "up");
  for (const address of [METADATA_ADDRESS, SERVICE_ADDRESS, ...platformAddresses]) await ip("address", "add", `${address}/32`, "dev", "lo");
  await ip("link", "add", OUTSIDE_LINK, "type", "veth", "peer", "name", "cloud", "netns", outside);
  await ip("address", "add", `${GATEWAY}/30`, "dev", OUTSIDE_LINK);
  await ip("address", "add", `${GATEWAY_IPV6}/64`, "dev", OUTSIDE_LINK, "nodad");
  await ip("link", "set", OUTSIDE_LINK, "up");
  const there = (...args: readonly string[]) => ip("-n", outside, ...args);
  await there("address", "add", `${OUTSIDE}/30`, "dev", "cloud");
  await there("address", "add", `${OUTSIDE_IPV6}/64`, "dev", "cloud", "nodad");
  await there("link", "set", "cloud", "up");
  for (const block of CLOUD_BLOCKS) await there("route", "add", block, "via", GATEWAY);
  await there("-6", "route", "add", "default", "via", GATEWAY_IPV6, "dev", "cloud");
  await ip("route", "add", "default", "via", OUTSIDE);
  await ip("-6", "route", "add", "default", "via", OUTSIDE_IPV6, "dev", OUTSIDE_LINK);
}

/** Makes the network namespace of a machine, and the wire to it. */
export async function connectMachine(machine: MachineDeclaration, link: string): Promise<void> {
  const { id, address, router, interfaceName, ipv6Address } = machine;
  const there = (...args: readonly string[]) => ip("-n", id, ...args);
  await ip("netns", "add", id);
  await ip("link", "add", link, "type", "veth", "peer", "name", interfaceName, "address", machine.mac, "netns", id);
  writeFileSync(`/proc/sys/net/ipv4/conf/${link}/proxy_arp`, "1");
  await ip("address", "add", `${router}/32`, "dev", link);
  await ip("address", "add", `${GATEWAY_IPV6}/64`, "dev", link, "nodad");
  await ip("link", "set", link, "up");
  await there("link", "set", "lo", "up");
  await there("address", "add", `${address}/${machine.prefixLength}`, "dev", interfaceName);
  await there("link", "set", interfaceName, "up");
  await there("route", "add", "default", "via", router, "dev", interfaceName, "onlink");
  await there("route", "add", METADATA_ADDRESS, "dev", interfaceName);
  await ip("route", "add", `${address}/32`, "dev", link);
  if (ipv6Address === undefined) return;
  await there("address", "add", `${ipv6Address}/128`, "dev", interfaceName, "nodad");
  await there("-6", "route", "add", "default", "via", GATEWAY_IPV6, "dev", interfaceName);
  await ip("-6", "route", "add", `${ipv6Address}/128`, "dev", link);
}

/** Removes the network namespace of a machine. Its end of the wire takes the other one along. */
export async function disconnectMachine(id: string): Promise<void> {
  await ip("netns", "delete", id);
}

async function ip(...args: readonly string[]): Promise<void> {
  await run("ip", args);
}
