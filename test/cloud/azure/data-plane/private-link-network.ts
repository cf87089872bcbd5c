import { mkdirSync, writeFileSync } from "node:fs";
import { feed, run } from "../../machine/command.ts";
import { TRANSIT_LINK } from "./private-link-rules.ts";

/** The address health probes come from, in every virtual network. */
export const PROBE_SOURCE = "168.63.129.16";

/** Addresses between the virtual networks: of routers, and those that stand for endpoints. */
const ROUTERS = "198.51.100";
const ENDPOINTS = "203.0.113";
const HUB = `${ROUTERS}.254`;
/** The router, on each wire to a network interface. */
const GATEWAY = "169.254.100.1";

/**
 * Gives this process, which is in namespaces of its own, a `/run` of its own and makes its network the hub between virtual
 * networks. What is made here is known by name to nobody else, and ends with this process.
 */
export async function makeHub(): Promise<void> {
  await run("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"]);
  mkdirSync("/run/netns");
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  await ip("link", "set", "lo", "up");
  await ip("address", "add", `${HUB}/32`, "dev", "lo");
}

/** The router of one virtual network, in a namespace of its own. */
export class Router {
  readonly #number: number;
  #rules = "";

  private constructor(number: number) {
    this.#number = number;
  }

  /** @param number tells it from the other routers, from 1 on. */
  static async create(number: number): Promise<Router> {
    const router = new Router(number);
    const { namespace } = router;
    const address = router.#address;
    const there = (...args: readonly string[]) => ip("-n", namespace, ...args);
    const link = `router${number}`;
    await ip("netns", "add", namespace);
    await ip("link", "add", link, "type", "veth", "peer", "name", TRANSIT_LINK, "netns", namespace);
    await ip("link", "set", link, "up");
    await ip("route", "add", `${address}/32`, "dev", link);
    await there("link", "set", "lo", "up");
    await there("address", "add", `${PROBE_SOURCE}/32`, "dev", "lo");
    await there("address", "add", `${address}/32`, "dev", TRANSIT_LINK);
    await there("link", "set", TRANSIT_LINK, "up");
    for (const block of [ROUTERS, ENDPOINTS]) await there("route", "add", `${block}.0/24`, "via", HUB, "dev", TRANSIT_LINK, "onlink");
    // What has no way is lost without a word, as in a virtual network.
    await there("route", "add", "blackhole", "default");
    await run("ip", ["netns", "exec", namespace, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
    return router;
  }

  get namespace(): string {
    return `router-${this.#number}`;
  }

  get #address(): string {
    return `${ROUTERS}.${this.#number}`;
  }

  /** Has the hub send what is for an endpoint's transit address here. */
  async take(transitAddress: string): Promise<void> {
    await ip("route", "replace", `${transitAddress}/32`, "via", this.#address, "dev", `router${this.#number}`, "onlink");
  }

  async apply(rules: string): Promise<void> {
    if (rules === this.#rules) return;
    await feed("ip", ["netns", "exec", this.namespace, "nft", "--file", "-"], rules);
    this.#rules = rules;
  }

  /** Makes a network interface's own namespace, and the wire to it. */
  async connect(namespace: string, address: string): Promise<void> {
    const there = (...args: readonly string[]) => ip("-n", namespace, ...args);
    await ip("netns", "add", namespace);
    await ip("-n", this.namespace, "link", "add", namespace, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    await ip("-n", this.namespace, "address", "add", `${GATEWAY}/32`, "dev", namespace);
    await ip("-n", this.namespace, "link", "set", namespace, "up");
    await ip("-n", this.namespace, "route", "add", `${address}/32`, "dev", namespace);
    await there("link", "set", "lo", "up");
    await there("address", "add", `${address}/32`, "dev", "eth0");
    await there("link", "set", "eth0", "up");
    await there("route", "add", GATEWAY, "dev", "eth0");
    await there("route", "add", "default", "via", GATEWAY, "dev", "eth0");
  }
}

/** Ends what runs at a network interface, and removes its namespace; the wire goes with it. */
export async function disconnect(namespace: string): Promise<void> {
  const pids = await run("ip", ["netns", "pids", namespace]);
  for (const pid of pids.split("\n").filter(Boolean)) await run("kill", ["-KILL", pid]).catch(() => {});
  await ip("netns", "delete", namespace);
}

/** The address that stands for an endpoint between the virtual networks. */
export function transitAddress(number: number): string {
  return `${ENDPOINTS}.${number}`;
}

async function ip(...args: readonly string[]): Promise<void> {
  await run("ip", args);
}
